"""``published.yaml``: what is read from blocks, and every fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepatica.errors import CommandError, ProtocolError
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.published.model import Published
from hepatica.published.read import parse_published, read_published

READY = Path(__file__).resolve().parents[1] / "ready"

HEAD = "study: ALTER-0802\ncitation: A journal\nnumbers:\n"
SEX = """\
  - place: Table 1
    analysis: baseline
    variable: sex
    statistics: [n, percent]
    made: [fitted, follows]
    made_levels: [follows, fitted]
    levels: ["", Cohort 1]
    rows:
      Male: ["47 (94.0%)", "25 (96.2%)"]
      Female:
        cells:
          - "3 (6.0%)"
          - printed: "1 (3.9%)"
            also: [Abstract]
            percent: {misprint: It is 3.8%., possible: 3.8%}
"""


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return read_protocol(READY / "study.yaml")


def read(blocks: str, protocol: Protocol | None = None) -> Published:
    return parse_published(HEAD + blocks, protocol)


def faults(blocks: str, protocol: Protocol | None = None) -> list[tuple[int | None, str]]:
    with pytest.raises(ProtocolError) as caught:
        read(blocks, protocol)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_a_block_gives_its_settings_to_every_cell(protocol: Protocol) -> None:
    published = read(SEX, protocol)
    assert len(published.numbers) == 8
    share = published.get(variable_level="Male", level="Cohort 1", statistic="percent")
    assert share is not None
    assert (share.printed, share.value, share.decimals) == ("96.2%", 96.2, 1)
    assert (share.place, share.scale, share.cell) == ("Table 1", "percent", "25 (96.2%)")
    assert published.count(variable_level="Male", level="", statistic="n") == 47


def test_made_by_statistic_and_by_level(protocol: Protocol) -> None:
    published = read(SEX, protocol)
    made = {(one.level, one.statistic): one.made for one in published.where(variable_level="Male")}
    assert made == {
        ("", "n"): "follows",
        ("", "percent"): "follows",
        ("Cohort 1", "n"): "fitted",
        ("Cohort 1", "percent"): "follows",
    }


def test_a_misprint_is_told_of_one_number_of_a_cell() -> None:
    found = [one for one in read(SEX).numbers if one.misprint]
    assert [(one.printed, one.possible, one.note) for one in found] == [
        ("3.9%", "3.8%", "It is 3.8%.")
    ]
    assert found[0].also == ("Abstract",)


def test_times_are_in_days_and_months_are_said() -> None:
    published = read(
        """\
  - place: Table 2
    levels: [Cohort 1]
    blocks:
      - analysis: progression-free-survival
        each: time
        statistics: [survival, survival_lower, survival_upper]
        rows: {12 weeks: ["80.8% (59.8%, 91.5%)"]}
      - {analysis: overall-survival, statistics: [median], scale: months, cells: ["12.8"]}
"""
    )
    assert {one.column("time") for one in published.numbers} == {84.0, ""}
    assert [one.scale for one in published.numbers] == ["fraction"] * 3 + ["months"]


def test_dashes_blanks_and_bare_zeros() -> None:
    rows = """\
  - place: Table 4
    analysis: adverse-events
    variable: severe
    statistics: [n, percent]
    levels: [A, B, C, D]
    dash: {dash}
    rows: {{Fever: ["–", "", "0", "2 (4.0%)"]}}
"""
    zero = read(rows.format(dash="zero"))
    assert [(one.level, one.statistic, one.value) for one in zero.numbers] == [
        ("A", "n", 0.0),
        ("C", "n", 0.0),
        ("D", "n", 2.0),
        ("D", "percent", 4.0),
    ]
    assert [one.level for one in read(rows.format(dash="none")).numbers] == ["C", "D", "D"]


def test_what_is_not_printed_is_asked_for_kindly() -> None:
    published = read(SEX)
    with pytest.raises(CommandError, match=r"holds no number with variable 'age'"):
        published.value(variable="age", statistic="median")


def test_all_faults_at_once_with_their_lines(protocol: Protocol) -> None:
    found = faults(
        """\
  - place: Table 1
    analysis: baseline
    colour: red
    statistics: [n, percent]
    levels: [Cohort 1, Cohort 3]
    variable: sex
    rows:
      Male: ["25 (96.2%)"]
      Female: ["1", "2 (8.3%)"]
      Other: ["1 (3.9%)", "about 2"]
  - {place: Table 1, analysis: basline, statistics: [n], cells: ["26"]}
  - {place: Table 1, analysis: baseline, statistics: [medium], cells: ["26"]}
  - {analysis: baseline, statistics: [n], cells: ["26"]}
""",
        protocol,
    )
    assert [line for line, _ in found] == sorted(line or 0 for line, _ in found)
    told = dict(reversed(found))
    assert told[6].startswith("Unknown key.")
    assert told[11] == (
        "The row has 1 cells for 2 levels. Write one for each, an empty text where nothing is "
        "printed."
    )
    assert told[12] == "'1' holds 1 numbers for the 2 statistics n, percent."
    messages = [message for _, message in found]
    assert "'about' in 'about 2' is neither a number nor NE." in messages
    assert any("no group 'Cohort 3'" in message for message in messages)
    assert any("no level 'Other'" in message for message in messages)
    assert any("no analysis 'basline'. Did you mean 'baseline'?" in m for m in messages)
    assert any("no statistic 'medium'. Did you mean 'median'?" in m for m in messages)
    assert any(message.startswith("Nothing says the place") for message in messages)


def test_a_number_that_no_row_gives_needs_no_analysis_of_the_plan(protocol: Protocol) -> None:
    row = '  - {place: P, analysis: letters, statistics: [n], made: MADE, cells: ["5"]}\n'
    assert len(read(row.replace("MADE", "none"), protocol).numbers) == 1
    assert faults(row.replace("MADE", "fitted"), protocol)


def test_the_same_number_twice_is_refused() -> None:
    row = '  - {place: P, analysis: a, statistics: [n], cells: ["5"]}\n'
    assert faults(row + row) == [
        (5, "P gives 5 for the same row as line 4. Keep one, or name another place.")
    ]


def test_words_that_are_not_allowed() -> None:
    row = (
        '  - {place: P, analysis: a, statistics: [n], made: guessed, scale: weeks, cells: ["5"]}\n'
    )
    messages = [message for _, message in faults(row)]
    assert "Expected one of: fitted, follows, emergent, none; found the text 'guessed'." in messages
    assert any(message.startswith("Expected one of: plain") for message in messages)


def test_another_study_is_refused(protocol: Protocol) -> None:
    with pytest.raises(ProtocolError, match="ALTER-0802"):
        parse_published("study: OTHER\ncitation: c\nnumbers: []\n", protocol)


def test_a_file_that_is_no_mapping_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="has to be a mapping"):
        parse_published("- 1\n")
    with pytest.raises(ProtocolError, match="has to be a mapping"):
        parse_published("")
    with pytest.raises(CommandError, match="no file"):
        read_published(tmp_path / "published.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"study: \xe9\n")
    with pytest.raises(ProtocolError, match="not UTF-8"):
        read_published(tmp_path / "latin.yaml")
