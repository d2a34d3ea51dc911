"""Disease control at a fixed week: a subject for each rule and each boundary, by hand.

The first dose is on day 0, the visit of week 12 is planned on day 84 with a window of 7 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from response_tables import day, protocol

from hepatica.derive import controlled_at
from hepatica.derive.adrs import derive_adrs
from hepatica.protocol.endpoints import Response
from hepatica.protocol.presets import preset_mapping

PRESET = Response.model_validate(dict(preset_mapping("endpoints", "dcr-at-week")))


@dataclass(frozen=True)
class Subject:
    """Visits by day from the first dose, and what is expected: Y or N, the rule, the day."""

    name: str
    visits: tuple[tuple[int, str], ...]
    expected: tuple[str, str, int | None]
    death: int | None = None
    therapy: int | None = None


SUBJECTS = (
    Subject("on the day", ((42, "SD"), (84, "SD")), ("Y", "week-controlled", 84)),
    Subject("first day of the window", ((77, "PR"),), ("Y", "week-controlled", 77)),
    Subject("before the window", ((76, "PR"),), ("N", "week-not-assessed", None)),
    Subject("last day of the window", ((91, "CR"),), ("Y", "week-controlled", 91)),
    Subject("after the window", ((92, "CR"),), ("N", "week-not-assessed", None)),
    Subject("not measurable", ((84, "NON-CR/NON-PD"),), ("Y", "week-controlled", 84)),
    Subject("never assessed", (), ("N", "week-not-assessed", None)),
    Subject("not evaluable then", ((42, "SD"), (84, "NE")), ("N", "week-not-evaluable", None)),
    Subject("not evaluable, then seen", ((80, "NE"), (90, "SD")), ("Y", "week-controlled", 90)),
    Subject("progression before", ((42, "PD"), (84, "SD")), ("N", "week-progressed", 42)),
    Subject("progression then", ((42, "SD"), (91, "PD")), ("N", "week-progressed", 91)),
    Subject("progression within", ((84, "SD"), (90, "PD")), ("N", "week-progressed", 90)),
    Subject("progression after", ((84, "SD"), (92, "PD")), ("Y", "week-controlled", 84)),
    Subject("death before", ((42, "SD"),), ("N", "week-died", None), death=60),
    Subject("death on the last day", ((42, "SD"),), ("N", "week-died", None), death=91),
    Subject("death after", ((42, "SD"),), ("N", "week-not-assessed", None), death=92),
    Subject("controlled, then death", ((84, "SD"),), ("Y", "week-controlled", 84), death=90),
    Subject("not evaluable, then death", ((84, "NE"),), ("N", "week-died", None), death=90),
    Subject("therapy before", ((84, "SD"),), ("N", "week-therapy", None), therapy=83),
    Subject("therapy that day", ((84, "SD"),), ("Y", "week-controlled", 84), therapy=84),
)


def derived(subjects: tuple[Subject, ...] = SUBJECTS, **other: Any) -> pl.DataFrame:
    study = SimpleNamespace(**(vars(protocol("coded", **other)) | {"endpoints": (PRESET,)}))
    adsl = pl.DataFrame(
        {
            "USUBJID": [one.name for one in subjects],
            "TRTSDT": [day(0) for _ in subjects],
            "DTHDT": [None if one.death is None else day(one.death) for one in subjects],
        },
        schema_overrides={"DTHDT": pl.Date},
    )
    rows = [(one.name, number, word) for one in subjects for number, word in one.visits]
    rs = pl.DataFrame(
        {
            "USUBJID": [name for name, _, _ in rows],
            "RSTESTCD": ["OVRLRESP"] * len(rows),
            "RSSTRESC": [word for _, _, word in rows],
            "RSDT": [day(number) for _, number, _ in rows],
            "RSDTP": ["D"] * len(rows),
            "RSEVAL": ["INVESTIGATOR"] * len(rows),
            "RSSEQ": list(range(1, len(rows) + 1)),
        }
    )
    given = [one for one in subjects if one.therapy is not None]
    adcm = pl.DataFrame(
        {
            "USUBJID": [one.name for one in given],
            "ASTDT": [day(one.therapy or 0) for one in given],
            "NEWTHFL": ["Y"] * len(given),
        }
    )
    tables = {name: nw.from_native(one) for name, one in (("rs", rs), ("adcm", adcm))}
    frame = derive_adrs(study, nw.from_native(adsl), **tables)  # type: ignore[arg-type]
    found: pl.DataFrame = frame.collect("polars").to_native()
    return found.filter(pl.col("PARAMCD") == "DCWEEK")


def told(frame: pl.DataFrame) -> dict[str, tuple[str, str, int | None]]:
    return {
        row["USUBJID"]: (
            row["AVALC"],
            row["RULEID"],
            None if row["ADT"] is None else (row["ADT"] - day(0)).days,
        )
        for row in frame.to_dicts()
    }


EXPECTED = {one.name: one.expected for one in SUBJECTS}


def test_each_subject_has_the_expected_record() -> None:
    frame = derived()
    assert len(frame) == len(SUBJECTS)
    assert told(frame) == EXPECTED


def test_records_say_what_they_are_and_where_from() -> None:
    rows = {row["USUBJID"]: row for row in derived().to_dicts()}
    row = rows["on the day"]
    assert (row["PARAM"], row["AVAL"], row["ANL01FL"]) == (PRESET.label, 1.0, "Y")
    assert (row["SRCDOM"], row["SRCVAR"], row["SRCSEQ"]) == ("RS", "RSSTRESC", 2)
    assert rows["never assessed"]["SRCDOM"] is None
    assert "No tumour assessment" in rows["never assessed"]["RULE"]


@pytest.mark.parametrize("identifier", [rule.id for rule in controlled_at.RULES])
def test_a_removed_rule_changes_a_subject(identifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tuple(rule for rule in controlled_at.RULES if rule.id != identifier)
    monkeypatch.setattr(controlled_at, "RULES", left)
    assert told(derived()) != EXPECTED


IRECIST = (
    Subject("not confirmed", ((42, "iSD"), (84, "iUPD")), ("N", "week-not-evaluable", None)),
    Subject("dropped", ((42, "iUPD"), (84, "iSD")), ("Y", "week-controlled", 84)),
    Subject("confirmed", ((42, "iUPD"), (84, "iCPD")), ("N", "week-progressed", 84)),
    Subject("confirmed later", ((84, "iUPD"), (126, "iCPD")), ("N", "week-not-evaluable", None)),
)


def test_by_irecist_an_unconfirmed_progression_is_no_control_either() -> None:
    frame = derived(IRECIST, criteria="iRECIST")
    assert told(frame) == {one.name: one.expected for one in IRECIST}
