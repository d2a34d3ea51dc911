"""The section that sets printed numbers against computed ones."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from hepatica.present.content import Cover, Points, Section
from hepatica.present.csv import table_csv
from hepatica.present.page.style import style
from hepatica.present.report import numbers_traced, report_content, report_html
from hepatica.present.spans import plain_text
from hepatica.present.table import Table
from hepatica.present.tables.printed import printed_section
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.published.compare import compare
from hepatica.published.read import parse_published
from hepatica.results import ResultRow, Results

READY = Path(__file__).resolve().parents[1] / "ready"

PRINTED = """\
study: ALTER-0802
citation: A journal
numbers:
  - place: Table 1
    analysis: baseline
    variable: sex
    statistics: [n, percent]
    made: [fitted, follows]
    levels: ["", Cohort 1]
    rows:
      Male: ["47 (94.0%)", {printed: "25 (96.1%)", percent: {misprint: 25 of 26., possible: 96.2%}}]
      Female: ["3 (6.0%)", ""]
  - place: Abstract
    analysis: progression-free-survival
    time: 12 weeks
    level: Cohort 1
    statistics: [survival]
    cells: [{printed: "80.8%", also: ["Results, p. 2"]}]
  - {place: "Results, p. 2", analysis: overall-survival, statistics: [n], made: none, cells: ["7"]}
findings: ["Dates are not printed."]
"""


def computed(**changes: float) -> Results:
    def row(analysis: str, statistic: str, value: float, form: str, **more: object) -> ResultRow:
        return ResultRow(
            study="ALTER-0802",
            origin="simulated",
            analysis=analysis,
            statistic=statistic,
            value=changes.get(f"{analysis}_{statistic}", value),
            format=form,
            **more,  # type: ignore[arg-type]
        )

    male = {"variable": "sex", "variable_level": "Male"}
    female = {"variable": "sex", "variable_level": "Female"}
    return Results(
        [
            row("baseline", "n", 47.0, "integer", **male),
            row("baseline", "percent", 94.0, "percent", **male),
            row("baseline", "n", 25.0, "integer", level="Cohort 1", **male),
            row("baseline", "percent", 2500 / 26, "percent", level="Cohort 1", **male),
            row("baseline", "n", 3.0, "integer", **female),
            row("baseline", "percent", 6.0, "percent", **female),
            row(
                "progression-free-survival",
                "survival",
                21 / 26,
                "fraction",
                level="Cohort 1",
                time=84.0,
            ),
        ]
    )


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return read_protocol(READY / "study.yaml")


def section(protocol: Protocol, results: Results) -> Section:
    published = parse_published(PRINTED, protocol)
    return printed_section(published, compare(published, results), protocol)


def tables(of: Section) -> dict[str, Table]:
    return {block.id: block for block in of.blocks if isinstance(block, Table)}


def test_the_sentence_counts_what_agrees_and_names_the_rest(protocol: Protocol) -> None:
    summary = section(protocol, computed()).blocks[0]
    assert isinstance(summary, tuple)
    text = plain_text(summary)
    assert text.startswith("6 of the 8 numbers of the publication (A journal) equal")
    assert "1 is a misprint and 1 has none by plan" in text
    assert "3 of 3 fitted, 2 of 3 that follow from fitted ones and 1 of 1 emergent" in text
    assert "agreement is by construction" in text


def test_a_place_has_its_table_with_the_print_beside_the_row(protocol: Protocol) -> None:
    table = tables(section(protocol, computed()))["printed-table-1"]
    assert table_csv(table).splitlines() == [
        "Group,Row,Agreement,Cohort 1: Printed,Cohort 1: Computed,All: Printed,All: Computed,Made",
        'Sex,Male,1 of 4 misprint,25 (96.1%),25 (96.2%),47 (94.0%),47 (94.0%),"fitted, follows"',
        'Sex,Female,equal,blank,–,3 (6.0%),3 (6.0%),"fitted, follows"',
    ]
    assert table.folded == "Table 1 of the publication: 5 of 6 numbers equal; 1 is a misprint"
    assert len(table.row_ids) == 6


def test_the_text_is_one_table_with_all_that_it_repeats(protocol: Protocol) -> None:
    table = tables(section(protocol, computed()))["printed-text"]
    assert table_csv(table).splitlines()[1:] == [
        "Abstract,Progression-free survival at 12 weeks,Cohort 1,80.8%,80.8%,equal,emergent",
        '"Results, p. 2",Progression-free survival at 12 weeks,Cohort 1,80.8%,80.8%,equal,emergent',
        '"Results, p. 2","Overall survival, patients",All,7,–,no row planned,–',
    ]


def test_a_wrong_row_is_called_different_and_comes_first(protocol: Protocol) -> None:
    wrong = computed(**{"progression-free-survival_survival": 0.7})
    table = tables(section(protocol, wrong))["printed-exceptions"]
    assert table.rows[0].label == "Different"
    first = table.rows[1]
    assert [first.cells[name].text for name in ("printed", "computed")] == ["80.8%", "70.0%"]
    assert first.cells["computed"].value[0].strong
    text = tables(section(protocol, wrong))["printed-text"]
    assert text.rows[1].cells["verdict"].text == "different"


def test_findings_are_a_list(protocol: Protocol) -> None:
    assert section(protocol, computed()).blocks[-1] == Points(
        "What the print contradicts, and what it does not identify", ("Dates are not printed.",)
    )


def test_nothing_is_said_of_construction_where_nobody_was_constructed(protocol: Protocol) -> None:
    study = protocol.study.model_copy(update={"data_status": "confirmed", "status_note": ""})
    real = protocol.model_copy(update={"study": study})
    summary = section(real, computed()).blocks[0]
    assert isinstance(summary, tuple)
    assert "construct" not in plain_text(summary)


def test_the_page_shows_it_last_before_the_methods(protocol: Protocol) -> None:
    results = computed()
    printed = section(protocol, results)
    content = report_content(protocol, results, printed=printed)
    page = report_html(content)
    heads = re.findall(r'<h2 id="([a-z-]+)-head">', page)
    assert heads[heads.index("printed") + 1] == "methods"
    assert page.count('<details class="opens">') == 2
    assert "#printed" in style(Cover(id="S", title="T"))
    ids = re.findall(r'data-row="([^"]+)"', page[page.index('id="printed"') :])
    assert set(ids) <= {row.id for row in results}
    assert len(ids) >= 8
    # The contents lead to the place of the table; its fold is the second step.
    contents = page[: page.index("<main>")]
    targets = re.findall(r'href="#(table-\d+)">(?:Table 1|Text) of the print', contents)
    assert len(set(targets)) == 2
    assert all(f'id="{name}"' in page for name in targets)


def test_quoted_numbers_need_no_row_and_computed_ones_have_theirs(protocol: Protocol) -> None:
    results = computed()
    content = report_content(protocol, results, printed=section(protocol, results))
    traced, shown = numbers_traced(content)
    assert traced == shown
    without = replace(content, sections=content.sections[:-1])
    assert numbers_traced(without)[1] < shown
