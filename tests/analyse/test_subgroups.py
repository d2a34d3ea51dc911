"""Rows of the treatment effect in subgroups, beside R, and where a level says too little."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compared_groups import PINNED, carried_out, cohort, study, value

from hepatica.results import Results

PLACE = {"variable": "subgroups"}
#: Arm, sex, patients with and without an event.
MEN = (("A", "Male", 9, 3), ("B", "Male", 8, 4))


def analysed(
    rows: list[dict[str, Any]], arms: tuple[str, ...] = ("A", "B"), **parts: Any
) -> Results:
    analysis = {
        "kind": "subgroups",
        "endpoint": "os",
        "reference": "A",
        "subgroups": parts.pop("subgroups", ["level"]),
    }
    return carried_out(study(analysis, arms=arms, **parts), rows)


@pytest.mark.parametrize("name", ["several", "ties", "three_groups", "many"])
def test_beside_r(name: str) -> None:
    arms = ("A", "B", "C") if name == "three_groups" else ("A", "B")
    rows = analysed(cohort(name), arms)
    theirs = PINNED[name]
    names = ("interaction_statistic", "interaction_df", "interaction_p_value")
    ours = [value(rows, one, subgroup="level", **PLACE) for one in names]
    assert ours == pytest.approx(theirs["interaction"], rel=1e-7)
    for level, within in enumerate(theirs["within"]):
        place = PLACE | {"subgroup": "level", "subgroup_level": str(level)}
        for statistic in ("n", "events"):
            counted = [value(rows, statistic, level=arm, **place) for arm in arms]
            assert counted == within[statistic]
        if name == "three_groups":
            continue  # a model of three groups in R, of pairs here
        for statistic in ("coef", "std_error"):
            own = value(rows, statistic, level="B", reference="A", **place)
            assert own == pytest.approx(np.atleast_1d(within[statistic])[0], rel=1e-8)


def test_subgroups_come_from_the_protocol() -> None:
    analysis = {"kind": "subgroups", "endpoint": "os", "reference": "A"}
    rows = carried_out(study(analysis, subgroups=["level", "sex"]), cohort("several"))
    assert value(rows, "n_subgroups", **PLACE) == 2
    assert value(rows, "n", subgroup="sex", subgroup_level="Missing", **PLACE) == 150


def patients(*groups: tuple[str, str, int, int]) -> list[dict[str, Any]]:
    """Return patients of (arm, sex, events, censored), all with times of their own."""
    found = []
    for arm, sex, events, censored in groups:
        for n in range(events + censored):
            time = 10 + 7 * len(found) % 101 + n
            found.append({"arm": arm, "sex": sex, "time": time, "event": int(n < events)})
    return found


def test_a_level_with_too_few_events() -> None:
    rows = analysed(
        patients(
            ("A", "Male", 9, 3), ("B", "Male", 8, 4), ("A", "Female", 2, 3), ("B", "Female", 1, 4)
        ),
        subgroups=["sex"],
    )
    place = PLACE | {"subgroup": "sex", "subgroup_level": "Female", "level": "B"}
    found = rows.one(analysis="one", statistic="hazard_ratio", reference="A", **place)
    assert found.status == "not_estimable"
    assert found.message.startswith("Too few events (3 in both groups; 5 are needed)")
    assert value(rows, "events", **place) == 1
    assert value(rows, "interaction_df", subgroup="sex", **PLACE) == 1


def test_a_level_in_which_a_group_has_no_event() -> None:
    rows = analysed(
        patients(
            ("A", "Male", 9, 3), ("B", "Male", 8, 4), ("A", "Female", 7, 3), ("B", "Female", 0, 9)
        ),
        subgroups=["sex"],
    )
    place = PLACE | {"subgroup": "sex", "subgroup_level": "Female", "level": "B"}
    found = rows.one(analysis="one", statistic="hazard_ratio", reference="A", **place)
    assert (found.status, "no event in B" in found.message) == ("not_estimable", True)
    tested = rows.one(analysis="one", statistic="interaction_p_value", subgroup="sex")
    assert (tested.status, "Join levels" in tested.message) == ("not_estimable", True)
    whole = PLACE | {"subgroup": "", "level": "B", "reference": "A"}
    assert value(rows, "hazard_ratio", **whole) > 0


def test_a_level_with_one_group_only() -> None:
    rows = analysed(
        patients(*MEN, ("A", "Female", 7, 3)),
        subgroups=["sex"],
    )
    place = PLACE | {"subgroup": "sex", "subgroup_level": "Female", "level": "B"}
    found = rows.one(analysis="one", statistic="hazard_ratio", reference="A", **place)
    assert (found.status, "no patient of B" in found.message) == ("not_estimable", True)
    tested = rows.one(analysis="one", statistic="interaction_p_value", subgroup="sex")
    assert (tested.status, "one group only" in tested.message) == ("not_estimable", True)


def test_unknown_levels_are_counted_and_in_no_subgroup() -> None:
    people = patients(
        ("A", "Male", 9, 3), ("B", "Male", 8, 4), ("A", "Female", 7, 3), ("B", "Female", 6, 4)
    )
    people[0]["sex"] = None
    rows = analysed(people, subgroups=["sex"])
    assert value(rows, "n", subgroup="sex", subgroup_level="Missing", **PLACE) == 1
    assert value(rows, "n", subgroup="sex", subgroup_level="Male", level="A", **PLACE) == 11
    assert value(rows, "n", subgroup="", level="A", **PLACE) == 22
