"""ADSL: analysis sets, and the categories by which patients are grouped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.eligibility import derive_enrolment
from hepatica.protocol.conditions import AnyOf, Bound, Condition, OneOf, condition_columns
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import CutPoint, Variable
from hepatica.records.conditions import is_match


def derive_adsl(protocol: Protocol, adsl: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Add the flags and categories that the protocol defines to the subject-level records.

    Parameters
    ----------
    protocol : Protocol
        Names the analysis sets, variables and cut-points.
    adsl : frame
        One row per subject.

    Returns
    -------
    frame
        The records, sorted by USUBJID, with ``ENRLFL`` (``N`` where screening failed or a
        criterion of eligibility is not met; as recorded where the protocol does not say how to
        know it; ``Y`` where nothing is known of it), ``SCRFREAS`` by its criteria, each analysis
        flag that was not collected, and one text column for each categorical variable
        and cut-point, named by `category_column`.
    """
    kinds = dict(adsl.schema)
    adsl = derive_enrolment(protocol, adsl)
    for analysis_set in protocol.analysis_sets:
        if analysis_set.where is not None:
            member = is_match(analysis_set.where, kinds) & (nw.col("ENRLFL") == "Y")
        elif analysis_set.flag not in kinds:
            member = nw.col("ENRLFL") == "Y"
        else:
            continue
        flag = nw.when(member).then(nw.lit("Y")).otherwise(nw.lit("N"))
        adsl = adsl.with_columns(flag.alias(analysis_set.flag))
    return add_categories(protocol, adsl)


def add_categories(protocol: Protocol, adsl: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Return ADSL sorted, with the categories of variables and cut-points whose columns it has.

    It is called again when later datasets have given ADSL further columns.
    """
    kinds = dict(adsl.schema)
    categories = [
        _first_match(_level_conditions(variable), kinds).alias(category_column(variable.id))
        for variable in protocol.variables
        if variable.kind == "categorical"
        and variable.levels
        and _known(_level_conditions(variable), kinds)
    ]
    categories += [
        _first_match(found, kinds).alias(category_column(cut.id))
        for biomarker in protocol.biomarkers
        for cut in biomarker.cut_points
        if biomarker.column in kinds and (found := _cut_conditions(biomarker.column, cut, kinds))
    ]
    return adsl.with_columns(*categories).sort("USUBJID")


def category_column(identifier: str) -> str:
    """Return the column of ADSL that holds the category of a variable or cut-point.

    Examples
    --------
    >>> category_column("afp-400")
    'AFP_400_CAT'
    """
    return f"{identifier.replace('-', '_').upper()}_CAT"


def _level_conditions(variable: Variable) -> list[tuple[str, Condition]]:
    return [
        (level.label, level.where or OneOf(variable.column, (level.recorded,)))
        for level in variable.levels
    ]


def _known(levels: list[tuple[str, Condition]], kinds: Mapping[str, Any]) -> bool:
    """Return whether the data have the columns; records require those that an analysis uses."""
    return all(name in kinds for _, one in levels for name in condition_columns(one))


def limit_column(column: str) -> str:
    """Return the column of ADSL with the limit that a baseline result lies below.

    Examples
    --------
    >>> limit_column("CXCL1BL")
    'CXCL1BL_LLOQ'
    """
    return f"{column}_LLOQ"


def _cut_conditions(
    column: str, cut: CutPoint, kinds: Mapping[str, Any]
) -> list[tuple[str, Condition]]:
    """Return the groups of a cut-point; a result below a limit is below every value from it on."""
    if cut.at is None:
        return []
    below: Condition = Bound(column, "lt", cut.at)
    limit = limit_column(column)
    if limit in kinds:
        below = AnyOf((below, Bound(limit, "le", cut.at)))
    return [(cut.below, below), (cut.at_or_above, Bound(column, "ge", cut.at))]


def _first_match(levels: list[tuple[str, Condition]], kinds: dict[str, nw.dtypes.DType]) -> nw.Expr:
    """Return the label of the first condition that matches, null when none does."""
    # Beside each other, not within each other: hundreds of levels would be too deep.
    return nw.coalesce(
        *(
            nw.when(is_match(condition, kinds)).then(nw.lit(label, dtype=nw.String))
            for label, condition in levels
        )
    )
