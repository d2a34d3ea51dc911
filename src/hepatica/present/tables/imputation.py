"""What was imputed, beside what was observed."""

from __future__ import annotations

from hepatica.analyse.imputation_rows import IMPUTATION, imputed_category
from hepatica.present.lookup import RowIndex
from hepatica.present.spans import interval, join, number
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE, single
from hepatica.present.tables.notes import add_notes
from hepatica.present.variable_words import variable_label
from hepatica.present.wording import endpoint_of, lower_first, table_title
from hepatica.protocol.analyses import Analysis
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis
from hepatica.results import Results

_SOURCES = ("observed", "imputed")
_SHARES = (
    "Observed are patients with a value, imputed are the values of all imputations; the two may "
    "differ where values are missing more often in some patients than in others."
)
_R_HAT = (
    "R-hat: potential scale reduction of the chains' means (Gelman and Rubin); near 1 when chains "
    "have mixed."
)


def tables_imputation(results: Results, protocol: Protocol) -> tuple[Table, ...]:
    """Return a table for each analysis that imputed baseline values.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Labels, and the plan of imputation.

    Returns
    -------
    tuple of Table
        A row for each variable with missing values, its categories beneath.
    """
    if protocol.imputation is None:
        return ()
    made = (_table(results, protocol, one) for one in protocol.analyses)
    return tuple(table for table in made if table is not None)


def _table(results: Results, protocol: Protocol, analysis: Analysis) -> Table | None:
    index = RowIndex(results, analysis.id)
    m = index.get("imputations", variable=IMPUTATION)
    n = index.get("n", variable=IMPUTATION)
    steps = index.get("iterations", variable=IMPUTATION)
    plan = protocol.imputation
    if plan is None or m is None or n is None or steps is None:
        return None
    rows: list[Row] = []
    for name in plan.variables:
        rows += _rows(index, protocol, name)
    title = table_title(protocol, analysis, _model(protocol, analysis))
    subject = f"Imputed baseline values for: {title[:1].lower()}{title[1:]}"
    columns = (
        Column("missing", "Imputed", join("of n = ", number(n))),
        Column("observed", "Observed"),
        Column("imputed", "Imputed", join(number(m), " times")),
        Column("r_hat", "R-hat"),
    )
    identifier = f"{analysis.id}-imputation"
    table = Table(
        identifier, subject, _entry(protocol, analysis), columns=columns, rows=tuple(rows)
    )
    chains = f"Each imputation is the end of a chain of {int(steps.value or 0)} steps."
    return add_notes(table, protocol, (_SHARES, chains, _R_HAT), index.methods(IMPUTATION))


def _model(protocol: Protocol, analysis: Analysis) -> str:
    if isinstance(analysis, CoxAnalysis | LogisticAnalysis):
        return f"models of {lower_first(endpoint_of(protocol, analysis.endpoint).label)}"
    return analysis.id


def _entry(protocol: Protocol, analysis: Analysis) -> str:
    """Return the entry in the contents."""
    if isinstance(analysis, CoxAnalysis | LogisticAnalysis):
        return f"Imputed values, {lower_first(endpoint_of(protocol, analysis.endpoint).label)}"
    return "Imputed values"


def _rows(index: RowIndex, protocol: Protocol, name: str) -> list[Row]:
    missing = index.get("missing", variable=IMPUTATION, variable_level=name)
    if missing is None:
        return []
    label = variable_label(protocol, name)
    cells = {
        "missing": single(missing),
        "r_hat": single(index.get("r_hat", variable=IMPUTATION, variable_level=name)),
    }
    levels = [one for one in group_labels(protocol, name) if _share(index, name, one, "observed")]
    if levels:
        below = [
            Row("level", one, {s: _share(index, name, one, s) or NONE for s in _SOURCES}, indent=1)
            for one in levels
        ]
        return [Row("head", f"{label}, %", cells), *below]
    means = any(one.id == name and one.summary == "mean_sd" for one in protocol.variables)
    words = "mean (standard deviation)" if means else "median (interquartile range)"
    cells |= {source: _summary(index, name, source, means=means) for source in _SOURCES}
    return [Row("plain", f"{label}, {words}", cells)]


def _share(index: RowIndex, name: str, label: str, source: str) -> Cell | None:
    level = imputed_category(name, label)
    row = index.get(f"{source}_percent", variable=IMPUTATION, variable_level=level)
    return None if row is None else single(row)


def _summary(index: RowIndex, name: str, source: str, *, means: bool) -> Cell:
    wanted = ("mean", "sd") if means else ("median", "q1", "q3")
    found = [
        index.get(f"{source}_{one}", variable=IMPUTATION, variable_level=name) for one in wanted
    ]
    known = [one for one in found if one is not None]
    if not known:
        return NONE
    value, *around = known
    if len(around) == 2:
        return Cell((number(value),), join("(", interval(*around), ")"), value.format)
    extra = join("(", number(around[0]), ")") if around else ()
    return Cell((number(value),), extra, value.format)
