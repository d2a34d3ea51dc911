"""Rules about times to event: what CNSR means, dates, and one endpoint against another."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.records.findings import Outcome, Place, Rule, broken_rows, problem_of
from hepatica.records.loaded import Loaded
from hepatica.records.needs import table_endpoints

#: Overall survival cannot be shorter than the times to these events.
NOT_LONGER_THAN_SURVIVAL = ("PFS", "TTP")


def check_times(protocol: Protocol, table: Loaded) -> Iterator[Outcome]:
    """Give the outcome of each rule about ADTTE that its schema does not hold.

    Parameters
    ----------
    protocol : Protocol
        The study.
    table : Loaded
        ADTTE.
    """
    if table.has("AVAL", "ADT", "STARTDT"):
        days = (pl.col("ADT") - pl.col("STARTDT")).dt.total_days()
        rule = Rule(
            "AVAL counts both the first and the last day.",
            "Kept as recorded. AVAL is one day more or less than ADT - STARTDT + 1 here.",
            "AVAL",
            severity="note",
        )
        one_off = (days >= 0) & ((pl.col("AVAL") - days - 1).abs() == 1)
        yield broken_rows(table.place, rule, table.frame, one_off)
    yield from _cut_off(protocol, table)
    if table.has("PARAMCD", "CNSR"):
        for endpoint in table_endpoints(protocol):
            yield _direction(table, endpoint)
            yield from _own_words(table, endpoint)
    if table.has("USUBJID", "PARAMCD", "AVAL"):
        for parameter in NOT_LONGER_THAN_SURVIVAL:
            yield from _survival_longest(table, parameter)


def _cut_off(protocol: Protocol, table: Loaded) -> Iterator[Outcome]:
    cut_off = protocol.study.data_cut_off
    if cut_off is None or not table.has("ADT"):
        return
    late = (pl.col("ADT") > cut_off).fill_null(value=False)
    dated = pl.col("STARTDT").is_not_null() if table.has("STARTDT") else pl.lit(value=False)
    sentence = f"No time ends after the data cut-off, {cut_off.isoformat()}."
    counted = Rule(
        sentence,
        "Counted as censored at the data cut-off: what came later does not count.",
        "ADT",
        severity="note",
    )
    yield broken_rows(table.place, counted, table.frame, late & dated)
    unknown = Rule(
        sentence,
        "Add STARTDT, so that the time can be censored at the data cut-off, or correct ADT.",
        "ADT",
    )
    yield broken_rows(table.place, unknown, table.frame, late & ~dated)


def _direction(table: Loaded, endpoint: TimeToEvent) -> Outcome:
    """CNSR agrees with the descriptions; an inverted column is named and never turned round."""
    frame = table.frame.filter(pl.col("PARAMCD") == endpoint.parameter)
    texts = [name for name in ("EVNTDESC", "CNSDTDSC") if table.has(name)]
    if frame.is_empty() or not texts:
        return None
    event, censored = _described(endpoint, frame)
    return contradiction(
        table.place, frame, event, censored, told=" and ".join(texts), label=endpoint.parameter
    )


def _own_words(table: Loaded, endpoint: TimeToEvent) -> Iterator[Outcome]:
    """Free text of EVNTDESC and CNSDTDSC would stand in the report as it was recorded."""
    for column, rules in (("EVNTDESC", endpoint.events), ("CNSDTDSC", endpoint.censoring)):
        known = sorted({one.description.casefold() for one in rules} | {"data cut-off"})
        if not table.has(column) or len(known) == 1:
            continue
        rule = Rule(
            f"{column} of {endpoint.parameter} holds a description of the protocol.",
            f"The report prints {column} as recorded. Write it as the endpoint {endpoint.id} "
            "does, or name it in its rules.",
            column,
            "note",
        )
        of_endpoint = pl.col("PARAMCD") == endpoint.parameter
        other = ~pl.col(column).str.to_lowercase().is_in(known)
        yield broken_rows(table.place, rule, table.frame, of_endpoint & other)


def _described(endpoint: TimeToEvent, frame: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return which rows are described as an event, and which as censored."""
    events = {one.description for one in endpoint.events}
    reasons = {one.description for one in endpoint.censoring}
    nothing = pl.lit(None, pl.String)
    text = pl.col("EVNTDESC") if "EVNTDESC" in frame.columns else nothing
    reason = pl.col("CNSDTDSC") if "CNSDTDSC" in frame.columns else nothing
    has_reasons = "CNSDTDSC" in frame.columns and frame.get_column("CNSDTDSC").count() > 0
    event = text.is_in(sorted(events - reasons))
    if has_reasons:
        event = event | (text.is_not_null() & reason.is_null())
    event = event & ~text.is_in(sorted(reasons - events))
    censored = reason.is_not_null() | text.is_in(sorted(reasons - events))
    found = frame.select(
        event=event.fill_null(value=False), censored=censored.fill_null(value=False)
    )
    return found.get_column("event"), found.get_column("censored")


def contradiction(
    place: Place,
    frame: pl.DataFrame,
    event: pl.Series,
    censored: pl.Series,
    *,
    told: str,
    label: str,
) -> Outcome:
    """Return the problem of rows whose CNSR says the opposite of what else is recorded.

    Parameters
    ----------
    place : Place
        For messages.
    frame : polars.DataFrame
        Rows of one parameter, with CNSR.
    event, censored : polars.Series
        What else says that the time ended with an event, or was censored.
    told : str
        Where that is recorded.
    label : str
        The parameter.

    Returns
    -------
    Problem or None
        Says that CNSR is inverted when most of the rows contradict.
    """
    cnsr = frame.get_column("CNSR")
    wrong = ((event & (cnsr > 0)) | (censored & (cnsr == 0))).fill_null(value=False)
    if not wrong.any():
        return None
    told_of = int((event | censored).sum())
    inverted = 2 * int(wrong.sum()) > told_of
    do = (
        "CNSR is inverted. Write 0 for an event, and 1 or a higher number for a censored time; it "
        "is not turned round for you."
        if inverted
        else f"Correct CNSR, or {told}, in these rows."
    )
    rule = Rule(f"CNSR of {label} agrees with {told}: 0 is an event.", do, "CNSR")
    return problem_of(place, rule, frame.filter(wrong), frame.height)


def _survival_longest(table: Loaded, parameter: str) -> Iterator[Outcome]:
    frame = table.frame
    start = ["STARTDT"] if table.has("STARTDT") else []
    other = frame.filter(pl.col("PARAMCD") == parameter).select("USUBJID", "AVAL", *start)
    other = other.unique("USUBJID", keep="first", maintain_order=True)
    survival = frame.filter(pl.col("PARAMCD") == "OS").join(
        other, on="USUBJID", how="left", suffix=" of other", maintain_order="left"
    )
    shorter = pl.col("AVAL").is_between(0, pl.col("AVAL of other"), closed="left")
    if start:
        same = pl.col("STARTDT") == pl.col("STARTDT of other")
        shorter = shorter & same.fill_null(value=True)
    died = (pl.col("CNSR") == 0) if table.has("CNSR") else pl.lit(value=True)
    impossible, early = survival_rules(parameter, "AVAL")
    yield broken_rows(table.place, impossible, survival, shorter & died)
    yield broken_rows(table.place, early, survival, shorter & ~died)


def survival_rules(parameter: str, column: str) -> tuple[Rule, Rule]:
    """Return what holds for subjects who died, and for those who were alive when last seen."""
    return (
        Rule(
            f"Nobody dies before {parameter} ends.",
            f"Correct the date of death, or the end of {parameter}.",
            column,
        ),
        Rule(
            f"Overall survival is known for as long as {parameter}.",
            "Kept as recorded. The date these subjects were last known alive may need an update.",
            column,
            severity="note",
        ),
    )
