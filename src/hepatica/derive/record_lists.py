"""Which texts of the lesion tables become lists while responses are derived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.lesion_records import visit_key
from hepatica.derive.lists import listed, with_combined
from hepatica.records.lesion_names import MAY_BE_PART

Frame = nw.DataFrame[Any]


def with_lists(tables: Mapping[str, Frame]) -> dict[str, Frame]:
    """Return the tables with VISITKEY, and the names of lesions, visits and tests as lists.

    Parameters
    ----------
    tables : mapping of str to frame
        Those of TU, TR, RS and PR that there are.

    Notes
    -----
    Names of lesions stay texts where one could be that of a part (T1.1, T1/T2), which has to be
    read.
    """
    own = dict(tables)
    for name in ("TU", "TR"):
        if name in own:
            own[name] = _with_visit_key(own[name], f"{name}DT")
    links = {"TU": "TULNKID", "TR": "TRLNKID", "PR": "PRLNKID"}
    own = listed(own, links, ("",), unless=MAY_BE_PART)
    own = listed(own, dict.fromkeys(("TU", "TR"), "VISITKEY"))
    own = listed(own, dict.fromkeys(("TU", "TR", "RS"), "VISIT"))
    return listed(own, {"TR": "TRTESTCD"}, ("LDIAM", "WHOLE"))


def _with_visit_key(frame: Frame, day: str) -> Frame:
    """Add VISITKEY, worked out once for each visit of the study."""
    columns: dict[str, Any] = {"VISIT": nw.String, "VISITNUM": nw.Float64, day: nw.Date}
    missing = [name for name in columns if name not in frame.columns]
    frame = frame.with_columns(nw.lit(None, dtype=columns[name]).alias(name) for name in missing)
    # The day tells only visits without a number apart.
    frame = frame.with_columns(
        nw.col("VISIT").cast(nw.String),
        nw.col("VISITNUM").cast(nw.Float64),
        nw.when(nw.col("VISITNUM").is_null()).then(nw.col(day).cast(nw.Date)).alias("_DAY"),
    )
    keyed = with_combined(frame, "VISITKEY", visit_key("_DAY"), ("VISIT", "VISITNUM", "_DAY"))
    return keyed.drop("_DAY")
