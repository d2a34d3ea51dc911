"""Courses become scans, doses and lesions that give the courses back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hepatica.errors import CommandError, DataError, ProtocolError
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.protocol.treatment import Schedule
from hepatica.published.model import Published
from hepatica.simulate.clinical_tables import dose_table
from hepatica.simulate.rebuild.burden import Burden, Plan, draw_burden
from hepatica.simulate.rebuild.construction import (
    Construction,
    Drug,
    Enrolment,
    Site,
    Therapies,
)
from hepatica.simulate.rebuild.construction_file import parse_construction
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.courses import SCHEMA, check_courses, read_courses
from hepatica.simulate.rebuild.drop_outs import local_therapies
from hepatica.simulate.rebuild.schedule import ScanDay, dose_intervals, scan_days
from hepatica.simulate.rebuild.telling import tell_courses
from hepatica.simulate.scans import NE, NOT_DONE, PD, PR, SD
from hepatica.simulate.story import END_REASONS
from hepatica.stats.random_streams import stream

ROOT = Path(__file__).resolve().parents[2]
HEADER = ",".join(SCHEMA)
#: Progression, response, early progression, death without progression, drop-out, on treatment.
ROWS = """
A-1,Cohort 1,2018-01-01,130,progression,300,death,SD,125,N,low,Y,N,150,
A-2,Cohort 1,2018-02-01,280,progression,500,death,PR,280,N,high,N,N,,
A-3,Cohort 1,2018-03-01,78,progression,200,death,PD,70,N,,N,N,,
A-4,Cohort 2,2018-04-01,150,death,150,death,SD,140,N,,N,N,,90
A-5,Cohort 2,2018-05-01,60,censored,200,death,SD,17,N,low,N,N,,80
A-6,Cohort 2,2019-02-01,300,censored,321,censored,SD,316,Y,low,N,N,,70
A-7,Cohort 2,2018-06-01,1,censored,30,censored,NE,1,N,,N,N,,70
"""


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return read_protocol(ROOT / "studies" / "alter-0802" / "study.yaml")


@pytest.fixture
def construction() -> Construction:
    return Construction(
        site=Site(id="01", country="CHN"),
        enrolment=Enrolment(first=date(2016, 10, 10), last=date(2019, 4, 26)),
        dose_reductions={"cohort-1": 2, "cohort-2": 1},
        therapies=Therapies(local=(Drug(name="TACE"),)),
    )


def courses_of(folder: Path, rows: str = ROWS) -> pl.DataFrame:
    path = folder / "courses.csv"
    path.write_text(HEADER + "\n" + rows.strip() + "\n", encoding="utf-8")
    return read_courses(path)


@pytest.fixture
def rebuild(protocol: Protocol, construction: Construction, tmp_path: Path) -> Rebuild:
    return Rebuild(protocol, Published("S", "", ()), construction, courses_of(tmp_path))


def days(pfs_days: int, *, died: bool = False, seed: int = 1) -> list[ScanDay]:
    return scan_days(pfs_days, died=died, every=42, least=36, rng=stream(seed, "days"))


def test_the_last_scan_lies_on_the_day_that_ends_the_time() -> None:
    for pfs_days in range(2, 500):
        found = [scan.day for scan in days(pfs_days)]
        assert found[-1] == pfs_days
        assert found == sorted(set(found))
        assert all(day >= 36 for day in found[:-1])


def test_an_early_end_is_an_unscheduled_scan() -> None:
    assert days(24) == [ScanDay(24, 1)]
    assert [scan.planned for scan in days(60)] == [2, 3]
    assert [scan.planned for scan in days(84)] == [2, 4]
    assert days(1) == []


def test_a_death_lies_weeks_after_the_last_scan() -> None:
    for seed in range(30):
        gap = 150 - days(150, died=True, seed=seed)[-1].day
        assert 7 <= gap <= 70


def test_scans_drift_away_from_multiples_of_six_weeks() -> None:
    late = [days(360)[at].day - 42 * (at + 1) for at in range(7)]
    assert max(late) > 7


@pytest.mark.parametrize("treated", range(1, 130))
def test_doses_run_from_day_1_to_the_last_day_of_treatment(treated: int) -> None:
    schedule = Schedule(first_day=1, last_day=14, cycle_days=21)
    rng = stream(treated, "doses")
    found = dose_intervals(treated, days(treated + 5), schedule, rng)
    assert (found[0].start, found[-1].end) == (1, treated)
    for before, after in pairwise(found):
        assert after.start > before.end
        if after.cycle > before.cycle:
            assert after.start - before.start >= 21
            assert after.delayed == (after.start - before.start > 21)
    for cycle in {one.cycle for one in found}:
        taken = sum(one.end - one.start + 1 for one in found if one.cycle == cycle)
        assert 1 <= taken <= 14


def drawn(best: str, scans: list[int], *, progressed: bool, seed: int = 3) -> Burden:
    planned = [ScanDay(day, 2 * (at + 1)) for at, day in enumerate(scans)]
    plan = Plan("A-1", best, progressed, planned, 35, 28, outside=False)
    return draw_burden(plan, stream(seed, "burden"))


def test_stable_disease_then_progression() -> None:
    for seed in range(10):
        found = drawn("SD", [43, 86, 130], progressed=True, seed=seed)
        assert found.overall.tolist() == [SD, SD, PD]
        assert 1 <= found.targets <= 2
        assert set(found.organ.tolist()) == {0}


def test_a_response_is_confirmed_four_weeks_later() -> None:
    for seed in range(10):
        found = drawn("PR", [43, 86, 130, 172], progressed=True, seed=seed)
        responses = [at for at, one in enumerate(found.overall) if one == PR]
        assert len(responses) >= 2
        assert found.overall[-1] == PD
        total = found.size.sum(axis=1)
        assert 10 * total[responses[0]] <= 7 * found.baseline.sum()


def test_what_lies_before_a_first_progression_could_not_be_evaluated() -> None:
    found = drawn("PD", [39, 78], progressed=True)
    assert found.overall.tolist() == [NE, PD]
    assert (found.size[0] == NOT_DONE).sum() == 1


def test_progression_that_leaves_no_room_is_refused_by_name() -> None:
    with pytest.raises(CommandError, match="A-1"):
        drawn("PR", [43, 60], progressed=True)


def test_the_story_has_the_times_of_the_courses(rebuild: Rebuild) -> None:
    story = tell_courses(rebuild)
    first = story.people.first_dose
    assert (story.course.progression[:3] - first[:3] + 1).tolist() == [130, 280, 78]
    assert (story.course.last_contact - first + 1).tolist() == [300, 500, 200, 150, 200, 321, 30]
    reasons = [END_REASONS[code] for code in story.course.reason[:4]]
    assert reasons == ["PROGRESSIVE DISEASE"] * 3 + ["DEATH"]
    assert story.course.ended.tolist() == [True] * 5 + [False, True]
    assert story.course.left.tolist() == [False] * 6 + [True]
    assert (story.people.consent < first).all()


def test_so_many_patients_take_a_lower_dose_as_chosen(rebuild: Rebuild) -> None:
    doses = dose_table(tell_courses(rebuild))
    lower = doses.filter(pl.col("EXDOSE") < 12)
    assert lower["EXDOSE"].unique().to_list() == [10.0]
    arms = lower["USUBJID"].unique().is_in(["A-1", "A-2", "A-3"])
    assert (arms.sum(), (~arms).sum()) == (2, 1)
    started = doses.filter(pl.col("EXADJ") == "ADVERSE EVENT")
    assert sorted(started["USUBJID"].to_list()) == sorted(lower["USUBJID"].unique().to_list())
    wanted = rebuild.construction.model_copy(update={"dose_reductions": {"cohort-2": 4}})
    with pytest.raises(CommandError, match="cohort-2"):
        tell_courses(replace(rebuild, construction=wanted))


def test_the_story_is_the_same_twice_and_another_with_another_seed(rebuild: Rebuild) -> None:
    again = tell_courses(rebuild)
    assert dose_table(again).equals(dose_table(tell_courses(rebuild)))
    other = replace(rebuild, protocol=rebuild.protocol.model_copy(update={"seed": 5}))
    assert not np.array_equal(
        tell_courses(other).lesions.size,  # type: ignore[union-attr]
        again.lesions.size,  # type: ignore[union-attr]
    )


def test_a_drop_out_who_dies_has_another_therapy_in_between(rebuild: Rebuild) -> None:
    rows = local_therapies(rebuild)
    assert rows["USUBJID"].to_list() == ["A-5"]
    day = (date.fromisoformat(rows["PRSTDTC"][0]) - date(2018, 5, 1)).days + 1
    assert 60 < day < 200
    nothing = rebuild.construction.model_copy(update={"therapies": Therapies()})
    with pytest.raises(CommandError, match=r"therapies\.local"):
        local_therapies(replace(rebuild, construction=nothing))


def test_good_courses_pass(rebuild: Rebuild) -> None:
    check_courses(rebuild.courses, rebuild.protocol, rebuild.construction)


@pytest.mark.parametrize(
    ("column", "edits"),
    [
        ("os_days", {"os_days": 100}),
        ("pfs_end", {"pfs_end": "death", "later_targeted": "N", "later_day": None}),
        ("first_dose", {"first_dose": date(2016, 10, 9)}),
        ("os_days", {"first_dose": date(2019, 4, 25)}),
        ("treatment_days", {"treatment_days": 300}),
        ("on_treatment", {"on_treatment": "Y"}),
        ("best_response", {"pfs_days": 35}),
        ("best_response", {"best_response": "PR", "pfs_days": 63}),
        ("best_response", {"best_response": "NE"}),
        ("later_day", {"later_day": None}),
        ("later_day", {"later_day": 130}),
        ("ARM", {"ARM": "Cohort 3"}),
    ],
)
def test_an_impossible_course_is_named_without_its_values(
    rebuild: Rebuild, column: str, edits: dict[str, object]
) -> None:
    rows = rebuild.courses.to_dicts()
    rows[0] |= edits
    courses = pl.DataFrame(rows, schema=rebuild.courses.schema)
    with pytest.raises(DataError) as refused:
        check_courses(courses, rebuild.protocol, rebuild.construction)
    problems = {one.column: one for one in refused.value.problems}
    assert column in problems
    assert problems[column].subjects == ("A-1",)
    assert "2018-01-01" not in str(refused.value)


def test_a_value_of_another_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        courses_of(tmp_path, ROWS.replace("130,progression", "x,progress") + "A-1" + "," * 14)
    assert {one.column for one in refused.value.problems} >= {"USUBJID", "pfs_days", "pfs_end"}


def test_files_that_are_not_there_or_lack_columns(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        read_courses(tmp_path / "courses.csv")
    (tmp_path / "courses.csv").write_text("USUBJID,ARM\nA-1,Cohort 1\n", encoding="utf-8")
    with pytest.raises(CommandError, match="lacks first_dose, pfs_days"):
        read_courses(tmp_path / "courses.csv")


def test_faults_of_the_construction_are_told_at_once() -> None:
    text = "site: {id: 'a', country: b}\nenrolmet: 3\ndeviations: [{category: X, term: a}]\n"
    with pytest.raises(ProtocolError) as refused:
        parse_construction(text)
    told = {one.path: one for one in refused.value.problems}
    assert "Did you mean 'enrolment'" in told["enrolmet"].message
    assert told["enrolmet"].line == 2
    assert told["enrolment"].message == "Missing: this key is needed."
    assert "MAJOR" in told["deviations[0].category"].message
    assert "deviations[0].subjects" in told


def test_stable_disease_before_an_early_progression_has_its_own_scan() -> None:
    for pfs_days in range(43, 52):
        found = scan_days(
            pfs_days, died=False, every=42, least=36, rng=stream(1, "days"), twice=True
        )
        assert [scan.planned for scan in found] == [2, 3]
        assert 36 <= found[0].day < found[1].day == pfs_days
    assert days(45) == [ScanDay(45, 2)]


def test_without_an_evaluable_scan_there_is_one_that_could_not_be_read(rebuild: Rebuild) -> None:
    story = tell_courses(rebuild)
    scans, last = story.scans, story.people.n - 1
    assert scans is not None
    mine = np.flatnonzero(scans.owner == last)
    assert scans.overall[mine].tolist() == [NE]
    assert (scans.size[mine] == NOT_DONE).any()
    assert scans.day[mine][0] < story.course.last_contact[last]


def test_a_last_contact_shortly_before_the_cut_off_is_no_loss(
    protocol: Protocol, construction: Construction, tmp_path: Path
) -> None:
    rows = ROWS.replace(
        "2019-02-01,300,censored,321,censored", "2019-02-01,290,censored,310,censored"
    )
    changed = courses_of(tmp_path, rows.replace("SD,316,Y", "SD,280,N"))
    chosen = construction.model_copy(update={"dose_reductions": {}})
    story = tell_courses(Rebuild(protocol, Published("S", "", ()), chosen, changed))
    assert story.people.horizon - story.course.last_contact[5] == 11
    assert not story.course.left[5]
    assert story.course.ended[5]
