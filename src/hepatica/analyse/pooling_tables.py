"""The common effect of events in two arms by Mantel and Haenszel, where a dialect takes it."""

from __future__ import annotations

from collections.abc import Sequence

from hepatica.analyse.effect_sizes import Sized
from hepatica.analyse.pooling_model import Model
from hepatica.errors import InputError
from hepatica.stats.meta import MantelHaenszel, mantel_haenszel

_MEASURES = ("RR", "OR", "RD")


def common_of_tables(studies: Sequence[Sized], model: Model) -> MantelHaenszel | None:
    """Return the common effect by Mantel and Haenszel.

    Parameters
    ----------
    studies : sequence of Sized
        The studies.
    model : Model
        Its dialect says whether cells are corrected, and which variance a risk difference has.

    Returns
    -------
    MantelHaenszel or None
        None where the dialect pools by inverse variance, or a study has no counts of both arms.
        Where one arm has no event in any study the cells are corrected after all: without that
        there is no ratio.
    """
    dialect = model.dialect
    arms = [one.evidence.arm_counts for one in studies]
    controls = [one.evidence.control_counts for one in studies]
    told = all(one is not None for one in (*arms, *controls))
    if dialect.common != "mantel-haenszel" or model.measure not in _MEASURES or not told:
        return None
    cells = [
        [getattr(one, name) for one in side]
        for side in (arms, controls)
        for name in ("events", "total")
    ]

    def pooled(rule: str) -> MantelHaenszel:
        return mantel_haenszel(
            *cells,
            measure=model.measure,
            variance=dialect.difference_variance,
            rule=rule,
            conf_level=model.conf_level,
        )

    try:
        return pooled(dialect.mantel_haenszel_rule)
    except InputError:
        return pooled("only0")


def centre_of_q(tables: MantelHaenszel | None, model: Model) -> float | None:
    """Return the common effect about which Q is taken, where it is not the usual one.

    Estimators of tau2 by likelihood have no Q of their own: beside them Q is the usual one, as in
    R's meta.

    Examples
    --------
    >>> centre_of_q(None, model=None) is None
    True
    """
    if tables is None or model.dialect.q_about != "mantel-haenszel" or model.tau2 != "DL":
        return None
    return tables.estimate
