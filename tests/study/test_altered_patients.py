"""Patients of ALTER-0802 altered by hand in the collected tables: what changes, and nothing else.

The expected numbers come from the courses, the recorded doses and textbook formulas in `by_hand`;
the package has no part in them. They also have to give the rows of the study as it stands, so that
a formula that is wrong cannot hide behind a difference.

Altered are five patients: a lesion of S1-14 grows to 83.1 mm at week 6, so that the sum of 115.8 mm
is progression on day 46 instead of a new lesion on day 145; S2-01 takes 10 mg instead of 12 in the
last cycle; S1-02 takes the last dose three days earlier; a fatigue of S2-03 is of grade 3; S1-03
has a serious, related nausea.
"""

from __future__ import annotations

import csv
import json
import math
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import by_hand
import pytest
from by_hand import Exposure, Times, Values

from hepatica.study.run import Finished, run_study

STUDY = Path(__file__).resolve().parents[2] / "studies" / "alter-0802"
SIZES = {"arm/Cohort 1/": 26, "arm/Cohort 2/": 24, "": 50}
ONE, TWO, ALL = SIZES

#: (table, what finds its only record, what is changed).
EDITS = (
    (
        "tr",
        {"USUBJID": "S1-14", "TRLNKID": "T02", "VISIT": "WEEK 6", "TRSTRESN": "43.1"},
        {"TRSTRESN": "83.1", "TRSTRESC": "83.1"},
    ),
    ("ex", {"USUBJID": "S2-01", "EXSEQ": "5", "EXDOSE": "12.0"}, {"EXDOSE": "10.0"}),
    ("ex", {"USUBJID": "S1-02", "EXENDTC": "2017-05-04"}, {"EXENDTC": "2017-05-01"}),
    (
        "ae",
        {"USUBJID": "S2-03", "AEDECOD": "Fatigue", "AETOXGR": "2"},
        {"AETOXGR": "3", "AESEV": "SEVERE"},
    ),
)
ADDED = {
    "USUBJID": "S1-03",
    "AESEQ": "99",
    "AETERM": "Nausea",
    "AEDECOD": "Nausea",
    "AEBODSYS": "Gastrointestinal disorders",
    "AETOXGR": "1",
    "AESEV": "MILD",
    "AESER": "Y",
    "AEREL": "PROBABLY RELATED",
    "AEACN": "DOSE NOT CHANGED",
    "AEOUT": "RECOVERED/RESOLVED",
    "AESDTH": "N",
    "AESTDTC": "2017-04-03",
    "AEENDTC": "2017-04-05",
}


def records(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def alter(folder: Path) -> None:
    tables = {name: records(folder, f"data/{name}.csv") for name in ("tr", "ex", "ae")}
    for name, where, change in EDITS:
        (record,) = [row for row in tables[name] if where.items() <= row.items()]
        record.update(change)
    tables["ae"].append(ADDED)
    for name, rows in tables.items():
        with (folder / "data" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


@dataclass(frozen=True, slots=True)
class Run:
    folder: Path
    finished: Finished

    @property
    def rows(self) -> dict[str, Any]:
        return {row.id: row for row in self.finished.results}


@dataclass(frozen=True, slots=True)
class Pair:
    """Something as the study stands, and altered."""

    before: Any
    after: Any


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    root = tmp_path_factory.mktemp("altered")
    made = []
    for name, change in (("before", None), ("after", alter)):
        folder = root / name
        shutil.copytree(STUDY, folder, ignore=shutil.ignore_patterns("output", "simulated"))
        if change is not None:
            change(folder)
        made.append(Run(folder, run_study(folder, root / f"{name}-out")))
    return Pair(*made)


# ------------------------------------------------------------------ what is expected


def survival_values(pfs: Times, ttp: Times, tot: Times, died: Mapping[str, int]) -> Values:
    """Return the rows of cohort 1 that progression and the last dose reach."""
    found: Values = {}

    def add(place: str, *parts: Values) -> None:
        for part in parts:
            found.update({f"{place}arm/Cohort 1/{name}": value for name, value in part.items()})

    months = 15
    for analysis, parameter, times in (
        ("progression-free-survival", "FASFL/PFS", pfs),
        ("time-to-progression", "FASFL/TTP", ttp),
        ("time-on-treatment", "SAFFL/TOT", tot),
    ):
        steps = by_hand.kaplan_meier(times)
        place = f"{analysis}/ADTTE/{parameter}/first dose/"
        risk = by_hand.risk_table(times, months)
        add(place, by_hand.median(steps), by_hand.curve(steps), risk)
    steps = by_hand.kaplan_meier(pfs)
    add(
        "progression-free-survival/ADTTE/FASFL/PFS/first dose/",
        by_hand.landmarks(steps, (84, 168)),
        by_hand.window_ends(steps, {84: 91, 168: 175}),
        by_hand.against(steps, 84, 0.65),
    )
    for parameter, times in variants(pfs, died).items():
        steps = by_hand.kaplan_meier(times)
        place = f"pfs-sensitivity/ADTTE/FASFL/{parameter}/first dose/"
        add(place, by_hand.median(steps), by_hand.landmarks(steps, (84, 168)))
    return found


def variants(pfs: Times, died: Mapping[str, int]) -> dict[str, Times]:
    """Return the times of cohort 1 under the other sets of rules."""

    def planned(subject: str, day: int) -> int:
        """The planned day in whose window of a week a progression lies, else the next."""
        later = subject == "S1-18"  # died; a death keeps its day
        return day if later else next(d for d in range(1, 999, 42) if d >= day - 7)

    # Progressed at a scan after the window of one that was missed: censored at the one before it.
    missed = {"S1-04": 1, "S1-07": 142, "S1-11": 231, "S1-21": 46}
    at_plan = {s: (planned(s, day) if event else day, event) for s, (day, event) in pfs.items()}
    return {
        "PFS": pfs,
        "PFSFDAA": pfs,
        "PFSFDAA1": {**pfs, **{subject: (day, False) for subject, day in missed.items()}},
        "PFSFDAB": at_plan,
        # The end of treatment for progression, on day 175, was before the planned day 211.
        "PFSFDAC": {**at_plan, "S1-22": (169, True)},
        # Further therapy does not censor, and these two died after it without progression.
        "PFSEMA": {**pfs, **{subject: (died[subject], True) for subject in ("S1-16", "S1-23")}},
    }


def course_values() -> Pair:
    """Return survival of cohort 1 by the courses, and after what was done to two of them."""
    courses = [row for row in records(STUDY, "courses.csv") if row["ARM"] == "Cohort 1"]
    days = {row["USUBJID"]: int(row["pfs_days"]) for row in courses}
    ends = {row["USUBJID"]: row["pfs_end"] for row in courses}
    tot = {
        row["USUBJID"]: (int(row["treatment_days"]), row["on_treatment"] == "N") for row in courses
    }
    died = {row["USUBJID"]: int(row["os_days"]) for row in courses}
    assert (days["S1-14"], ends["S1-14"], tot["S1-02"]) == (145, "progression", (163, True))
    found = []
    for progressed, last in ((145, 163), (46, 160)):
        day = days | {"S1-14": progressed}
        pfs = {s: (day[s], ends[s] != "censored") for s in day}
        ttp = {s: (day[s], ends[s] == "progression") for s in day}
        found.append(survival_values(pfs, ttp, tot | {"S1-02": (last, True)}, died))
    return Pair(*found)


def exposure_values(doses: Iterable[Mapping[str, str]]) -> Values:
    """Return the rows of exposure that can change, from the records of EX."""
    taken = by_hand.exposures(doses)
    found: Values = {}
    for arm, subjects in ((ONE, "S1"), (TWO, "S2"), (ALL, "S")):
        mine = [one for name, one in taken.items() if name.startswith(subjects)]
        assert len(mine) == SIZES[arm]
        measured: dict[str, Callable[[Exposure], float]] = {
            "DURD": lambda one: one.days,
            "CYCLES": lambda one: one.cycles,
            "TDOSE": lambda one: one.total,
            "RDI": lambda one: one.intensity,
        }
        for parameter, of in measured.items():
            for name, value in by_hand.summary([of(one) for one in mine]).items():
                found[f"exposure/ADEX/SAFFL/{parameter}/{arm}Anlotinib/{name}"] = value
        levels = {
            "RDI/{}Anlotinib/>=90": sum(one.intensity >= 90 for one in mine),
            "RDI/{}Anlotinib/70-<90": sum(70 <= one.intensity < 90 for one in mine),
            "REDUCT/{}Anlotinib/>=1": sum(one.reduced for one in mine),
            "LDOSE/{}Anlotinib/12 mg": sum(one.lowest == 12 for one in mine),
            "LDOSE/{}Anlotinib/10 mg": sum(one.lowest == 10 for one in mine),
        }
        for name, n in levels.items():
            found |= share(f"exposure/ADEX/SAFFL/{name.format(arm)}", n, len(mine))
    return found


def depth_values(lesions: Iterable[Mapping[str, str]], progressed: int) -> Values:
    """Return depth of response: the best change of the sum up to progression or the last scan."""
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in lesions:
        if row["TRGRPID"] == "TARGET":
            sums[row["USUBJID"]][row["TRDTC"]] += float(row["TRSTRESN"])
    best = {}
    for course in records(STUDY, "courses.csv"):
        subject, start = course["USUBJID"], course["first_dose"]
        days = progressed if subject == "S1-14" else int(course["pfs_days"])
        last = (date.fromisoformat(start) + timedelta(days - 1)).isoformat()
        baseline = max(day for day in sums[subject] if day <= start)
        at_baseline = sums[subject][baseline]
        found = [value for day, value in sums[subject].items() if start < day <= last]
        if found:
            best[subject] = 100 * (min(found) - at_baseline) / at_baseline
    values: Values = {}
    for arm, subjects in ((ONE, "S1"), (ALL, "S")):
        mine = [change for name, change in best.items() if name.startswith(subjects)]
        place = f"response/ADTR/FASFL/SDIAM/{arm}depth"
        summary = by_hand.summary(mine)
        values |= {f"{place}/{name}": summary[name] for name in ("median", "q1", "q3")}
        values |= share(f"{place}/shrunk", sum(change < 0 for change in mine), len(mine))
    return values


def share(place: str, n: int, size: int) -> Values:
    return {f"{place}/n": n, f"{place}/percent": 100 * n / size}


#: Counts before and after, by hand; a place in braces is the group.
RESPONSES = {
    "response/ADRS/FASFL/CBOR/{}best_response/SD": {ONE: (21, 20), ALL: (37, 36)},
    "response/ADRS/FASFL/CBOR/{}best_response/PD": {ONE: (4, 5), ALL: (9, 10)},
}
CONTROLLED = {ONE: (22, 21), ALL: (40, 39)}
EVENTS = {
    "any/Nausea": {ONE: (3, 4), ALL: (4, 5)},
    "severe": {TWO: (6, 7), ALL: (19, 20)},
    "severe/Fatigue": {TWO: (0, 1), ALL: (0, 1)},
    "serious": {ONE: (4, 5), ALL: (5, 6)},
    "serious_related": {ONE: (2, 3), ALL: (2, 3)},
    # Nobody had it, so there was no row; nobody in cohort 2 has it now.
    "serious/Nausea": {ONE: (None, 1), TWO: (None, 0), ALL: (None, 1)},
    "serious_related/Nausea": {ONE: (None, 1), TWO: (None, 0), ALL: (None, 1)},
}


def counted_values(position: int) -> Values:
    found: Values = {}
    for place, groups in RESPONSES.items():
        for group, counts in groups.items():
            found |= share(place.format(group), counts[position], SIZES[group])
    for group, controlled in CONTROLLED.items():
        place = f"response/ADRS/FASFL/CBOR/{group}dcr"
        values = by_hand.exact_share(controlled[position], SIZES[group])
        found |= {f"{place}/{name}": value for name, value in values.items()}
    for event, by_group in EVENTS.items():
        for group, numbers in by_group.items():
            place, n = f"adverse-events/ADAE/SAFFL/{group}{event}", numbers[position]
            if n is None:
                continue
            found |= share(place, n, SIZES[group])
            if event.startswith("serious"):  # each patient had one
                found[f"{place}/events"] = n
    return found


@pytest.fixture(scope="module")
def expected(runs: Pair) -> Pair:
    courses = course_values()
    found = []
    for position, (run, values) in enumerate(
        ((runs.before, courses.before), (runs.after, courses.after))
    ):
        doses = exposure_values(records(run.folder, "data/ex.csv"))
        depth = depth_values(records(run.folder, "data/tr.csv"), (145, 46)[position])
        parts = values | doses | depth | counted_values(position)
        found.append({f"ALTER-0802/simulated/{name}": value for name, value in parts.items()})
    return Pair(*found)


def close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def expected_changes(expected: Pair) -> set[str]:
    return {
        name
        for name in expected.before | expected.after
        if not close(expected.before.get(name), expected.after.get(name))
    }


# ------------------------------------------------------------------ what is found


def test_both_runs_are_whole(runs: Pair) -> None:
    assert runs.before.finished.failures == runs.after.finished.failures == ()


def test_the_rows_are_those_that_the_formulas_give(runs: Pair, expected: Pair) -> None:
    for run, wanted in ((runs.before, expected.before), (runs.after, expected.after)):
        rows = run.rows
        differing = {
            name: (value, rows[name].value if name in rows else None)
            for name, value in wanted.items()
            if name not in rows or not close(rows[name].value, value)
        }
        assert differing == {}
    assert len(expected.before) > 600


def test_exactly_the_expected_rows_change(runs: Pair, expected: Pair) -> None:
    before, after = runs.before.rows, runs.after.rows
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed == expected_changes(expected)
    # A row that is there twice differs in its value alone.
    assert all(
        replace(before[name], value=None) == replace(after[name], value=None)
        for name in changed & set(before) & set(after)
    )
    gone = {name for name in changed if name not in after}
    assert gone
    assert all("/Cohort 1/curve/145/" in name or "/curve/163/" in name for name in gone)


def test_the_alterations_reach_every_kind_of_analysis_that_they_can(expected: Pair) -> None:
    analyses = {name.split("/")[2] for name in expected_changes(expected)}
    assert analyses == {
        *("progression-free-survival", "time-to-progression", "pfs-sensitivity", "response"),
        *("time-on-treatment", "exposure", "adverse-events"),
    }


def cells(run: Run) -> dict[tuple[str, str, str, str], str]:
    """Return the text of each cell by table, column, group and row; printed numbers are apart."""
    found = {}
    for path in sorted((run.finished.out / "tables").glob("*.csv")):
        if path.stem.startswith("printed-"):
            continue
        with path.open(encoding="utf-8", newline="") as file:
            heads, *lines = [line for line in csv.reader(file) if len(line) > 1]
        for group, label, *texts in lines:
            for head, text in zip(heads[2:], texts, strict=True):
                place = (path.stem, head.split(" (n =")[0], group, label)
                assert place not in found
                found[place] = text
    return found


#: Cells before and after, by table and column. Of the 95% limits of survival only some are affected
#: at the printed decimals; means of exposure change too, and are not shown to that many decimals.
CELLS = """
progression-free-survival-and-others | Cohort 1
  5.9 (4.8–6.9) > 5.9 (3.2–6.9)
  80.8 (59.8–91.5) > 76.9 (55.7–88.9)
  76.5 (55.0–88.7) > 72.6 (51.0–85.9)
  54.2 (32.4–71.7) > 54.7 (33.0–72.0)
  54.2 (32.4–71.7) > 54.7 (33.0–72.0)
  5.9 (4.8–6.9) > 5.9 (3.2–6.9)
pfs-historical | Cohort 1
  80.8 (59.8–91.5) > 76.9 (55.7–88.9)
  1.57 > 1.21
  0.12 > 0.23
pfs-sensitivity | Cohort 1
  5.9 (4.8–6.9) > 5.9 (3.2–6.9)
  80.8 (59.8–91.5) > 76.9 (55.7–88.9)
  5.9 (4.8–6.9) > 5.9 (3.2–6.9)
  80.8 (59.8–91.5) > 76.9 (55.7–88.9)
  83.8 (62.4–93.6) > 79.8 (58.1–91.1)
  6.9 (4.2–6.9) > 6.9 (2.8–6.9)
  88.5 (68.4–96.1) > 84.6 (64.0–93.9)
  5.6 (4.2–6.9) > 5.6 (2.8–6.9)
  88.5 (68.4–96.1) > 84.6 (64.0–93.9)
  5.9 (4.8–6.9) > 5.9 (3.2–6.9)
  80.8 (59.8–91.5) > 76.9 (55.7–88.9)
response | Cohort 1
  21 (80.8) > 20 (76.9)
  4 (15.4) > 5 (19.2)
  22 > 21
  84.6 (65.1–95.6) > 80.8 (60.6–93.4)
  −6.1 (−15.8 to 0.8) > −4.4 (−15.8 to 2.3)
  18 (69.2) > 17 (65.4)
response | All
  37 (74.0) > 36 (72.0)
  9 (18.0) > 10 (20.0)
  40 > 39
  80.0 (66.3–90.0) > 78.0 (64.0–88.5)
  −7.0 (−15.8 to 0.8) > −6.5 (−15.8 to 1.1)
  36 (72.0) > 35 (70.0)
exposure | Cohort 1
  95.7 (84.6–100.0) > 95.7 (84.6–99.4)
exposure | Cohort 2
  94.7 (90.3–97.1) > 94.5 (90.3–96.4)
  6 (25.0) > 7 (29.2)
  18 (75.0) > 17 (70.8)
  6 (25.0) > 7 (29.2)
exposure | All
  94.9 (87.1–99.1) > 94.7 (87.1–98.9)
  14 (28.0) > 15 (30.0)
  36 (72.0) > 35 (70.0)
  14 (28.0) > 15 (30.0)
adverse-events | Any grade: Cohort 1
  3 (11.5) > 4 (15.4)
adverse-events | Any grade: All
  4 (8.0) > 5 (10.0)
adverse-events | Grade 3 or higher: Cohort 2
  6 (25.0) > 7 (29.2)
  0 > 1 (4.2)
adverse-events | Grade 3 or higher: All
  19 (38.0) > 20 (40.0)
  0 > 1 (2.0)
adverse-events-serious | Cohort 1
  4 (15.4) > 5 (19.2)
  2 (7.7) > 3 (11.5)
  4 > 5
  2 > 3
  absent > 1 (3.8)
  absent > 1 (3.8)
adverse-events-serious | Cohort 2
  absent > 0
  absent > 0
adverse-events-serious | All
  5 (10.0) > 6 (12.0)
  2 (4.0) > 3 (6.0)
  5 > 6
  2 > 3
  absent > 1 (2.0)
  absent > 1 (2.0)
"""


def cells_by_hand() -> Counter[tuple[str, str, str, str]]:
    found: Counter[tuple[str, str, str, str]] = Counter()
    table = column = ""
    for line in CELLS.strip().splitlines():
        if line.startswith("  "):
            before, after = line.strip().split(" > ")
            found[table, column, before, after] += 1
        else:
            table, column = line.split(" | ")
    return found


def test_exactly_the_expected_cells_of_the_tables_change(runs: Pair) -> None:
    before, after = cells(runs.before), cells(runs.after)
    changed = Counter(
        (place[0], place[1], before.get(place, "absent"), after.get(place, "absent"))
        for place in before | after
        if before.get(place) != after.get(place)
    )
    assert changed == cells_by_hand()


def shown(run: Run) -> dict[str, set[str]]:
    """Return what the tables and sentences of the page show of each row."""
    page = run.finished.report.read_text(encoding="utf-8")
    found: dict[str, set[str]] = defaultdict(set)
    for name, text in re.findall(r'data-row="([^"]+)" tabindex[^>]*>([^<]*)<', page):
        found[unescape(name)].add(text)
    return found


def test_no_other_number_of_the_page_changes(runs: Pair, expected: Pair) -> None:
    before, after = shown(runs.before), shown(runs.after)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed <= expected_changes(expected)
    rate = "progression-free-survival/ADTTE/FASFL/PFS/first dose/arm/Cohort 1/84/survival"
    was, now = (one[f"ALTER-0802/simulated/{rate}"] for one in (before, after))
    assert "80.8" in was - now
    assert "76.9" in now - was
    assert len(changed) > 60


PFS, TTP = "progression-free-survival", "time-to-progression"
#: Printed numbers that are no longer those of the data: place, analysis, level, variable and its
#: level, time, statistic; printed and computed.
DIFFERENT = {
    ("Table 2", PFS, "Cohort 1", "", "", 84.0, "survival"): ("80.8%", "76.9%"),
    ("Table 2", PFS, "Cohort 1", "", "", 84.0, "survival_lower"): ("59.8%", "55.7%"),
    ("Table 2", PFS, "Cohort 1", "", "", 84.0, "survival_upper"): ("91.5%", "88.9%"),
    ("Table 2", PFS, "Cohort 1", "", "", 168.0, "survival"): ("54.2%", "54.7%"),
    ("Table 2", PFS, "Cohort 1", "", "", 168.0, "survival_lower"): ("32.4%", "33.0%"),
    ("Table 2", PFS, "Cohort 1", "", "", 168.0, "survival_upper"): ("71.7%", "72.0%"),
    ("Table 2", TTP, "Cohort 1", "", "", "", "median_lower"): ("4.8", "3.2"),
    ("Discussion, p. 626", PFS, "Cohort 1", "", "", 84.0, "survival"): ("80.8%", "76.9%"),
    **{
        (place, analysis, level, variable, event, "", statistic): texts
        for place, analysis, level, variable, event, statistic, texts in (
            ("Table 2", "response", "Cohort 1", "best_response", "SD", "n", ("21", "20")),
            (
                "Table 2",
                "response",
                "Cohort 1",
                "best_response",
                "SD",
                "percent",
                ("80.8%", "76.9%"),
            ),
            ("Table 2", "response", "Cohort 1", "best_response", "PD", "n", ("4", "5")),
            (
                "Table 2",
                "response",
                "Cohort 1",
                "best_response",
                "PD",
                "percent",
                ("15.4%", "19.2%"),
            ),
            ("Table 4", "adverse-events", "Cohort 1", "any", "Nausea", "n", ("3", "4")),
            (
                "Table 4",
                "adverse-events",
                "Cohort 1",
                "any",
                "Nausea",
                "percent",
                ("11.5%", "15.4%"),
            ),
            ("Table 4", "adverse-events", "", "any", "Nausea", "n", ("4", "5")),
            ("Table 4", "adverse-events", "", "any", "Nausea", "percent", ("8.0%", "10.0%")),
            ("Table 4", "adverse-events", "Cohort 2", "severe", "Fatigue", "n", ("–", "1")),
            ("Table 4", "adverse-events", "", "severe", "Fatigue", "n", ("–", "1")),
            ("Results, p. 624", "exposure", "", "Anlotinib", "10 mg", "n", ("14", "15")),
            ("Results, p. 626", "adverse-events", "", "serious", "", "events", ("5", "6")),
            ("Results, p. 626", "adverse-events", "", "serious_related", "", "events", ("2", "3")),
        )
    },
}


def test_exactly_the_expected_printed_numbers_become_different(runs: Pair) -> None:
    before, after = runs.before.finished.compared, runs.after.finished.compared
    assert [one.number for one in before] == [one.number for one in after]
    columns = ("level", "variable", "variable_level", "time", "statistic")
    changed = {}
    for was, now in zip(before, after, strict=True):
        if (was.shown, was.verdict) == (now.shown, now.verdict):
            continue
        assert (was.verdict, now.verdict) == ("equal", "different")
        number = now.number
        place = (number.place, number.analysis, *(number.column(name) for name in columns))
        changed[place] = (number.printed, now.shown)
    assert changed == DIFFERENT
    told = json.loads((runs.after.finished.out / "published.json").read_text(encoding="utf-8"))
    verdicts = Counter(one["verdict"] for one in told["numbers"])
    assert verdicts["different"] == len(DIFFERENT)
