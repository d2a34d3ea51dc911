"""The report: one page that needs nothing else, and whose every number leads to a row."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rows_report import failed, protocol, results

from hepatica.present.content import Figure, InputFile, Provenance, ReportContent
from hepatica.present.figures.canvas import Drawing
from hepatica.present.report import numbers_traced, report_content, report_html
from hepatica.protocol import Protocol
from hepatica.results import ResultRow, Results

HOSTILE = '"><script>alert(1)</script>&'
VOID = {"meta", "link", "input", "br", "img", "path", "circle"}


def drawing(name: str, width: float, rows: tuple[str, ...] = ()) -> Drawing:
    """Return a drawing that is only a frame."""
    svg = f'<svg viewBox="0 0 {10 * width:g} 500" role="img" aria-label="Frame"><g/></svg>'
    return Drawing(name, "Overall survival", width, 50, svg, svg, b"", "A frame.", rows)


def figure(rows: Results) -> Figure:
    ids = tuple(one.id for one in rows if one.analysis == "overall-survival")
    wide, narrow = drawing("km-os", 180, ids), drawing("km-os-85mm", 85, ids)
    return Figure(wide, narrow, "Overall survival, full analysis set", "Overall survival")


def provenance(**changes: object) -> Provenance:
    told = Provenance(
        inputs=(InputFile("ADSL", "adsl.csv", 50, "ab" * 32),),
        checks=123,
        notes=1,
        hepatica_version="0.1.0",
        python_version="3.12.1",
        protocol_sha256="cd" * 32,
        set_aside=("ADTTE: 2 of 150 rows lie after the data cut-off and were set aside.",),
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def content(rows: Results | None = None, plan: Protocol | None = None) -> ReportContent:
    rows = rows or results()
    return report_content(
        plan or protocol(), rows, {"overall-survival": figure(rows)}, provenance()
    )


class Page(HTMLParser):
    """What a page is made of, read without a browser."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.rows: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.headings: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes += list(found.items())
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        if "data-row" in found:
            self.rows.append(found["data-row"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


def test_the_page_is_well_formed_and_its_ids_are_unique() -> None:
    page = Page(report_html(content()))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_links_inside_the_page_lead_somewhere_and_files_are_relative() -> None:
    page = Page(report_html(content()))
    inside = [link[1:] for link in page.links if link.startswith("#")]
    assert len(inside) > 20
    assert set(inside) <= set(page.ids)
    files = [link for link in page.links if not link.startswith("#")]
    assert files
    assert all(re.fullmatch(r"(tables|figures)/[\w.-]+\.(csv|svg|png)", one) for one in files)
    named = {f"tables/{table.id}.csv" for table in content().tables()}
    assert named == {one for one in files if one.startswith("tables")}
    assert len(named) == len(list(content().tables()))


def test_sections_follow_each_other_and_empty_ones_are_left_out() -> None:
    headings = [
        "Key results", "Patients", "Efficacy", "Safety", "Methods", "Provenance",
    ]  # fmt: skip
    assert Page(report_html(content())).headings == headings
    plan = protocol()
    fewer = tuple(one for one in plan.analyses if one.id != "adverse-events")
    page = Page(report_html(content(plan=plan.model_copy(update={"analyses": fewer}))))
    assert page.headings == [one for one in headings if one != "Safety"]
    assert "#safety" not in page.links


def test_tables_and_figures_are_numbered_in_order() -> None:
    html = report_html(content())
    tables = [int(n) for n in re.findall(r"<b>Table (\d+)\.</b>", html)]
    assert tables == list(range(1, 7))
    assert re.findall(r"<b>Figure (\d+)\.</b>", html) == ["1"]


def test_every_printed_row_id_exists_and_every_number_is_traced() -> None:
    rows = results()
    page = Page(report_html(content(rows)))
    assert len(page.rows) > 300
    assert set(page.rows) <= {one.id for one in rows}
    traced, printed = numbers_traced(content(rows))
    assert traced == printed > 300
    assert f"{traced} of {printed}" in report_html(content(rows))


def test_a_number_without_its_row_is_counted_as_untraced() -> None:
    shown = content()
    fewer = Results(one for one in shown.results if one.variable != "sex")
    traced, printed = numbers_traced(replace(shown, results=fewer))
    assert printed - traced == 12  # two levels, three columns, count and percent
    assert "✗" in report_html(replace(shown, results=fewer))


# --- status ----------------------------------------------------------------------------------


def test_constructed_patients_are_called_so_first_and_last() -> None:
    html = report_html(content())
    note = protocol().study.status_note
    banner = f'<div class="status" role="status"><p><b>Constructed patients.</b> {note}</p></div>'
    assert html.index(banner) < html.index("<h1>")
    assert f"<b>Constructed patients.</b> {note}" in html[html.index("<footer") :]
    assert "ALTER-0802, constructed" in html
    assert r"Constructed patients\2e " in html  # the running foot of print


def test_final_data_carry_no_status() -> None:
    study = protocol().study.model_copy(update={"data_status": "confirmed", "status_note": ""})
    html = report_html(content(plan=protocol().model_copy(update={"study": study})))
    assert 'role="status"' not in html
    assert "onstructed" not in html


# --- what fails ------------------------------------------------------------------------------


def test_a_failing_analysis_is_marked_at_the_top_and_in_its_place() -> None:
    reason = "There is no ADAE table. Add it under data.tables."
    html = report_html(content(failed("adverse-events", reason)))
    assert "1 of 6 analyses could not be carried out" in html
    assert html.count(reason) == 2
    assert html.index(reason) < html.index('<section id="patients"')
    assert "Progression-free survival at 12 weeks was" in html


def test_a_report_without_any_result_still_says_so() -> None:
    rows = results()
    for analysis in protocol().analyses:
        rows = failed(analysis.id, "No patient is in the analysis set.", rows)
    html = report_html(report_content(protocol(), rows))
    assert "6 of 6 analyses could not be carried out" in html
    assert 'class="cards"' not in html
    Page(html)


# --- safety ----------------------------------------------------------------------------------


def _hostile(one: ResultRow) -> ResultRow:
    return replace(
        one,
        variable_level=one.variable_level + HOSTILE
        if one.variable == "any"
        else one.variable_level,
        method=one.method + HOSTILE,
        unit=one.unit + HOSTILE,
        message=HOSTILE,
    )


def test_hostile_texts_are_escaped_everywhere() -> None:
    plan = protocol()
    study = plan.study.model_copy(
        update={
            "id": HOSTILE, "title": HOSTILE, "design": HOSTILE, "registry": HOSTILE,
            "status_note": HOSTILE, "version": HOSTILE,
        }
    )  # fmt: skip
    arms = tuple(one.model_copy(update={"description": HOSTILE}) for one in plan.arms)
    endpoints = tuple(one.model_copy(update={"label": HOSTILE}) for one in plan.endpoints)
    plan = plan.model_copy(update={"study": study, "arms": arms, "endpoints": endpoints})
    rows = Results([_hostile(one) for one in results()])
    rows = failed("response", HOSTILE, rows)
    shown = replace(
        drawing(HOSTILE, 180, tuple(one.id for one in rows)[:5]), title=HOSTILE, alt=HOSTILE
    )
    told = provenance(
        inputs=(InputFile(HOSTILE, HOSTILE, 1, HOSTILE),),
        set_aside=(HOSTILE,),
        hepatica_version=HOSTILE,
        python_version=HOSTILE,
        protocol_sha256=HOSTILE,
    )
    figures = {"overall-survival": Figure(shown, None, HOSTILE, HOSTILE)}
    html = report_html(report_content(plan, rows, figures, told))
    assert "<script" not in html
    page = Page(html)
    assert "script" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert html.count("</style>") == 1
    assert 'href="figures/%22%3E%3Cscript' in html


def test_nothing_is_loaded_and_nothing_runs() -> None:
    html = report_html(content())
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'content="{policy.replace(chr(39), "&#39;")}"' in html or f'content="{policy}"' in html
    page = Page(html)
    assert not {"script", "iframe", "object", "embed", "form"} & set(page.tags)
    assert not [value for name, value in page.attributes if name == "src"]
    assert "@import" not in html
    assert "url(" not in html
    assert 'lang="en-GB"' in html


def test_the_same_rows_give_the_same_page() -> None:
    assert report_html(content()) == report_html(content())


@pytest.mark.parametrize("landmark", ["header", "nav", "main", "footer"])
def test_landmarks_are_there(landmark: str) -> None:
    assert landmark in Page(report_html(content())).tags


def test_provenance_names_inputs_versions_and_what_was_set_aside() -> None:
    html = report_html(content())
    for text in (
        "adsl.csv, 50 rows",
        'title="' + "ab" * 32,
        'title="' + "cd" * 32,
        "123 passed",
        "1 note, 0 problems",
        "Hepatica 0.1.0, Python 3.12.1",
        "2 of 150 rows lie after the data cut-off",
        "<dd>802</dd>",
    ):
        assert text in html, text
