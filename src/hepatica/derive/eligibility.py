"""Who is enrolled: those who did not fail screening and meet the criteria of eligibility."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.frames import known
from hepatica.protocol.model import Protocol
from hepatica.records.conditions import is_match
from hepatica.records.eligibility import first_reason, is_ineligible
from hepatica.records.needs import base_table

#: What nobody has who was not enrolled.
_OF_THE_ENROLLED = ("EOTSTT", "EOTDT", "DCTREAS", "EOSSTT", "EOSDT", "DCSREAS")


def derive_enrolment(protocol: Protocol, adsl: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Add ENRLFL and, where the protocol has criteria that can be screened, SCRFREAS.

    Parameters
    ----------
    protocol : Protocol
        Screening and criteria of eligibility.
    adsl : frame
        One row per subject, with the columns that they read.

    Returns
    -------
    frame
        ENRLFL is ``N`` where screening failed or a criterion is not met, else ``Y``; as recorded
        where the protocol says neither. SCRFREAS is the recorded reason of a failure that was
        recorded, else that of the first criterion that is not met.

    Notes
    -----
    In a study of collected domains, somebody who was randomised or treated is enrolled although a
    criterion is not met: that is a deviation, and leaving the patient out would break the
    analysis by intention to treat. `hepatica.analyse.analyse_sets` counts them.
    """
    kinds = dict(adsl.schema)
    failed = _failed_screening(protocol, kinds)
    criteria = [one for one in protocol.eligibility if one.where is not None]
    if not criteria:
        return adsl.with_columns(_flag(failed))
    ineligible = is_ineligible(criteria, kinds)
    collected = base_table(protocol) == "DM"
    if collected:
        for name in ("RANDDT", "TRTSDT"):
            ineligible = ineligible & nw.col(name).is_null() if name in kinds else ineligible
    reason = first_reason(criteria, kinds)
    recorded = nw.lit(None, dtype=nw.String)
    if "SCRFREAS" in kinds:
        recorded = nw.col("SCRFREAS").cast(nw.String)
    adsl = adsl.with_columns(
        failed.alias("_FAILED"),
        ineligible.alias("_INELIGIBLE"),
        reason.alias("_REASON"),
        recorded.alias("SCRFREAS"),
    )
    told = nw.coalesce("SCRFREAS", "_REASON")
    of_failures = nw.when(nw.col("_FAILED")).then(told)
    computed = nw.when(nw.col("_INELIGIBLE")).then(nw.col("_REASON"))
    adsl = adsl.with_columns(
        _flag(nw.col("_FAILED") | nw.col("_INELIGIBLE")),
        nw.when(nw.col("_FAILED")).then(of_failures).otherwise(computed).alias("SCRFREAS"),
    )
    adsl = adsl.drop("_FAILED", "_INELIGIBLE", "_REASON")
    return _without_ends(adsl) if collected else adsl


def _failed_screening(protocol: Protocol, kinds: dict[str, nw.dtypes.DType]) -> nw.Expr:
    if protocol.screening is not None:
        return is_match(protocol.screening.failure, kinds)
    if "ENRLFL" in kinds:
        return ~known(nw.col("ENRLFL").cast(nw.String) == "Y")
    return nw.lit(value=False)


def _flag(failed: nw.Expr) -> nw.Expr:
    return nw.when(failed).then(nw.lit("N")).otherwise(nw.lit("Y")).alias("ENRLFL")


def _without_ends(adsl: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    enrolled = nw.col("ENRLFL") == "Y"
    there = [name for name in _OF_THE_ENROLLED if name in adsl.columns]
    return adsl.with_columns(nw.when(enrolled).then(nw.col(name)).alias(name) for name in there)
