"""Studies by the groupings of the plan, and groups pooled with a variance of their own or one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from hepatica.analyse.effect_sizes import Sized
from hepatica.analyse.pooling_models import (
    Model,
    Together,
    of_pooled,
    pool_studies,
    pools_by_inverse_variance,
)
from hepatica.analyse.pooling_rows import OutcomeRows
from hepatica.protocol.review import Grouping, Review
from hepatica.stats.meta import subgroups

Groups = Mapping[str, Sequence[Sized]]


def grouped_studies(review: Review, rows: OutcomeRows) -> Iterator[tuple[Grouping, Groups]]:
    """Yield each grouping of an outcome with its pooled studies, where there are several groups.

    Parameters
    ----------
    review : Review
        The plan.
    rows : OutcomeRows
        The outcome; the groupings it does not ask for are left out.
    """
    asked = rows.outcome.groupings
    for grouping in review.groupings:
        if asked is not None and grouping.id not in asked:
            continue
        by_level: dict[str, list[Sized]] = {}
        for one in rows.effects.studies:
            if one.pooled:
                level = one.evidence.characteristics.get(grouping.id, "Not reported")
                by_level.setdefault(level, []).append(one)
        if len(by_level) > 1:
            yield grouping, by_level


def pool_groups(groups: Groups, model: Model, tau2: str) -> dict[str, Together]:
    """Pool each group of studies.

    Parameters
    ----------
    groups : mapping of str to sequence of Sized
        Studies of each group.
    model : Model
        How.
    tau2 : {"separate", "common"}
        A variance between studies for each group, or one for all: the residual variance of a
        meta-regression on the groups. Models without such a variance pool each group by itself:
        the common effect, the rule of I2, the binomial-normal model and arms that share a control.
    """
    together = [one for studies in groups.values() for one in studies]
    is_common = (
        tau2 == "common"
        and model.effects == "random"
        and pools_by_inverse_variance(together, model)
        and len(together) > len(groups)
    )
    if not is_common:
        return {level: pool_studies(studies, model) for level, studies in groups.items()}
    return _at_common_tau2(groups, model)


def _at_common_tau2(groups: Groups, model: Model) -> dict[str, Together]:
    sized = [(at, one) for at, studies in enumerate(groups.values()) for one in studies]
    code = [at for at, _ in sized]
    found = subgroups(
        [one.effect for _, one in sized],
        [one.variance for _, one in sized],
        code,
        method=model.tau2,
        ci=model.ci,
        prediction=model.prediction,
        tau2="common",
        conf_level=model.conf_level,
    )
    words = pool_studies([one for _, one in sized], model).method[:-1]
    pooled = {}
    for at, level in enumerate(groups):
        one = of_pooled(
            found.pooled.outcome(at),
            f"{words}; tau2 and its degrees of freedom are common to all groups.",
            name="random",
            from_q=model.dialect.i2 == "q",
        )
        own = np.array(code) == at
        pooled[level] = replace(one, weights=one.weights[own])
    return pooled
