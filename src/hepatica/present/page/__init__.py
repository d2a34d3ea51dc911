"""The page: templates, style, and what is put into them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hepatica.present.content import Figure, Points, ReportContent
from hepatica.present.format import THIN_SPACE, format_value
from hepatica.present.listings import Listing
from hepatica.present.page.style import style
from hepatica.present.spans import spans_html
from hepatica.present.table import Table, table_html
from hepatica.results import ResultRow

#: Rows that the page lists below a table or figure; the result files hold all of them.
MAX_ROWS = 400

#: Longest listing on the page; a longer one stands in its file alone.
MAX_LISTED = 400

#: Longest table that print keeps on one page.
MAX_WHOLE = 36

_ById = dict[str, ResultRow]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows behind a table or figure: those listed, and how many more there are."""

    listed: tuple[ResultRow, ...]
    more: int


def render_report(content: ReportContent, traced: tuple[int, int]) -> str:
    """Return the page.

    Parameters
    ----------
    content : ReportContent
        What it shows.
    traced : tuple of int
        Printed numbers that lead to a row, and all printed numbers.
    """
    sections = _sections(content)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            content=content,
            cover=content.cover,
            sections=sections,
            contents=_contents(sections),
            style=Markup(style(content.cover)),  # noqa: S704 (own text, escaped where it is not)
            traced=traced,
        )
    )


@cache
def environment() -> Environment:
    """Return the templates, with the filters that they share."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "spans": spans_html,
        "url": quote,
        "place": lambda share: f"{100 * share:.2f}%",
        "count": lambda n: format_value(float(n), "integer"),
        "raw_value": _raw_value,
        "thin": lambda text: text.replace(",", THIN_SPACE),
    }
    return environment


def _raw_value(row: ResultRow) -> str:
    """Return the value of a row in full precision, or why there is none."""
    if row.status != "ok":
        return row.message or row.status.replace("_", " ")
    if row.value is None:
        return row.text
    return f"{row.value:.10g}"


def _sections(content: ReportContent) -> list[dict[str, object]]:
    tables = figures = listings = 0
    by_id = {row.id: row for row in content.results}
    found: list[dict[str, object]] = []
    for section in content.sections:
        blocks: list[dict[str, object]] = []
        for block in section.blocks:
            if isinstance(block, Table):
                tables += 1
                blocks.append(_table_block(by_id, block, tables))
            elif isinstance(block, Figure):
                figures += 1
                blocks.append(_figure_block(by_id, block, figures))
            elif isinstance(block, Listing):
                listings += 1
                blocks.append(_listing_block(block, listings))
            elif isinstance(block, Points):
                name = f"{section.id}-points-{len(blocks)}"
                blocks.append({"kind": "points", "id": name, "points": block, "short": block.title})
            elif block:
                blocks.append({"kind": "prose", "spans": block})
        if blocks:
            found.append({"id": section.id, "title": section.title, "blocks": blocks})
    return found


def _table_block(by_id: _ById, table: Table, position: int) -> dict[str, object]:
    return {
        "kind": "table",
        "id": f"table-{position}",
        "table": table,
        "html": table_html(table, number=f"Table {position}."),
        "rows": _rows_behind(by_id, table.row_ids),
        "short": table.short or table.title,
        "title": table.title,
        "whole": len(table.rows) <= MAX_WHOLE,
    }


def _figure_block(by_id: _ById, figure: Figure, position: int) -> dict[str, object]:
    wide, narrow = figure.wide, figure.narrow
    return {
        "kind": "figure",
        "id": f"figure-{position}",
        "number": f"Figure {position}.",
        "title": figure.title or wide.title,
        "wide": wide,
        "wide_svg": Markup(wide.page_svg),  # noqa: S704 (drawings escape their own text)
        "narrow_svg": Markup(narrow.page_svg) if narrow is not None else None,  # noqa: S704
        "rows": _rows_behind(by_id, wide.row_ids),
        "short": figure.short,
    }


def _listing_block(listing: Listing, position: int) -> dict[str, object]:
    return {
        "kind": "listing",
        "id": f"listing-{position}",
        "number": f"Listing {position}.",
        "listing": listing,
        "shown": 0 < len(listing.rows) <= MAX_LISTED,
        "short": listing.title,
    }


def _rows_behind(by_id: _ById, ids: tuple[str, ...]) -> _Rows:
    rows = tuple(by_id[name] for name in ids if name in by_id)
    return _Rows(rows[:MAX_ROWS], max(0, len(rows) - MAX_ROWS))


def _told_apart(blocks: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return entries of one section; where two have the same name, the titles tell them apart.

    Of a title the words before its first comma, which say what and by what; the whole title where
    these are the same again.
    """
    named = [block for block in blocks if block.get("short")]
    for wanted in (lambda title: title.split(", ")[0], str):
        count = Counter(block["short"] for block in named)
        named = [
            block | {"short": wanted(str(block["title"]))}
            if count[block["short"]] > 1 and block.get("title")
            else block
            for block in named
        ]
    return [{"id": block["id"], "title": block["short"]} for block in named]


def _contents(sections: list[dict[str, object]]) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = [{"id": "key-results", "title": "Key results", "below": []}]
    for section in sections:
        blocks = section["blocks"]
        below = _told_apart(blocks if isinstance(blocks, list) else [])
        entries.append({"id": section["id"], "title": section["title"], "below": below})
    entries.append({"id": "methods", "title": "Methods", "below": []})
    entries.append({"id": "provenance", "title": "Provenance", "below": []})
    return entries
