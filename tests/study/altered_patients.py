"""What was done to five patients of ALTER-0802, and the rows that follow, by hand.

The numbers come from the courses, the recorded doses and lesions and the formulas in `by_hand`; the
package has no part in them.

A lesion of S1-14 grows to 83.1 mm at week 6, so that the sum of 115.8 mm is progression on day 46
instead of a new lesion on day 145; S2-01 takes 10 mg instead of 12 in the last cycle; S1-02 takes
the last dose three days earlier; a fatigue of S2-03 is of grade 3; S1-03 has a serious, related
nausea.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import by_hand
from by_hand import Exposure, Times, Values

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
class Pair:
    """Something as the study stands, and altered."""

    before: Any
    after: Any


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
EVENTS: dict[str, dict[str, tuple[int | None, int]]] = {
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


def altered_values(before: Path, after: Path) -> Pair:
    """Return every row that an alteration may reach, of the study as it stands and altered."""
    courses = course_values()
    found = []
    for position, (folder, values) in enumerate(((before, courses.before), (after, courses.after))):
        doses = exposure_values(records(folder, "data/ex.csv"))
        depth = depth_values(records(folder, "data/tr.csv"), (145, 46)[position])
        parts = values | doses | depth | counted_values(position)
        found.append({f"ALTER-0802/simulated/{name}": value for name, value in parts.items()})
    return Pair(*found)
