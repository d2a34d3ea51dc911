"""Baseline values of biomarkers as columns of ADSL, from the baseline records of ADBM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.adbm import derive_adbm
from hepatica.derive.adsl import limit_column
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Biomarker


def with_marker_baselines(
    protocol: Protocol, subjects: nw.DataFrame[Any], collected: Mapping[str, nw.DataFrame[Any]]
) -> nw.DataFrame[Any]:
    """Add the column of each biomarker that subject-level records do not bring.

    Parameters
    ----------
    protocol : Protocol
        Biomarkers; one with a ``parameter`` is filled from its baseline record.
    subjects : frame
        One row per subject.
    collected : mapping
        Collected tables; BM is read.

    Returns
    -------
    frame
        The subjects with, for each such biomarker, its column and the column that
        `limit_column` names: the limit that a baseline result lies below; then the value is null.
    """
    wanted = [
        one
        for one in protocol.biomarkers
        if one.parameter is not None and one.column not in subjects.columns
    ]
    if "BM" not in collected or not wanted:
        return subjects
    records = derive_adbm(protocol, collected["BM"], subjects).collect()
    records = records.filter(nw.col("ABLFL") == "Y")
    for biomarker in wanted:
        baseline = _baseline(records, biomarker)
        subjects = subjects.join(baseline, on="USUBJID", how="left")
    return subjects


def _baseline(records: nw.DataFrame[Any], biomarker: Biomarker) -> nw.DataFrame[Any]:
    below = nw.when(nw.col("BLOQFL") == "Y").then(nw.col("LLOQ"))
    return records.filter(nw.col("PARAMCD") == biomarker.parameter).select(
        "USUBJID",
        nw.col("AVAL").cast(nw.Float64).alias(biomarker.column),
        below.cast(nw.Float64).alias(limit_column(biomarker.column)),
    )
