"""Patients of ALTER-0802 altered by hand in the collected tables: what changes, and nothing else.

`altered_patients` says what was done, and computes the rows that follow without the package. Its
formulas also have to give the rows of the study as it stands, so that a wrong one cannot hide
behind a difference.
"""

from __future__ import annotations

import csv
import json
import math
import re
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from altered_patients import STUDY, Pair, alter, altered_values
from altered_report import DIFFERENT, cells_by_hand

from hepatica.study.run import Finished, run_study


@dataclass(frozen=True, slots=True)
class Run:
    folder: Path
    finished: Finished

    @property
    def rows(self) -> dict[str, Any]:
        return {row.id: row for row in self.finished.results}


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


@pytest.fixture(scope="module")
def expected(runs: Pair) -> Pair:
    return altered_values(runs.before.folder, runs.after.folder)


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


def test_exactly_the_expected_printed_numbers_become_different(runs: Pair) -> None:
    before, after = runs.before.finished.compared, runs.after.finished.compared
    assert [one.number for one in before] == [one.number for one in after]
    assert Counter(one.verdict for one in before) == {"equal": 728, "misprint": 10}
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
