"""Printed counts as the construction asks for them: of an arm, from an analysis of the plan."""

from __future__ import annotations

from hepatica.errors import CommandError
from hepatica.protocol.variables import Variable
from hepatica.simulate.rebuild.context import Rebuild


def analysis_of(rebuild: Rebuild, kind: str) -> str:
    """Return the id of the first analysis of a kind.

    Raises
    ------
    CommandError
        If the plan has none.
    """
    for analysis in rebuild.protocol.analyses:
        if analysis.kind == kind:
            return analysis.id
    raise CommandError(f"study.yaml plans no analysis of kind {kind}. Add one to analyses.")


def counts_of(rebuild: Rebuild, variable: Variable, arm: str, n: int) -> dict[str, int] | None:
    """Return the recorded values of a categorical variable with their printed numbers in an arm.

    Parameters
    ----------
    rebuild : Rebuild
        The study.
    variable : Variable
        Its levels stand for one recorded value each.
    arm : str
        Label of the arm.
    n : int
        Patients of the arm; a single level that is not printed has those who are left.

    Returns
    -------
    dict or None
        ``None`` when nothing, or too little, is printed.
    """
    analysis = analysis_of(rebuild, "baseline")
    counts: dict[str, int] = {}
    rest = []
    for level in variable.levels:
        number = rebuild.published.get(
            analysis=analysis,
            level=arm,
            variable=variable.id,
            variable_level=level.label,
            statistic="n",
        )
        recorded = str(level.recorded)
        if number is None or number.value is None:
            rest.append(recorded)
        else:
            counts[recorded] = round(number.value)
    if not counts or len(rest) > 1:
        return None
    return counts | {recorded: n - sum(counts.values()) for recorded in rest}
