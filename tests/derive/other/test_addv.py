"""ADDV: what a protocol deviation keeps, and its day."""

from __future__ import annotations

from datetime import date

from tables import ENGINES, derived, protocol, table

from hepatica.derive.addv import derive_addv

DEVIATIONS = table(
    "USUBJID DVTERM DVDECOD DVCAT DVSTDTC DVSEQ",
    [
        ("2", "Scan late", "LATE VISIT", "MINOR", None, 1),
        ("1", "Consent signed late", None, "MAJOR", "2020-02", 2),
        ("1", "Dose forgotten", "DOSE", None, "2020-01-15", 1),
    ],
)


@ENGINES
def test_deviations_keep_their_words_and_get_a_day(engine: str) -> None:
    plan = protocol(dates={"start": "first"})
    found = derived(derive_addv, engine, DEVIATIONS, plan=plan)
    columns = ["USUBJID", "DVTERM", "DVDECOD", "DVCAT", "ASTDT", "ASTDTF", "SRCSEQ"]
    assert found.sort("USUBJID", "SRCSEQ").select(columns).rows() == [
        ("1", "Dose forgotten", "DOSE", None, date(2020, 1, 15), None, 1),
        ("1", "Consent signed late", None, "MAJOR", date(2020, 2, 1), "D", 2),
        ("2", "Scan late", "LATE VISIT", "MINOR", None, None, 1),
    ]
    assert set(found["SRCDOM"]) == {"DV"}


@ENGINES
def test_a_table_of_terms_alone_is_enough(engine: str) -> None:
    found = derived(derive_addv, engine, table("USUBJID DVTERM", [("1", "Scan late")]))
    assert found.select("DVTERM", "DVDECOD", "DVCAT", "ASTDT", "SRCSEQ").rows() == [
        ("Scan late", None, None, None, None)
    ]
