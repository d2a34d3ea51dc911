"""Adverse events have the printed numbers of patients, and fit the courses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
from printed_patients import ARMS, reprinted, reseeded, story, study, with_arm

from hepatica.derive.adae import derive_adae
from hepatica.errors import InputError
from hepatica.simulate.draw import iso
from hepatica.simulate.rebuild.construction import Events, SeriousEvent
from hepatica.simulate.rebuild.event_dealing import (
    DealtEvent,
    Lead,
    PrintedEvent,
    deal_events,
)
from hepatica.simulate.rebuild.events import event_table
from hepatica.simulate.story import END_REASONS

PRINTED = (PrintedEvent("Bleeding", 3, 2), PrintedEvent("Hypertension", 4, 1))
CHOSEN = Events(leading=("Hypertension",))


def dealt(
    serious: tuple[SeriousEvent, ...] = (),
    leads: tuple[Lead, ...] = (),
    fatal: int | None = None,
    printed: tuple[PrintedEvent, ...] = PRINTED,
) -> list[DealtEvent]:
    rng = np.random.default_rng(2)
    return deal_events(printed, serious, leads, CHOSEN, [100] * 6, rng, fatal=fatal)


def test_each_number_of_patients_is_dealt() -> None:
    for printed in PRINTED:
        found = [one for one in dealt() if one.name == printed.name]
        assert len({one.patient for one in found}) == len(found) == printed.patients
        assert sum(one.grade >= 3 for one in found) == printed.severe


def test_the_fatal_event_is_that_of_its_patient() -> None:
    serious = (
        SeriousEvent(event="Bleeding", arm="a"),
        SeriousEvent(event="Bleeding", arm="a", fatal=True),
    )
    found = {one.patient: one for one in dealt(serious, fatal=4) if one.name == "Bleeding"}
    assert found[4].grade == 5
    assert sorted(one.grade for one in found.values() if one.serious) == [3, 5]


def test_more_serious_events_than_severe_ones_are_refused() -> None:
    with pytest.raises(InputError, match="more serious events Hypertension"):
        dealt((SeriousEvent(event="Hypertension", arm="a"),) * 2)


def test_a_fatal_event_needs_a_death() -> None:
    with pytest.raises(InputError, match="no patient of the arm dies"):
        dealt((SeriousEvent(event="Bleeding", arm="a", fatal=True),))


def test_reductions_have_a_severe_event_while_there_are_any_then_a_moderate_one() -> None:
    leads = (Lead(0, 50, "DOSE REDUCED"), Lead(1, 60, "DOSE REDUCED"))
    found = [one for one in dealt(leads=leads) if one.lead is not None]
    assert [(one.patient, one.name) for one in found] == [(0, "Hypertension"), (1, "Hypertension")]
    assert sorted(one.grade for one in found) == [2, 3]


def test_more_severe_events_than_events_are_refused() -> None:
    with pytest.raises(InputError, match="severe event than any event: Nausea"):
        dealt(printed=(PrintedEvent("Fatigue", 3, 0), PrintedEvent("Nausea", 1, 2)))


def test_more_patients_than_the_arm_has_are_refused() -> None:
    with pytest.raises(InputError, match="than the arm has"):
        dealt(printed=(PrintedEvent("Fatigue", 7, 0),))


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return event_table(study(), story())


def worst(table: pl.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """Return patients of each arm and event: of any grade, and of grade 3 or higher."""
    found = (
        with_arm(table)
        .group_by("ARM", "AEDECOD", "USUBJID")
        .agg(pl.col("AETOXGR").max())
        .group_by("ARM", "AEDECOD")
        .agg(pl.len(), (pl.col("AETOXGR") >= 3).sum().alias("severe"))
    )
    return {(arm, event): (n, severe) for arm, event, n, severe in found.rows()}


@pytest.mark.parametrize("seed", [802, 5])
def test_table_4_is_met(seed: int) -> None:
    rebuild = reseeded(study(), seed)
    found = worst(event_table(rebuild, story()))
    printed = [
        one
        for one in study().published.where(
            place="Table 4", analysis="adverse-events", statistic="n"
        )
        if one.level
    ]
    assert len(printed) >= 34 * 2 + 34 * 2 - 2
    for one in printed:
        key = (one.level, str(one.column("variable_level")))
        place = ("any", "severe").index(str(one.column("variable")))
        assert found.get(key, (0, 0))[place] == one.value, key


def test_every_event_is_treatment_emergent_and_before_death(table: pl.DataFrame) -> None:
    typed = table.with_columns(
        pl.col("AETOXGR").cast(pl.String),
        *(pl.col(f"AE{name}DTC").str.to_date().alias(f"AE{name}DT") for name in ("ST", "EN")),
        AESTDTP=pl.lit("D"),
        AEENDTP=pl.when(pl.col("AEENDTC").is_not_null()).then(pl.lit("D")),
    )
    adsl = study().courses.select(
        "USUBJID",
        pl.col("first_dose").alias("TRTSDT"),
        (pl.col("first_dose") + pl.duration(days=pl.col("treatment_days") - 1)).alias("TRTEDT"),
    )
    derived = derive_adae(study().protocol, nw.from_native(typed), nw.from_native(adsl))
    derived = derived.collect().to_polars()
    assert (derived["TRTEMFL"] == "Y").all()
    days = with_arm(typed).select(
        contact=pl.col("first_dose") + pl.duration(days=pl.col("os_days") - 1),
        start=pl.col("AESTDT"),
        end=pl.col("AEENDT"),
    )
    assert (days["start"] <= days["contact"]).all()
    assert (days["end"].drop_nulls() <= days.drop_nulls()["contact"]).all()


def test_five_serious_events_of_which_two_bleedings_are_related(table: pl.DataFrame) -> None:
    serious = table.filter(pl.col("AESER") == "Y")
    assert serious.height == 5
    related = serious.filter(pl.col("AEREL") == "PROBABLY RELATED")
    assert related["AETERM"].to_list() == ["Gastrointestinal bleeding"] * 2
    assert sorted(related["AEOUT"].to_list()) == ["FATAL", "RECOVERED/RESOLVED"]


def test_the_fatal_bleeding_is_the_death_without_progression(table: pl.DataFrame) -> None:
    fatal = with_arm(table.filter(pl.col("AESDTH") == "Y"))
    assert fatal.height == 1
    row = fatal.to_dicts()[0]
    assert (row["ARM"], row["pfs_end"], row["AETOXGR"]) == ("Cohort 1", "death", 5)
    death = row["first_dose"].toordinal() + row["os_days"] - 1
    assert date.fromisoformat(row["AESTDTC"]).toordinal() == death
    assert row["AEENDTC"] == row["AESTDTC"]


def test_reductions_and_withdrawals_have_the_event_that_led_to_them(table: pl.DataFrame) -> None:
    told = story()
    names = told.people.names
    owner = told.doses.owner[told.doses.reduced]
    reduced = dict(zip(names.gather(owner), iso(told.doses.start[told.doses.reduced]), strict=True))
    events = table.filter(pl.col("AEACN") == "DOSE REDUCED")
    assert sorted(events["USUBJID"]) == sorted(reduced)
    assert len(reduced) == sum(study().construction.dose_reductions.values())
    for subject, start in events.select("USUBJID", "AESTDTC").rows():
        assert start < reduced[subject]
    stopped = told.course.ended & (told.course.reason == END_REASONS.index("ADVERSE EVENT"))
    withdrawn = table.filter(pl.col("AEACN") == "DRUG WITHDRAWN")["USUBJID"]
    assert sorted(withdrawn) == sorted(names.filter(pl.Series(stopped)))


def test_further_records_are_not_worse_and_do_not_overlap(table: pl.DataFrame) -> None:
    again = table.filter(pl.len().over("USUBJID", "AEDECOD") > 1)
    assert again.height > 10
    for _, rows in again.group_by("USUBJID", "AEDECOD"):
        first, second = rows.sort("AESTDTC").to_dicts()
        assert first["AETOXGR"] >= second["AETOXGR"]
        assert first["AEENDTC"] is None or first["AEENDTC"] < second["AESTDTC"]


def test_another_print_gives_other_events() -> None:
    rebuild = reprinted(
        19.0, variable="any", variable_level="Hoarseness", level="Cohort 2", statistic="n"
    )
    assert worst(event_table(rebuild))["Cohort 2", "Hoarseness"] == (19, 0)


def test_systems_are_known_and_the_same_seed_gives_the_same_events(table: pl.DataFrame) -> None:
    assert table["AEBODSYS"].null_count() == 0
    assert table.equals(event_table(study(), story()))
    quiet = replace(study(), construction=study().construction.model_copy(update={"systems": {}}))
    assert event_table(quiet)["AEBODSYS"].null_count() == event_table(quiet).height
    assert set(with_arm(table)["ARM"]) == set(ARMS)
