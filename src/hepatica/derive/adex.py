"""ADEX: duration, cycles, dose, intensity and reductions of each drug of a subject."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.dates import impute
from hepatica.derive.doses import ARM_COLUMNS, PARTS, WEIGHT_COLUMNS, with_planned
from hepatica.derive.frames import (
    Frame,
    LazyFrame,
    known,
    null_text,
    upper,
    with_absent,
    with_subject,
)
from hepatica.derive.portable import day_number, held, quotient
from hepatica.protocol.model import Dates, Protocol

#: Parameter code to its name, in the order of the records.
PARAMETERS = {
    "DURD": "Duration of treatment",
    "CYCLES": "Cycles of the schedule begun",
    "TDOSE": "Total dose",
    "ADOSE": "Planned total dose",
    "RDI": "Relative dose intensity",
    "REDUCT": "Dose reductions",
    "LDOSE": "Lowest dose",
    "REDDT": "First dose reduction",
}

#: How often a dose is given as EXDOSFRQ codes it: times a day, every so many days.
FREQUENCIES = {
    "QD": (1, 1),
    "BID": (2, 1),
    "TID": (3, 1),
    "QID": (4, 1),
    "QOD": (1, 2),
    "QW": (1, 7),
    "Q2W": (1, 14),
    "Q3W": (1, 21),
    "Q4W": (1, 28),
    "ONCE": (1, 1_000_000),
}

_READ = {
    "EXDOSE": nw.Float64,
    "EXDOSU": nw.String,
    "EXDOSFRQ": nw.String,
    "EXSTDT": nw.Date,
    "EXSTDTP": nw.String,
    "EXENDT": nw.Date,
    "EXENDTP": nw.String,
    "EXSEQ": nw.Int64,
}
_GROUP = ("USUBJID", "_KEY")
_ORDER = ("_START", "EXSEQ", "_END", "_DOSE")


def derive_adex(protocol: Protocol, ex: Frame, adsl: Frame) -> LazyFrame:
    """Return one record per subject, drug and parameter.

    Parameters
    ----------
    protocol : Protocol
        Treatments with schedule and dose.
    ex : frame
        Dosing intervals, as ``docs/datasets.md`` says.
    adsl : frame
        USUBJID, TRTEDT, the arm, and the body weight (`hepatica.derive.doses.WEIGHT_COLUMNS`).

    Returns
    -------
    LazyFrame
        USUBJID, EXTRT, PARAMCD, PARAM, AVAL, AVALU, ADT, SRCDOM, SRCVAR, SRCSEQ (null: a parameter
        rests on all intervals). A drug that the protocol does not plan has DURD and TDOSE.
        REDDT stands only where the dose was reduced: ADT is the first day of a lower dose, AVAL
        that day counted from the first dose of the drug, and SRCSEQ its interval.

    Notes
    -----
    - An interval lists the days on which the drug was taken. Where it is longer than the days on
      of the schedule it must hold days off, and these are left out: 14 recorded days of a
      two-weeks-on, one-week-off drug are 14 doses, 21 are 14, 42 in one record are 28.
    - EXDOSE is the amount of one administration; EXDOSFRQ says how many there are, else the
      schedule, else one a day.
    - An interval with 0 of the drug is an interruption. Of a placebo, whose doses are all 0, the
      intervals are its doses.
    - Partial dates are imputed as the protocol says.
    - An interval without an end lasts until the day before the next one, else until TRTEDT.
    - DURD counts first and last day. CYCLES are those of the schedule begun within it. ADOSE is
      what the schedule plans for it, at the starting dose. RDI is TDOSE in per cent of ADOSE.
    - REDUCT counts intervals with a lower dose than the one before.
    - An unknown dose or unit leaves TDOSE, RDI, REDUCT and LDOSE unknown, and there is no REDDT.
    """
    doses = _amounts(_intervals(protocol, ex, adsl))
    totals = held(_totals(_with_first_reduction(doses)))
    records = [_records(totals, parameter) for parameter in PARAMETERS]
    order = nw.col("PARAMCD").replace_strict(
        list(PARAMETERS), list(range(len(PARAMETERS))), default=None, return_dtype=nw.Int64
    )
    return (
        nw.concat(records, how="vertical")
        .with_columns(order.alias("_PLACE"))
        .sort("USUBJID", "EXTRT", "_PLACE")
        .drop("_PLACE")
    )


def _intervals(protocol: Protocol, ex: Frame, adsl: Frame) -> LazyFrame:
    """Return the dosing intervals with plan, first and last day, without interruptions."""
    collected = set(ex.lazy().collect_schema().names())
    columns = set(adsl.lazy().collect_schema().names())
    weight = next((one for one in WEIGHT_COLUMNS if one in columns), WEIGHT_COLUMNS[0])
    arm = next((one for one in ARM_COLUMNS if one in columns), ARM_COLUMNS[0])
    read = {"TRTEDT": nw.Date, weight: nw.Float64, arm: nw.String}
    frame = with_subject(with_absent(ex, _READ), adsl, read)
    frame = frame.rename({f"_{weight}": "_WEIGHT", f"_{arm}": "_ARM"})
    frame = with_planned(protocol, frame)
    if "EXDOSU" not in collected:
        frame = frame.with_columns(nw.lit(1.0).alias("_FACTOR"))
    return _taken(_ended(frame, protocol.dates))


def _ended(frame: LazyFrame, dates: Dates) -> LazyFrame:
    """Add the first and the last day of each interval."""
    start, _ = impute(nw.col("EXSTDT"), nw.col("EXSTDTP"), dates.start)
    end, _ = impute(nw.col("EXENDT"), nw.col("EXENDTP"), dates.end)
    frame = frame.with_columns(start.alias("_FROM"), end.alias("_TO")).with_columns(
        day_number(nw.col("_FROM")).alias("_START"), day_number(nw.col("_TO")).alias("_STOP")
    )
    following = nw.col("_START").shift(-1).over(*_GROUP, order_by=["_START", "EXSEQ"])
    frame = frame.with_columns((following - 1).alias("_NEXT")).with_columns(
        nw.min_horizontal("_NEXT", day_number(nw.col("_TRTEDT"))).alias("_OPEN")
    )
    assumed = nw.max_horizontal("_OPEN", "_START")
    return frame.with_columns(
        nw.when(nw.col("_STOP").is_null()).then(assumed).otherwise(nw.col("_STOP")).alias("_END")
    )


def _taken(frame: LazyFrame) -> LazyFrame:
    given = nw.when(known(nw.col("EXDOSE") == 0)).then(nw.lit(0)).otherwise(nw.lit(1))
    frame = frame.with_columns(given.alias("_GIVEN"))
    frame = frame.with_columns(nw.col("_GIVEN").max().over(*_GROUP).alias("_ANYGIVEN"))
    return frame.filter((nw.col("_GIVEN") == 1) | (nw.col("_ANYGIVEN") == 0))


def _amounts(frame: LazyFrame) -> LazyFrame:
    """Add the dose and the amount of each interval in parts, and whether the dose went down."""
    planned = ~nw.col("_DRUG").is_null()
    factor = nw.when(planned).then(nw.col("_FACTOR")).otherwise(nw.lit(1.0))
    dose = (nw.col("EXDOSE").cast(nw.Float64) * factor * PARTS).round(0).cast(nw.Int64)
    frame = frame.with_columns(
        dose.alias("_DOSE"), (nw.col("_END") - nw.col("_START") + 1).alias("_DAYS")
    )
    frame = frame.with_columns(
        (nw.col("_DOSE") * _administrations()).alias("_AMOUNT"),
        nw.col("_DOSE").shift(1).over(*_GROUP, order_by=list(_ORDER)).alias("_BEFORE"),
    )
    return frame.with_columns(
        known(nw.col("_DOSE") < nw.col("_BEFORE")).cast(nw.Int64).alias("_DOWN"),
        nw.col("_DOSE").is_null().cast(nw.Int64).alias("_UNKNOWN"),
        nw.col("_AMOUNT").is_null().cast(nw.Int64).alias("_UNCOUNTED"),
    )


def _with_first_reduction(frame: LazyFrame) -> LazyFrame:
    """Add day number, date and interval of the first lower dose where it begins."""
    down = nw.col("_DOWN") == 1
    begun = nw.when(down).then(nw.col("_START"))
    frame = frame.with_columns(begun.alias("_DOWNSTART"))
    frame = frame.with_columns(nw.col("_DOWNSTART").min().over(*_GROUP).alias("_REDSTART"))
    first = down & (nw.col("_START") == nw.col("_REDSTART"))
    return frame.with_columns(
        nw.when(first).then(nw.col("_FROM")).alias("_REDDT"),
        nw.when(first).then(nw.col("EXSEQ").cast(nw.Int64)).alias("_REDSEQ"),
    )


def _administrations() -> nw.Expr:
    """Return how often the drug was given in an interval."""
    days, cycle, on = nw.col("_DAYS"), nw.col("_CYCLE"), nw.col("_ON")
    rest = nw.min_horizontal(days % cycle, on)
    by_schedule = nw.when(~cycle.is_null()).then(days // cycle * on + rest).otherwise(days)
    times = nw.when(nw.col("_PER").is_null()).then(nw.lit(1)).otherwise(nw.col("_PER"))
    chosen = by_schedule * times
    for name, (per_day, every) in FREQUENCIES.items():
        recorded = known(upper("EXDOSFRQ").str.strip_chars() == name)
        given = by_schedule * per_day if every == 1 else ((days - 1) // every + 1) * per_day
        chosen = nw.when(recorded).then(given).otherwise(chosen)
    return chosen.cast(nw.Int64)


def _totals(frame: LazyFrame) -> LazyFrame:
    """Return one row per subject and drug with every parameter."""
    first = ("_DRUG", "_CYCLE", "_FIRST", "_ON", "_PER", "_PLAN", "_UNIT")
    unit = upper("EXDOSU").str.strip_chars()
    totals = (
        frame.with_columns(unit.alias("_RECORDED"))
        .group_by(*_GROUP)
        .agg(
            *(nw.col(name).max() for name in first),
            nw.col("EXTRT").min().alias("_EXTRT"),
            nw.col("EXDOSU").min().alias("_EXDOSU"),
            nw.col("_RECORDED").min().alias("_UNITLOW"),
            nw.col("_RECORDED").max().alias("_UNITHIGH"),
            nw.col("_START").min().alias("_START"),
            nw.col("_END").max().alias("_END"),
            nw.col("_AMOUNT").sum().cast(nw.Int64).alias("_AMOUNT"),
            nw.col("_DOWN").sum().cast(nw.Int64).alias("REDUCT"),
            nw.col("_REDSTART").min().alias("_REDSTART"),
            nw.col("_REDDT").min().alias("_REDDT"),
            nw.col("_REDSEQ").min().alias("_REDSEQ"),
            nw.col("_DOSE").min().alias("_LOWEST"),
            nw.col("_UNKNOWN").sum().cast(nw.Int64).alias("_UNKNOWN"),
            nw.col("_UNCOUNTED").sum().cast(nw.Int64).alias("_UNCOUNTED"),
        )
    )
    planned = ~nw.col("_DRUG").is_null()
    one_unit = planned | known(nw.col("_UNITLOW") == nw.col("_UNITHIGH"))
    counted = (nw.col("_UNCOUNTED") == 0) & one_unit
    all_known = nw.col("_UNKNOWN") == 0
    totals = totals.with_columns(
        nw.when(planned).then(nw.col("_DRUG")).otherwise(nw.col("_EXTRT")).alias("EXTRT"),
        nw.when(planned).then(nw.col("_UNIT")).otherwise(nw.col("_EXDOSU")).alias("_UNIT"),
        (nw.col("_END") - nw.col("_START") + 1).alias("DURD"),
        nw.when(counted).then(nw.col("_AMOUNT") / PARTS).alias("TDOSE"),
        nw.when(all_known).then(nw.col("REDUCT")).alias("REDUCT"),
        nw.when(all_known).then(nw.col("_LOWEST") / PARTS).alias("LDOSE"),
        nw.when(all_known).then(nw.col("_REDSTART") - nw.col("_START") + 1).alias("REDDT"),
        planned.alias("_PLANNED"),
    ).with_columns(
        ((nw.col("DURD") + nw.col("_CYCLE") - 1) // nw.col("_CYCLE")).alias("CYCLES"),
        (_planned_days() * nw.col("_PER") * nw.col("_PLAN") / PARTS).alias("ADOSE"),
    )
    return totals.with_columns(
        nw.when(nw.col("ADOSE") > 0)
        .then(quotient(100 * nw.col("TDOSE"), nw.col("ADOSE")))
        .alias("RDI")
    )


def _planned_days() -> nw.Expr:
    """Return the days on which the schedule plans the drug within the treated duration."""
    days, cycle, on = nw.col("DURD"), nw.col("_CYCLE"), nw.col("_ON")
    begun = days % cycle - nw.col("_FIRST") + 1
    begun = nw.when(begun > 0).then(begun).otherwise(nw.lit(0))
    return days // cycle * on + nw.min_horizontal(begun, on)


def _records(totals: LazyFrame, parameter: str) -> LazyFrame:
    """Return the records of one parameter."""
    unit = {
        "DURD": "days",
        "CYCLES": "cycles",
        "RDI": "%",
        "REDUCT": "reductions",
        "REDDT": "days",
    }
    reduced = parameter == "REDDT"
    if parameter not in ("DURD", "TDOSE"):
        totals = totals.filter(nw.col("_PLANNED"))
    if reduced:
        totals = totals.filter(~nw.col("REDDT").is_null())
    shown = nw.lit(unit[parameter]) if parameter in unit else nw.col("_UNIT")
    return totals.select(
        "USUBJID",
        "EXTRT",
        nw.lit(parameter).alias("PARAMCD"),
        nw.lit(PARAMETERS[parameter]).alias("PARAM"),
        nw.col(parameter).cast(nw.Float64).alias("AVAL"),
        shown.alias("AVALU"),
        (nw.col("_REDDT") if reduced else nw.lit(None, dtype=nw.Date)).alias("ADT"),
        nw.lit("EX").alias("SRCDOM"),
        (nw.lit("EXSTDTC") if parameter in ("DURD", "CYCLES") else nw.lit("EXDOSE")).alias(
            "SRCVAR"
        ),
        (nw.col("_REDSEQ") if reduced else null_text().cast(nw.Int64)).alias("SRCSEQ"),
    )
