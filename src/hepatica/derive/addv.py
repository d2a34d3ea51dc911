"""ADDV: protocol deviations with the day on which they happened."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.dates import impute
from hepatica.derive.frames import Frame, LazyFrame, with_absent
from hepatica.protocol.model import Protocol

_READ = {
    "DVTERM": nw.String,
    "DVDECOD": nw.String,
    "DVCAT": nw.String,
    "DVSTDTC": nw.String,
    "DVSTDT": nw.Date,
    "DVSTDTP": nw.String,
    "DVSEQ": nw.Int64,
}


def derive_addv(protocol: Protocol, dv: Frame) -> LazyFrame:
    """Return one record per protocol deviation.

    Parameters
    ----------
    protocol : Protocol
        How partial dates are imputed.
    dv : frame
        Deviations as collected; what was never recorded is missing.

    Returns
    -------
    LazyFrame
        USUBJID, DVTERM, DVDECOD, DVCAT, DVSTDTC, ASTDT, ASTDTF, SRCDOM, SRCVAR, SRCSEQ.
    """
    frame = with_absent(dv, _READ)
    day, flag = impute(nw.col("DVSTDT"), nw.col("DVSTDTP"), protocol.dates.start)
    return frame.select(
        "USUBJID",
        "DVTERM",
        "DVDECOD",
        "DVCAT",
        "DVSTDTC",
        day.alias("ASTDT"),
        flag.alias("ASTDTF"),
        nw.lit("DV").alias("SRCDOM"),
        nw.lit("DVTERM").alias("SRCVAR"),
        nw.col("DVSEQ").cast(nw.Int64).alias("SRCSEQ"),
    ).sort("USUBJID", "ASTDT", "SRCSEQ", "DVTERM")
