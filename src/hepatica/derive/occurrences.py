"""Columns of ADSL that say what happened to a patient, from the records of other datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.columns import Frame
from hepatica.protocol.conditions import condition_columns
from hepatica.protocol.model import Protocol
from hepatica.protocol.occurrence import Occurs
from hepatica.records.conditions import is_match


def derive_occurrences(
    protocol: Protocol, datasets: Mapping[str, Frame]
) -> nw.LazyFrame[Any] | None:
    """Return ADSL with a column for each variable of the protocol that ``occurs``.

    Parameters
    ----------
    protocol : Protocol
        Variables with ``occurs``, and the data cut-off.
    datasets : mapping of str to frame
        ADSL and the datasets whose records count, each with USUBJID.

    Returns
    -------
    LazyFrame or None
        ADSL with ``Y`` where a patient has a record that meets the condition, else ``N``; a
        record dated after the cut-off does not count, one without a date does. A column that
        ADSL holds already is left as it is, and one whose dataset or columns are not there is
        left out. ``None`` when nothing is added.
    """
    adsl = datasets["ADSL"].lazy()
    present = set(adsl.collect_schema().names())
    added = False
    for variable in protocol.variables:
        if variable.occurs is None or variable.column in present:
            continue
        found = _subjects(protocol, datasets, variable.occurs)
        if found is None:
            continue
        yes = found.with_columns(nw.lit("Y").alias("_OCCURS"))
        happened = nw.when(~nw.col("_OCCURS").is_null()).then(nw.lit("Y")).otherwise(nw.lit("N"))
        adsl = (
            adsl.join(yes, on="USUBJID", how="left")
            .with_columns(happened.alias(variable.column))
            .drop("_OCCURS")
        )
        present.add(variable.column)
        added = True
    return adsl if added else None


def _subjects(
    protocol: Protocol, datasets: Mapping[str, Frame], occurs: Occurs
) -> nw.LazyFrame[Any] | None:
    """Return USUBJID of those with a record, each once; ``None`` without the columns."""
    if occurs.dataset not in datasets:
        return None
    frame = datasets[occurs.dataset].lazy()
    schema = dict(frame.collect_schema())
    needed = (occurs.date, *(condition_columns(occurs.where) if occurs.where is not None else ()))
    if not set(needed) <= set(schema):
        return None
    if occurs.where is not None:
        frame = frame.filter(is_match(occurs.where, schema))
    if protocol.study.data_cut_off is not None:
        late = nw.col(occurs.date).cast(nw.Date) > nw.lit(
            protocol.study.data_cut_off, dtype=nw.Date
        )
        frame = frame.filter(~late.fill_null(value=False))
    return frame.select("USUBJID").unique()
