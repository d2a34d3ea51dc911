"""DTHCAUS: the cause of each death, as far as anybody recorded it.

A fatal adverse event is the cause. Else it is what DM names as the cause, else the words of the
disposition of death where they say more than that the subject died, else what SS names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.frames import Frame, LazyFrame, known, upper, with_absent
from hepatica.derive.portable import first_of_subject
from hepatica.derive.survival_status import is_fatal

#: What DTHCAUS says of a death whose cause nobody recorded.
NOT_RECORDED = "Not recorded"

#: Words that begin the cause in a disposition: DEATH DUE TO PROGRESSIVE DISEASE.
_BEFORE_CAUSE = ("DEATH DUE TO ", "DEATH FROM ", "DEATH BY ", "DEATH: ", "DEATH, ", "DEATH - ")
#: What a disposition says that names no cause.
_NO_CAUSE = ("", "DEATH", "DIED", "DEAD", "UNKNOWN", "CAUSE UNKNOWN", "UNKNOWN CAUSE")

_READ: dict[str, dict[str, Any]] = {
    "AE": {
        "AEDECOD": nw.String,
        "AETERM": nw.String,
        "AEOUT": nw.String,
        "AESDTH": nw.String,
        "AETOXGR": nw.String,
        "AESEQ": nw.Int64,
    },
    "DM": {"DTHCAUS": nw.String},
    "DS": {"DSDECOD": nw.String, "DSTERM": nw.String, "DSSEQ": nw.Int64},
    "SS": {"DTHCAUS": nw.String},
}


def derive_death_cause(tables: Mapping[str, Frame]) -> LazyFrame:
    """Return the recorded cause of death of each subject who has one.

    Parameters
    ----------
    tables : mapping of str to frame
        Collected tables, DM among them; AE, DS and SS are read where they are there.

    Returns
    -------
    LazyFrame
        USUBJID and DTHCAUS, one row for each subject with a recorded cause, whether or not the
        death counts.
    """
    parts = [
        _causes(name, tables[name], place) for place, name in enumerate(_READ) if name in tables
    ]
    every = nw.concat(parts)
    return first_of_subject(every, ("_ORDER", "_SEQ", "DTHCAUS")).select("USUBJID", "DTHCAUS")


def _causes(name: str, table: Frame, place: int) -> LazyFrame:
    """Return the causes that a table names."""
    frame = with_absent(table, _READ[name])
    sequence = nw.lit(None, dtype=nw.Int64)
    if name == "AE":
        frame, sequence = frame.filter(is_fatal()), nw.col("AESEQ")
        cause = nw.coalesce(nw.col("AEDECOD"), nw.col("AETERM"))
    elif name == "DS":
        frame, sequence = frame.filter(known(upper("DSDECOD") == "DEATH")), nw.col("DSSEQ")
        cause = _after_the_word_death()
    else:
        cause = nw.col("DTHCAUS")
    named = frame.select(
        "USUBJID",
        cause.str.strip_chars().alias("DTHCAUS"),
        nw.lit(place).cast(nw.Int64).alias("_ORDER"),
        sequence.cast(nw.Int64).alias("_SEQ"),
    )
    said = upper("DTHCAUS")
    return named.filter(known(~said.is_in(list(_NO_CAUSE)) & ~said.str.ends_with("DEATH")))


def _after_the_word_death() -> nw.Expr:
    """Return the words of a disposition without those that only say that the subject died."""
    term = nw.col("DSTERM").str.strip_chars()
    cause = term
    for words in _BEFORE_CAUSE:
        begins = known(term.str.to_uppercase().str.starts_with(words))
        cause = nw.when(begins).then(term.str.slice(len(words))).otherwise(cause)
    return cause
