"""Rules about the order of dates: consent, first dose, baseline scan, visits, death."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.errors import counted
from hepatica.records.at_visits import at_visits
from hepatica.records.domains import latest_day
from hepatica.records.facts import Study, Told, is_dose
from hepatica.records.findings import SUBJECT, Rule, broken_rows, listed
from hepatica.records.loaded import Loaded

#: Dates that cannot lie after death, by domain; an adverse event may be closed later.
_LIVING = {
    "EX": ("EXST", "EXEN"),
    "TU": ("TU",),
    "TR": ("TR",),
    "RS": ("RS",),
    "AE": ("AEST",),
    "LB": ("LB",),
    "VS": ("VS",),
    "CM": ("CMST",),
    "PR": ("PRST",),
    "SV": ("SVST",),
    "BM": ("BM",),
}
#: Text that says a record was made after death.
_AUTOPSY = r"(?i)autops|necrops|post[ -]?mortem|post[ -]?death"
_SOURCES = ("PRTRT", "PRDECOD", "LBSPEC", "TRMETHOD", "TUMETHOD", "VISIT")
_VISITS = {"TR": "TRDT", "RS": "RSDT", "SV": "SVSTDT", "LB": "LBDT", "VS": "VSDT"}
_BEFORE = r"(?i)baseline|screen"
_UNPLANNED = r"(?i)unsched"


def check_dates(study: Study) -> Iterator[Told]:
    """Give the outcome of each rule about the order of dates."""
    yield from _consent(study)
    yield from _baseline_scan(study)
    yield from _after_death(study)
    yield from _visits(study)


def _consent(study: Study) -> Iterator[Told]:
    table = study.domain("EX")
    if table is None or study.subjects.get_column("CONSENT").count() == 0:
        return
    frame = study.with_subjects(table.frame)
    rule = Rule(
        "No study drug is given before informed consent.",
        "Correct EXSTDTC, or RFICDTC in DM.",
        "EXSTDTC",
        shown=("CONSENT",),
    )
    early = (latest_day("EXST") < pl.col("CONSENT")) & is_dose(frame)
    yield "EX", broken_rows(table.place, rule, frame, early)


def _baseline_scan(study: Study) -> Iterator[Told]:
    """Lesions are identified on scans within the window; a scan before consent may be used."""
    plan = study.protocol.assessments
    found = _baseline_rows(study)
    if plan is None or found is None:
        return
    table, frame, name = found
    window = plan.baseline_days_before
    rule = Rule(
        f"The baseline scan lies within {counted(window, 'day')} before the first dose, or on "
        "its day.",
        f"Correct {name}DTC or the date of the first dose, or the window under assessments."
        "baseline_days_before in study.yaml.",
        f"{name}DTC",
        shown=("FIRST",),
    )
    early = latest_day(name) < pl.col("FIRST").dt.offset_by(f"-{window}d")
    late = pl.col(f"{name}DT") > pl.col("FIRST_LATEST")
    yield table.place.table, broken_rows(table.place, rule, frame, early | late)


def _baseline_rows(study: Study) -> tuple[Loaded, pl.DataFrame, str] | None:
    """Return the rows of baseline scans: of TU lesions that are not new, else of TR visits."""
    lesions = study.domain("TU")
    if lesions is not None and lesions.frame.get_column("TUDTC").count():
        frame = study.with_subjects(lesions.frame)
        found = pl.col("TUTESTCD").is_null() | (pl.col("TUTESTCD") == "TUMIDENT")
        role = found & pl.col("TUORRES").is_in(["TARGET", "NON-TARGET"])
        earliest = pl.col("TUDT") == pl.col("TUDT").min().over(SUBJECT, "TUEVAL", "TULNKID")
        return lesions, frame.filter(role).filter(earliest), "TU"
    results = study.domain("TR")
    if results is None:
        return None
    frame = study.with_subjects(results.frame)
    named = frame.filter(pl.col("VISIT").str.contains(_BEFORE))
    if not named.is_empty():
        return results, named, "TR"
    before = frame.filter(pl.col("TRDT") <= pl.col("FIRST_LATEST"))
    return results, before.filter(pl.col("TRDT") == pl.col("TRDT").max().over(SUBJECT)), "TR"


def _after_death(study: Study) -> Iterator[Told]:
    if study.subjects.get_column("DEATH").count() == 0:
        return
    for name, dates in _LIVING.items():
        table = study.domain(name)
        if table is None:
            continue
        frame = study.with_subjects(table.frame)
        after = pl.any_horizontal(pl.col(f"{one}DT") > pl.col("DEATH_LATEST") for one in dates)
        texts = [one for one in _SOURCES if frame.schema.get(one) == pl.String]
        if texts:
            after = after & ~pl.any_horizontal(
                pl.col(texts).str.contains(_AUTOPSY).fill_null(value=False)
            )
        sentence = (
            "No treatment is given after death."
            if name == "EX"
            else "No record of a living subject is dated after death."
        )
        rule = Rule(
            sentence,
            f"Correct {listed([f'{one}DTC' for one in dates], 'or')}, or the date of death.",
            f"{dates[0]}DTC",
            shown=(*(f"{one}DTC" for one in dates[1:]), "DEATH"),
        )
        yield name, broken_rows(table.place, rule, frame, after.fill_null(value=False))
    yield from _living_contact(study)


def _living_contact(study: Study) -> Iterator[Told]:
    table = study.domain("SS")
    if table is None:
        return
    frame = study.with_subjects(table.frame)
    rule = Rule(
        "Nobody is told to be alive after death.",
        "Correct SSDTC or SSSTRESC, or the date of death.",
        "SSSTRESC",
    )
    alive = (pl.col("SSSTRESC") == "ALIVE") & (pl.col("SSDT") > pl.col("DEATH_LATEST"))
    yield "SS", broken_rows(table.place, rule, frame, alive)


def _visits(study: Study) -> Iterator[Told]:
    """Planned visits follow one another as their numbers do."""
    for name, day in _VISITS.items():
        table = study.domain(name)
        if table is None or table.frame.get_column("VISITNUM").count() == 0:
            continue
        planned = (pl.col(f"{day}P") == "D") & ~pl.col("VISIT").str.contains(_UNPLANNED).fill_null(
            value=False
        )
        key = (SUBJECT, "VISITNUM")
        span = (
            table.frame.filter(planned & pl.all_horizontal(pl.col(key).is_not_null()))
            .group_by(key)
            .agg(pl.col(day).min().alias("START"), pl.col(day).max().alias("END"))
            .sort(key)
        )
        before = pl.col("END").cum_max().shift(1).over(SUBJECT)
        wrong = span.filter(before > pl.col("START")).select(key)
        if wrong.is_empty():
            yield name, None
            continue
        rule = Rule(
            "Visits with higher numbers come later.",
            f"Kept as recorded, and ordered by date. Look at VISITNUM and {day}C.",
            "VISITNUM",
            severity="note",
            shown=(day,),
        )
        marked = table.frame.join(
            wrong.with_columns(WRONG=True), on=key, how="left", maintain_order="left"
        )
        outcome = broken_rows(table.place, rule, marked, pl.col("WRONG"))
        yield name, at_visits(outcome, marked.filter(pl.col("WRONG")))
