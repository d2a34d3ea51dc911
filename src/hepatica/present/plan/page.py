"""A document as one HTML page, in the look of the reports."""

from __future__ import annotations

from markupsafe import Markup

from hepatica.present.content import Figure, Points
from hepatica.present.page import environment
from hepatica.present.page.style import style
from hepatica.present.plan.document import Document
from hepatica.present.table import Table, table_html


def document_html(document: Document) -> str:
    """Return a document as one HTML file that needs no network and no script."""
    tables = figures = 0
    sections: list[dict[str, object]] = []
    for number, section in enumerate(document.sections, start=1):
        blocks: list[dict[str, object]] = []
        for block in section.blocks:
            if isinstance(block, Table):
                tables += 1
                html = table_html(block, number=f"Table {tables}.")
                blocks.append(
                    {"kind": "table", "id": f"table-{tables}", "table": block, "html": html}
                )
            elif isinstance(block, Points):
                name = f"{section.id}-points-{len(blocks)}"
                blocks.append({"kind": "points", "id": name, "points": block})
            elif isinstance(block, Figure):
                figures += 1
                blocks.append(_figure(block, figures))
            else:
                blocks.append({"kind": "prose", "spans": block})
        sections.append({"id": section.id, "title": f"{number} {section.title}", "blocks": blocks})
    contents = [{"id": one["id"], "title": one["title"], "below": []} for one in sections]
    return (
        environment()
        .get_template("document.html.j2")
        .render(
            cover=document.cover,
            sections=sections,
            contents=contents,
            style=Markup(style(document.cover)),  # noqa: S704 (own text, escaped where it is not)
        )
    )


def _figure(figure: Figure, number: int) -> dict[str, object]:
    narrow = figure.narrow or figure.wide
    return {
        "kind": "figure",
        "id": f"figure-{number}",
        "number": f"Figure {number}.",
        "title": figure.title or figure.wide.title,
        "wide": figure.wide,
        "wide_svg": Markup(figure.wide.page_svg),  # noqa: S704 (drawings escape their own text)
        "narrow_svg": Markup(narrow.page_svg),  # noqa: S704
    }
