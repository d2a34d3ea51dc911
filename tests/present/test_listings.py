"""Listings of single patients: who stands there, in which order and words, and in print."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
from rows_report import results

from hepatica.present.csv import listing_csv
from hepatica.present.listings import Listing, ListingColumn, study_listings
from hepatica.present.page import MAX_LISTED
from hepatica.present.report import numbers_traced, report_content, report_html
from hepatica.protocol.model import Protocol

FIRST = date(2020, 1, 1)
HOSTILE = '<script>alert("1")</script>'


def day(number: int | None) -> date | None:
    """Return the date of a study day from 1 on."""
    return None if number is None else FIRST + timedelta(number - 1)


def protocol(*listings: str, entry: bool = False) -> Protocol:
    rule = {"id": "death", "sentence": "Died.", "description": "Death"}
    times: list[dict[str, Any]] = [
        {
            "kind": "time_to_event",
            "id": name,
            "label": label,
            "parameter": name.upper(),
            "origin": {"label": "first dose", "variable": "TRTSDT"},
            "events": [rule],
        }
        for name, label in (("pfs", "Progression-free survival"), ("os", "Overall survival"))
    ]
    if entry:
        times[1]["entry"] = {"label": "first dose", "variable": "TRTSDT"}
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T"},
            "data": {"tables": {"ADSL": {"file": "adsl.csv"}}},
            "arms": [{"id": "a", "label": "Arm A", "value": "A"}, {"id": "b", "label": "Arm B"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "endpoints": times,
            "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["x"]}],
            "listings": list(listings),
        }
    )


def adsl(**columns: list[Any]) -> pl.DataFrame:
    base: dict[str, list[Any]] = {
        "USUBJID": ["S-10", "S-2", "S-1", "S-0"],
        "TRT01P": ["A", "Arm B", "A", None],
        "ENRLFL": ["Y", "Y", "Y", "N"],
        "TRTSDT": [FIRST, FIRST, FIRST, None],
        "TRTEDT": [day(20), day(40), None, None],
        "DTHFL": ["Y", "Y", None, "Y"],
        "DTHDT": [day(30), None, None, day(5)],
        "DTHCAUS": ["Hepatic failure", None, None, None],
        "EOTSTT": ["DISCONTINUED", "DISCONTINUED", "ONGOING", None],
        "DCTREAS": ["PROGRESSIVE DISEASE", HOSTILE, None, None],
    }
    return pl.DataFrame(base | columns)


def listing(name: str, plan: Protocol | None = None, **datasets: pl.DataFrame) -> Listing:
    (found,) = study_listings(plan or protocol(name), {"ADSL": adsl(), **datasets})
    return found


def test_deaths_are_those_of_enrolled_patients_with_and_without_a_cause() -> None:
    responses = pl.DataFrame(
        {
            "USUBJID": ["S-10", "S-10", "S-2"],
            "PARAMCD": ["PD", "PD", "PD"],
            "AVALC": ["Y", "Y", "N"],
            "ADT": [day(25), day(22), day(10)],
        }
    )
    assert listing("deaths", ADRS=responses).rows == (
        ("S-10", "Arm A", "30", "10", "Hepatic failure", "Yes, day 22"),
        ("S-2", "Arm B", "Not recorded", "Not recorded", "Not recorded", "No"),
    )
    assert [column.label for column in listing("deaths").columns][-1] == "Cause"


def test_progression_after_death_is_not_before_it() -> None:
    late = {"USUBJID": ["S-10"], "PARAMCD": ["PD"], "AVALC": ["Y"], "ADT": [day(31)]}
    assert listing("deaths", ADRS=pl.DataFrame(late)).rows[0][-1] == "No"


def test_discontinuations_are_sorted_by_subject() -> None:
    assert listing("discontinuations").rows == (
        ("S-10", "Arm A", "Progressive disease", "20"),
        ("S-2", "Arm B", HOSTILE, "40"),
    )


def test_serious_events_stand_by_subject_and_onset() -> None:
    events = pl.DataFrame(
        {
            "USUBJID": ["S-2", "S-2", "S-10", "S-2", "S-0"],
            "AEDECOD": ["Sepsis", "Ascites", None, "Nausea", "Fall"],
            "AETERM": ["sepsis", "ascites", "bleeding from a varix", "nausea", "fall"],
            "AESER": ["Y", "Y", "Y", "N", "Y"],
            "ATOXGR": [4, 3, 5, 1, 3],
            "ASTDT": [day(9), FIRST - timedelta(2), None, day(1), day(1)],
            "AEOUT": ["RECOVERED/RESOLVED", None, "FATAL", None, None],
            "AEREL": ["Y", "N", None, None, None],
            "AEACN": ["DOSE NOT CHANGED", None, None, None, None],
        }
    )
    rows = listing("serious_events", ADAE=events).rows
    assert [row[0] for row in rows] == ["S-10", "S-2", "S-2"]
    assert rows[0][2:6] == ("bleeding from a varix", "5", "Not recorded", "Fatal")
    assert rows[1][2:5] == ("Ascites", "3", "\N{MINUS SIGN}2")
    assert rows[2][2:] == ("Sepsis", "4", "9", "Recovered/resolved", "Yes", "Dose not changed")


def test_times_name_what_ended_them_and_the_record() -> None:
    times = pl.DataFrame(
        {
            "USUBJID": ["S-2", "S-2", "S-1", "S-2"],
            "PARAMCD": ["OS", "PFS", "OS", "XX"],
            "AVAL": [40.0, 30.0, None, 1.0],
            "CNSR": [1, 0, None, 0],
            "EVNTDESC": [None, "Progression", None, "?"],
            "CNSDTDSC": ["Alive", None, None, None],
            "SRCDOM": ["ADSL", "ADRS", None, None],
            "SRCVAR": ["LSTALVDT", "ADT", None, None],
            "SRCSEQ": [None, 7, None, None],
            "AENTRY": [12.0, None, None, None],
        }
    )
    assert listing("endpoints", ADTTE=times).rows == (
        ("S-1", "Arm A", "Overall survival", "Not recorded", "Not known", "Not recorded", "–"),
        ("S-2", "Arm B", "Progression-free survival", "30", "Event", "Progression", "ADRS ADT 7"),
        ("S-2", "Arm B", "Overall survival", "40", "Censored", "Alive", "ADSL LSTALVDT"),
    )
    late = listing("endpoints", protocol("endpoints", entry=True), ADTTE=times)
    assert late.columns[3].label == "Days to entry"
    assert [row[3] for row in late.rows] == ["–", "–", "12"]


def test_what_the_datasets_lack_is_said() -> None:
    assert "AESER" in listing("serious_events").message
    assert "ADTTE" in listing("endpoints").message
    nobody = {"ADSL": adsl().with_columns(DTHFL=pl.lit("N"))}
    (none,) = study_listings(protocol("deaths"), nobody)
    assert (none.rows, none.message) == ((), "No enrolled patient is known to have died.")


def test_a_study_has_no_listing_unless_it_names_one() -> None:
    assert study_listings(protocol(), {"ADSL": adsl()}) == ()


def page(*listings: Listing) -> str:
    content = report_content(protocol_of_report(), results(), listings=listings)
    return report_html(content)


def protocol_of_report() -> Protocol:
    from rows_report import protocol as plan

    return plan()


def test_the_page_escapes_text_and_counts_no_cell_as_a_number() -> None:
    found = listing("discontinuations")
    html = page(found)
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;" in html
    assert "Listing 1." in html
    with_listing = report_content(protocol_of_report(), results(), listings=(found,))
    without = report_content(protocol_of_report(), results())
    assert numbers_traced(with_listing) == numbers_traced(without)
    assert 'id="listings"' not in report_html(without)


def test_a_long_listing_is_named_and_not_printed() -> None:
    heads = (ListingColumn("Subject"),)
    rows = tuple((f"S-{n:04d}",) for n in range(MAX_LISTED + 1))
    whole = page(Listing("deaths", "Deaths", heads, rows[:-1]))
    cut = page(Listing("deaths", "Deaths", heads, rows))
    assert "S-0000" in whole
    assert "S-0000" not in cut
    assert "401 rows are too many" in cut
    assert "listings/deaths.csv" in cut


def test_a_listing_as_csv_is_safe_and_says_what_the_data_are() -> None:
    heads = (ListingColumn("Subject"), ListingColumn("Cause"))
    text = listing_csv(Listing("deaths", "Deaths", heads, (("S-1", "=1+1"),)), status="Draft.")
    assert text == "Subject,Cause\nS-1,'=1+1\n\nDraft.\n"
    assert listing_csv(Listing("deaths", "Deaths", message="None.")) == "\nNone.\n"
