"""Each kind of fault of study.yaml: its path, its line and its exact words.

Every case makes one change to ``base.yaml``; ``snapshots/faults.txt`` holds what the reader is
told. Run with ``UPDATE_SNAPSHOTS=1`` to write it anew, then read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hepatica.errors import CommandError, ProtocolError, ProtocolProblem
from hepatica.protocol import Protocol, parse_protocol, read_protocol

HERE = Path(__file__).parent
BASE = (HERE / "base.yaml").read_text(encoding="utf-8")
SNAPSHOT = HERE / "snapshots" / "faults.txt"

#: Name of the case, text of the base, and what takes its place.
CASES = [
    # keys
    ("unknown key", "  title: A study\n", "  title: A study\n  titel: Again\n"),
    ("unknown key at the top", "dialects", "analysies: []\nstudy:\n"),
    ("unknown key beside like", "window_days: 7", "window_days: 7\n  windows_days: 3"),
    ("missing key", "  title: A study\n", ""),
    ("missing key of an item", "label: Arm one", "description: First"),
    ("missing key of a preset's item", "  every_days: 42\n", ""),
    ("missing section", "arms:\n", "arms_: &arms\n"),
    ("duplicate key", "  title: A study\n", "  title: A study\n  title: Another\n"),
    ("duplicate section", "subgroups: [sex]\n", "subgroups: [sex]\nsubgroups: [age]\n"),
    ("nothing after a key", "title: A study", "title:"),
    # types
    ("text where a number is due", "planned: 20", "planned: twenty"),
    ("decimal where a whole number is due", "planned: 20", "planned: 20.5"),
    ("list where text is due", "label: Arm one", "label: [Arm, one]"),
    ("true where text is due", "label: Arm one", "label: true"),
    ("text where a list is due", "variables: [age, sex, afp-400]", "variables: age"),
    ("text where a mapping is due", "study:\n", "study: S-1\nstudies:\n"),
    ("list where a mapping is due", "    historical:\n", "    historical: [1]\n    was:\n"),
    ("mapping where a literal is due", "label: Arm one", "label: Arm one\n    value: {a: 1}"),
    ("word where true or false is due", "  id: S-1\n", "  id: S-1\n  randomised: perhaps\n"),
    ("folder of the wrong kind", "data:\n", "data:\n  folder: [data]\n"),
    ("folder without its variable", "data:\n", "data:\n  folder: {default: data}\n"),
    # values
    ("value not among the allowed", "id: S-1\n", "id: S-1\n  data_status: final\n"),
    ("dialect in the wrong case", "subgroups: [sex]", "subgroups: [sex]\ndialect: SAS"),
    (
        "number not among the allowed",
        "      source: A publication",
        "      source: P\n      sides: 3",
    ),
    ("table that is not known", "    ADRS:", "    ADRX:"),
    ("kind that is not known", "kind: baseline", "kind: base_line"),
    ("kind that is missing", "kind: baseline, ", ""),
    ("short name with a space", "id: one", "id: arm one"),
    ("empty text", "label: Arm one", 'label: ""'),
    ("empty list", "variables: [age, sex, afp-400]", "variables: []"),
    ("rate above 1", "{one: 0.5, two: 0.6}", "{one: 50, two: 0.6}"),
    ("negative window", "window_days: 7", "window_days: -7"),
    ("number that is infinite", "at: 400", "at: .inf"),
    ("day that does not exist", "2019-12-18", "2019-02-30"),
    ("date in another order", "2019-12-18", "18.12.2019"),
    ("date that is a number", "2019-12-18", "20191218"),
    ("span without a unit", "time_points: [12 weeks]", "time_points: [12]"),
    ("span of no length", "time_points: [12 weeks]", "time_points: [12 weeks, 0 days]"),
    ("span of an unknown unit", "time_points: [12 weeks]", "time_points: [12 weeks, 3 cycles]"),
    # conditions
    ("condition that is a text", "{AGE: {ge: 65}}", "AGE >= 65"),
    ("condition with unknown bounds", "{AGE: {ge: 65}}", "{AGE: {ge: 65, above: 3}}"),
    ("condition without bounds", "{AGE: {ge: 65}}", "{AGE: {}}"),
    ("condition with a word as bound", "{AGE: {ge: 65}}", "{AGE: {ge: old}}"),
    ("condition on an empty list", "{AGE: {ge: 65}}", "{AGE: []}"),
    ("condition on a list of lists", "{AGE: {ge: 65}}", "{AGE: [[65]]}"),
    ("condition with a text after any", "{AGE: {ge: 65}}", "{any: AGE}"),
    ("two faults in one condition", "{AGE: {ge: 65}}", "{any: [{AGE: {x: 1}}, {not: SEX}]}"),
    # presets
    ("unknown preset", "like: pfs", "like: pfss"),
    ("unknown preset of treatments", "like: lenvatinib-by-weight", "like: lenvatinib"),
    ("preset where there are none", "  - id: one\n", "  - like: arm\n    id: one\n"),
    ("preset that is a list", "like: os", "like: [os]"),
    (
        "preset overridden wrongly",
        "  - like: os\n",
        "  - like: os\n    origin: {label: 3.0, v: X}\n",
    ),
    # identity
    ("id used twice", "id: two", "id: one"),
    ("id of a preset used twice", "{like: safety}", "{like: full, flag: SAFFL}"),
    ("id of a cut-point used twice", "id: afp-400", "id: age"),
    ("label used twice", "label: Arm two", "label: Arm one"),
    ("flag used twice", "{like: safety}", "{like: full, id: safety}"),
    ("parameter used twice", "like: os\n", "like: os\n    parameter: PFS\n"),
    ("level used twice", "levels: [M, F]", "levels: [M, F, M]"),
    ("id kept for another table", "id: baseline", "id: sets"),
    ("label kept for missing values", "levels: [M, F]", "levels: [M, F, Missing]"),
    # references
    ("treatment that is not there", "treatments: [drug]", "treatments: [drugs]"),
    ("analysis set that is not there", "kind: response, set: full", "kind: response, set: ful"),
    ("variable that is not there", "[age, sex, afp-400]", "[age, sexe, afp-400]"),
    ("variable listed twice", "[age, sex, afp-400]", "[age, sex, age]"),
    ("endpoint that is not there", "endpoint: os", "endpoint: overall"),
    ("endpoint of another kind", "endpoint: os", "endpoint: orr"),
    ("response endpoint of another kind", "endpoints: [orr]", "endpoints: [orr, os]"),
    ("group that is not there", "endpoint: os", "endpoint: os\n    by: stage"),
    ("group that is measured", "endpoint: os", "endpoint: os\n    by: afp"),
    ("subgroup that is not there", "subgroups: [sex]", "subgroups: [sex, stage]"),
    ("reference that is not a group", "reference: Arm two", "reference: two"),
    ("stratum that is compared", "endpoint: pfs\n", "endpoint: pfs\n    by: sex\n"),
    ("table that an analysis needs", "    ADAE: {file: adae.csv}\n", ""),
    ("table of times", "    ADTTE: {file: adtte.csv}\n", ""),
    ("table of subjects", "    ADSL: {file: adsl.csv}\n", ""),
    (
        "sheet without the patient",
        "ADSL: {file: adsl.csv}",
        "PATIENTS: {file: p.csv, columns: {A: b}}",
    ),
    ("label of no condition", "    where: {AGE: {ge: 65}}\n", ""),
    # historical rates
    ("rate of an arm that is not there", "{one: 0.5, two: 0.6}", "{one: 0.5, tow: 0.6}"),
    ("rate without a time", "      at: 12 weeks\n", ""),
    ("rate at another time", "      at: 12 weeks\n", "      at: 24 weeks\n"),
    ("test of another kind", "kaplan_meier_log_log", "binomial_exact"),
    ("target below the rate", "targets: {one: 0.7}", "targets: {one: 0.4}"),
    (
        "rate of a proportion at a time",
        "  - like: orr\n",
        "  - like: orr\n    historical: {at: 1 year, rates: {one: 0.1, two: 0.1}, source: P, "
        "test: kaplan_meier_log_log}\n",
    ),
    # what belongs together
    ("constructed without a note", "id: S-1\n", "id: S-1\n  data_status: constructed\n"),
    ("primary and post hoc", "role: primary", "role: primary\n    confirmatory: false"),
    ("window longer than the interval", "window_days: 7", "window_days: 42"),
    ("last day before the first", "id: drug}", "id: drug, schedule: {first_day: 15}}"),
    ("last day after the cycle", "id: drug}", "id: drug, schedule: {last_day: 22}}"),
    (
        "reductions that do not descend",
        "id: drug}",
        "id: drug, reductions: [{dose: {amount: 10, unit: mg}}, {dose: {amount: 10, unit: mg}}]}",
    ),
    (
        "reduction in another unit",
        "id: drug}",
        "id: drug, reductions: [{dose: {amount: 10, unit: g}}]}",
    ),
    (
        "weights with a gap",
        "id: other",
        "id: other\n    dose_by_weight: [{below: 50, dose: {amount: 8, unit: mg}}, "
        "{at_least: 60, dose: {amount: 12, unit: mg}}]",
    ),
    (
        "weights that overlap and end",
        "id: other",
        "id: other\n    dose_by_weight: [{below: 70, dose: {amount: 8, unit: mg}}, "
        "{at_least: 60, below: 90, dose: {amount: 12, unit: mg}}]",
    ),
    ("dose and dose by weight", "id: other", "id: other\n    dose: {amount: 8, unit: mg}"),
    ("categories without levels", "kind: categorical, levels: [M, F]", "kind: categorical"),
    ("levels of a number", "kind: measured}", "kind: measured, levels: [a]}"),
    (
        "time from a sheet that is not there",
        "like: os\n",
        "like: os\n    sheet: {time: T, unit: days, event: {S: 1}, censored: {S: 0}}\n",
    ),
    (
        "event without its date",
        "like: os\n",
        "like: os\n    events: [{id: a, sentence: A., description: A, dataset: ADSL}]\n",
    ),
    (
        "records that are not there",
        "column: SEX, kind: categorical",
        "column: SEX, occurs: {dataset: ADCN, date: ASTDT}, kind: categorical",
    ),
    (
        "what occurs as a number",
        "column: AGE, kind: measured",
        "column: AGE, occurs: {dataset: ADCM, date: ASTDT}, kind: measured",
    ),
    (
        "set that waits for a record",
        "column: SEX, kind: categorical, levels: [M, F]}\n",
        "column: SEX, occurs: {dataset: ADCM, date: ASTDT}, kind: categorical, levels: [M, F]}\n"
        "screening: {failure: {SEX: N}}\n",
    ),
    ("entry without its date", "like: os\n", "like: os\n    entry: {label: first dose}\n"),
    (
        "entry beside a sheet",
        "like: os\n",
        "like: os\n    entry: {label: first dose, variable: TRTSDT}\n"
        "    sheet: {time: T, unit: days, event: {S: 1}, censored: {S: 0}}\n",
    ),
    # YAML
    ("tab", "  title: A study\n", "\ttitle: A study\n"),
    ("open bracket", "levels: [M, F]", "levels: [M, F"),
    ("open quotation mark", "label: Arm one", 'label: "Arm one'),
    ("colon in a text", "title: A study", "title: A study: part one"),
    ("sign with a meaning", "title: A study", "title: @study"),
    ("indentation", "  title: A study\n", "    title: A study\n"),
    ("tag", "title: A study", "title: !!python/object:os.system A study"),
    ("alias of nothing", "title: A study", "title: *name"),
    ("key that is a list", "  title: A study\n", "  title: A study\n  ? [a, b]\n  : c\n"),
    ("two documents", "arms:\n", "---\narms:\n"),
    ("control character", "title: A study", "title: A\x07study"),
    ("merge key", "  title: A study\n", "  title: A study\n  <<: {phase: II}\n"),
]


def problems_of(text: str) -> tuple[ProtocolProblem, ...]:
    try:
        parse_protocol(text)
    except ProtocolError as error:
        return error.problems
    return ()


def changed(old: str, new: str) -> str:
    if old == "dialects":  # a key at the very top
        return BASE.replace("study:\n", new, 1)
    assert old in BASE
    return BASE.replace(old, new, 1)


def told(name: str, old: str, new: str) -> str:
    lines = [
        f"line {problem.line} | {problem.path} | {problem.message}"
        for problem in problems_of(changed(old, new))
    ]
    return "\n".join([f"## {name}", *lines, ""])


def snapshots() -> dict[str, str]:
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        text = "\n".join(told(*case) for case in CASES)
        SNAPSHOT.write_text(text, encoding="utf-8", newline="\n")
    blocks = SNAPSHOT.read_text(encoding="utf-8").split("## ")[1:]
    return {block.split("\n", 1)[0]: f"## {block.rstrip()}\n" for block in blocks}


PINNED = snapshots()


def test_the_base_has_no_fault() -> None:
    assert problems_of(BASE) == ()
    assert len({name for name, _, _ in CASES}) == len(CASES) == len(PINNED)


@pytest.mark.parametrize(("name", "old", "new"), CASES, ids=[case[0] for case in CASES])
def test_a_fault_is_told_in_these_words(name: str, old: str, new: str) -> None:
    assert told(name, old, new) == PINNED[name]
    assert problems_of(changed(old, new))


def test_messages_are_plain_sentences() -> None:
    sentences = [
        line.split(" | ", 2)[2]
        for block in PINNED.values()
        for line in block.splitlines()
        if line.startswith("line ")
    ]
    assert len(sentences) >= len(CASES)
    forbidden = re.compile(
        r"invalid|please|!(?!!)|sorry|should be|Input|pydantic|something else", re.I
    )
    for sentence in sentences:
        without_literals = sentence.replace("!!python/object:os.system", "")
        assert not forbidden.search(without_literals), sentence
        assert sentence.endswith((".", "?")), sentence


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        BASE.replace("title: A study", "titel: A study")
        .replace("planned: 20", "planned: many")
        .replace("like: lenvatinib-by-weight", "like: unknown")
        .replace("column: SEX, ", "")
        .replace("endpoint: os", "endpoint: none")
        .replace("{AGE: {ge: 65}}", "{AGE: {ge: x}}")
        .replace("endpoints: [orr]", "endpoints: [pfs]")
    )
    found = [(problem.line, problem.path) for problem in problems_of(text)]
    assert found == [
        (1, "study.title"),
        (3, "study.titel"),
        (17, "arms[1].planned"),
        (20, "treatments[1].like"),
        (44, "variables[1].column"),
        (64, "analyses[2].where.AGE.ge"),
        (66, "analyses[3].endpoints[0]"),
    ]


def test_a_fault_elsewhere_in_an_item_does_not_make_its_name_unknown() -> None:
    text = BASE.replace("  - like: os\n", "  - like: os\n    role: main\n")
    assert [problem.path for problem in problems_of(text)] == ["endpoints[1].role"]


def test_a_list_whose_items_are_all_faulty_is_not_called_empty() -> None:
    text = BASE.replace("label: Arm one", "label: []").replace("planned: 20", "planned: x")
    assert [problem.path for problem in problems_of(text)] == ["arms[0].label", "arms[1].planned"]


def test_positions_are_those_of_the_file_when_an_earlier_item_is_faulty() -> None:
    text = BASE.replace("kind: baseline", "kind: none").replace("set: safety", "set: safe")
    assert [problem.path for problem in problems_of(text)] == [
        "analyses[0].kind",
        "analyses[4].set",
    ]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (
            b"",
            None,
            "The file is empty. 'hepatica new DIR' writes a study that runs, to start from.",
        ),
        (
            b"# only a comment\n",
            None,
            "The file is empty. 'hepatica new DIR' writes a study that runs, to start from.",
        ),
        (
            b"- a\n- b\n",
            1,
            "The file has to be a mapping with the keys study, data, arms and so on.",
        ),
        (b"study\n", 1, "The file has to be a mapping with the keys study, data, arms and so on."),
        (
            b"study:\n  title: M\xe4rz\n",
            2,
            "The file is not UTF-8 from this line on. Save it as UTF-8.",
        ),
    ],
)
def test_a_file_that_is_no_protocol(
    tmp_path: Path, content: bytes, line: int | None, message: str
) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    with pytest.raises(ProtocolError) as caught:
        read_protocol(path)
    assert caught.value.problems == (ProtocolProblem("the file", message, line),)
    assert caught.value.file == "study.yaml"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
    assert read_protocol(path) == parse_protocol(BASE)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no file .*'hepatica new DIR' writes a study"):
        read_protocol(tmp_path / "study.yaml")
    with pytest.raises(CommandError, match="cannot be opened"):
        read_protocol(tmp_path)


def test_values_nested_without_end_are_refused() -> None:
    deep = "study: " + "[" * 300 + "]" * 300
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(8)
    )
    for text in (deep, bomb):
        (problem,) = problems_of(text)
        assert problem.message.startswith("There are more values here than a protocol can have.")


LINES = BASE.splitlines()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, len(LINES) - 1),
    st.sampled_from(["drop", "double", "null", "list", "mapping", "number", "cut", "indent"]),
)
def test_any_damage_ends_in_a_protocol_or_its_problems(position: int, damage: str) -> None:
    line = LINES[position]
    key = line.split(":")[0]
    new = {
        "drop": [],
        "double": [line, line],
        "null": [f"{key}:"],
        "list": [f"{key}: [1, a]"],
        "mapping": [f"{key}: {{x: {{y: 1}}}}"],
        "number": [f"{key}: 7.5"],
        "cut": [line[: len(line) // 2]],
        "indent": [f" {line}"],
    }[damage]
    text = "\n".join([*LINES[:position], *new, *LINES[position + 1 :]])
    messages = [problem.message for problem in problems_of(text)]
    assert messages or isinstance(parse_protocol(text), Protocol)
    assert all(message and "something else" not in message for message in messages)
