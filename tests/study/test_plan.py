"""``hepatica plan``: the analysis plan before there are data."""

from __future__ import annotations

import io
import re
from pathlib import Path

import docx
import pytest

from hepatica.present.content import Points
from hepatica.present.plan import document_html, statistical_plan
from hepatica.present.plan.estimands import table_estimands
from hepatica.present.plan.word import document_docx
from hepatica.present.table import Table
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.results import Results
from hepatica.study.dry_run import dry_run
from hepatica.study.plan import HTML_FILE, WORD_FILE, write_plan

STUDY = Path(__file__).parents[2] / "studies" / "alter-0802"


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return read_protocol(STUDY / "study.yaml")


@pytest.fixture(scope="module")
def dry(protocol: Protocol) -> Results | None:
    return dry_run(protocol)


def test_the_plan_reads_no_data(protocol: Protocol, tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_bytes((STUDY / "study.yaml").read_bytes())
    page = write_plan(tmp_path, tmp_path / "plan", word=document_docx)
    assert page.name == HTML_FILE
    assert (page.parent / WORD_FILE).is_file()


def test_the_same_plan_gives_the_same_bytes(protocol: Protocol, dry: Results) -> None:
    made = [statistical_plan(protocol, dry) for _ in range(2)]
    assert document_html(made[0]) == document_html(made[1])
    assert document_docx(made[0]) == document_docx(made[1])


def test_mock_tables_hold_no_number_of_the_dry_run(protocol: Protocol, dry: Results) -> None:
    document = statistical_plan(protocol, dry)
    shells = document.sections[-1]
    tables = [one for one in document.tables() if one.id != "estimands"]
    assert shells.id == "shells"
    assert len(tables) > 15
    assert sum(len(one.rows) for one in tables) > 100
    for table in tables:
        assert table.row_ids == ()
        for row in table.rows:
            for cell in row.cells.values():
                words = cell.format in ("text", "prose", "word")
                assert words or not re.search(r"\d", cell.text), (table.id, row.label, cell.text)


def test_estimands_follow_from_the_rules(protocol: Protocol) -> None:
    rows = {row.label: row.cells for row in table_estimands(protocol).rows}
    told = {name: cells["events"].text for name, cells in rows.items()}
    assert "Death: counts as an event (composite)" in told["Progression-free survival"]
    assert "censored before it (hypothetical)" in told["Progression-free survival"]
    assert "treatment policy" in told["Progression-free survival, EMA"]
    assert "Death: censored (hypothetical)" in told["Time to progression"]
    assert "2 or more missed" in told["Progression-free survival, FDA table A"]
    assert told["Overall survival"].startswith("Death: counts as an event. ")


def test_word_and_page_say_the_same(protocol: Protocol, dry: Results) -> None:
    document = statistical_plan(protocol, dry)
    word = docx.Document(io.BytesIO(document_docx(document)))
    heads = [one.text for one in word.paragraphs if one.style.name == "Heading 1"]
    page = document_html(document)
    assert len(heads) == len(document.sections)
    for head in heads:
        assert head in page
    assert len(word.tables) == sum(not table.message for table in document.tables())
    first = word.tables[0]
    assert first.rows[0]._tr.xpath("w:trPr/w:tblHeader")
    assert first.cell(1, 0).text == "Progression-free survival"
    assert word.core_properties.created is not None
    assert word.core_properties.created.year == 1980


def test_a_protocol_without_patients_to_construct_still_has_a_plan(protocol: Protocol) -> None:
    document = statistical_plan(protocol, None)
    assert "No patients can be constructed" in document_html(document)


def test_what_the_protocol_says_is_escaped(protocol: Protocol) -> None:
    study = protocol.study.model_copy(update={"title": "<script>alert(1)</script>"})
    document = statistical_plan(protocol.model_copy(update={"study": study}), None)
    assert "<script>alert" not in document_html(document)


def test_a_sheet_study_gets_mock_tables_and_names_those_it_cannot_fill() -> None:
    sheet = read_protocol(STUDY.parent / "cdisc-adam" / "study.yaml")
    dry = dry_run(sheet)
    assert dry is not None
    shells = next(one for one in statistical_plan(sheet, dry).sections if one.id == "shells")
    titles = [one.title for one in shells.blocks if isinstance(one, Table | Points)]
    assert len(titles) >= 4
    assert any(isinstance(one, Table) and one.rows for one in shells.blocks)


def test_the_plan_states_what_the_size_was_planned_on() -> None:
    study = read_protocol(STUDY.parent / "anlotinib-after-lenvatinib" / "study.yaml")
    page = re.sub(r"<[^>]+>", "", document_html(statistical_plan(study, None)))
    for words in (
        "enrolled over 12 months and followed for 24 months after the last enrolment",
        "Lost to follow-up by 12 months are 5% of the patients",
        "test of progression-free survival against a curve with median 2 months",
        "response rate against 2%, exact binomial test, one-sided level 0.025",
        "Assumed: Four months, as hoped for",
    ):
        assert words in page


def test_the_plan_says_what_is_to_be_done(protocol: Protocol) -> None:
    page = document_html(statistical_plan(protocol, None))
    assert "Anlotinib (oral) is given at 12 mg" in page
    for told in (" was given at", " were permitted", "were assessed", "were graded"):
        assert told not in page
