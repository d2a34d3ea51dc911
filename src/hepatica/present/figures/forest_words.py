"""What a forest plot says in words: heterogeneity, differences of groups, overall effect."""

from __future__ import annotations

from collections.abc import Mapping

from hepatica.present.format import format_row, format_value
from hepatica.results import ResultRow

Rows = Mapping[str, ResultRow]

_LEAST_TAU2 = 0.0005


def heterogeneity(rows: Rows, layout: str = "classic") -> str:
    """Return the sentence about heterogeneity, empty where there is none to tell.

    Parameters
    ----------
    rows : mapping of str to ResultRow
        Rows of one model by statistic.
    layout : {"classic", "revman", "jama"}
        Whose order of words.
    """
    if "q" not in rows or rows["q"].value is None:
        return ""
    tau2, i2 = _tau2(rows["tau2"].value), _percent(rows["i2"])
    q, df, p = format_value(rows["q"].value, "decimal1"), format_row(rows["df"]), _p(rows)
    if layout == "revman":
        return f"Heterogeneity: Tau² {tau2}; Chi² = {q}, df = {df} ({p}); I² = {i2}"
    return f"Heterogeneity: τ² {tau2}, I² = {i2}, Q = {q} (df {df}), {p}"


def difference_of_groups(label: str, rows: Rows, layout: str = "classic") -> str:
    """Return the sentence whether groups differ."""
    value = rows["test_statistic"].value
    if value is None:
        return ""
    q, df = format_value(value, "decimal1"), format_row(rows["df"])
    p = equation("P", format_row(rows["p_value"]))
    if layout == "revman":
        return f"Test for subgroup differences: Chi² = {q}, df = {df} ({p})"
    return f"{label}: Q = {q} (df {df}), {p}"


def overall_effect(rows: Rows, layout: str = "classic") -> str:
    """Return the sentence about the overall effect, empty for outcomes of one group."""
    if "p_value" not in rows:
        return ""
    p = equation("P", format_row(rows["p_value"]))
    if layout != "revman":
        return f"Overall effect: {p}"
    effect, error = rows["effect"].value, rows["effect_std_error"].value
    if effect is None or not error:
        return f"Test for overall effect: {p}"
    # Which of the two it is stands in the method; no number is made up for degrees of freedom.
    name = "Z" if "normal limits" in rows["estimate"].method else "t"
    return (
        f"Test for overall effect: {name} = {format_value(abs(effect) / error, 'decimal2')} ({p})"
    )


def equation(name: str, shown: str) -> str:
    """Return a name and its value: an equals sign unless the value brings its own.

    Examples
    --------
    >>> equation("P", "0.012"), equation("P", "< 0.001")
    ('P = 0.012', 'P < 0.001')
    """
    if shown[:1] in "<>":
        return f"{name} {shown[0]} {shown[1:].strip()}"
    return f"{name} = {shown}"


def _tau2(value: float | None) -> str:
    if value is None:
        return "= NE"
    if value == 0.0:
        return "= 0"
    return f"= {format_value(value, 'decimal3')}" if value >= _LEAST_TAU2 else "< 0.001"


def _percent(row: ResultRow) -> str:
    return "NE" if row.value is None else f"{format_value(100.0 * row.value, 'decimal0')}%"


def _p(rows: Rows) -> str:
    return equation("P", format_row(rows["q_p_value"]))
