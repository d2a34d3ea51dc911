"""Print the largest differences from R that README.md tells.

Run from the root of the repository with PYTHONPATH=tests/analyse:tests/stats.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import test_logistic_reference as logistic_side
import test_models_reference as model_side

from hepatica.stats.logistic import logistic
from hepatica.stats.logistic_firth import logistic_firth


def largest(pairs: Iterable[tuple[object, object]]) -> float:
    """Return the largest relative difference."""
    found = [
        np.abs(np.atleast_1d(np.asarray(a, float)) - np.atleast_1d(np.asarray(b, float)))
        / np.abs(np.atleast_1d(np.asarray(b, float)))
        for a, b in pairs
    ]
    return float(max(one.max() for one in found))


def cox_pairs() -> Iterable[tuple[object, object]]:
    """Give every coefficient and standard error of the Cox rows with R's."""
    levels = {"multivariable": "selected", "prespecified": "all", "stratified": "stratified",
              "clustered": "clustered"}  # fmt: skip
    for ties in model_side.DIALECTS:
        wanted, rows = model_side.reference(ties), model_side.cox_rows(ties)
        models = [("univariable", wanted["univariable"][one]) for one in model_side.COVARIATES]
        models += [(level, wanted[name]) for level, name in levels.items()]
        for level, model in models:
            for at, term in enumerate(np.atleast_1d(model["terms"]).tolist()):
                name, label, reference = model_side.COLUMNS[term]
                place = {"variable": name, "variable_level": label, "reference": reference}
                for one in ("coef", "std_error"):
                    yield (
                        model_side.value(rows, one, level, **place),
                        np.atleast_1d(model[one])[at],
                    )


def glm_pairs() -> Iterable[tuple[object, object]]:
    """Give coefficients and standard errors of the logistic models with R's."""
    rows = logistic_side.PINNED["patients"]
    for name, wanted in logistic_side.MODELS.items():
        names = model_side.COVARIATES if name == "all" else [name]
        x, known = logistic_side.columns(rows, names)
        fit = logistic(logistic_side.events(rows, known, "response"), x)
        yield fit.coef, wanted["coef"]
        yield fit.std_error, wanted["std_error"]
        yield fit.lr_test.statistic, wanted["lr"]["statistic"]


def main() -> None:
    """Print one line for each part."""
    print(f"Cox: {largest(cox_pairs()):.1e}")
    print(f"glm: {largest(glm_pairs()):.1e}")
    fits = [
        (logistic_firth(event, x), wanted)
        for x, event, wanted in logistic_side.firth_cases().values()
    ]
    print(f"Firth, estimates: {largest((fit.coef, w['coef']) for fit, w in fits):.1e}")
    limits = [(np.log(fit.lower), w["lower"]) for fit, w in fits]
    limits += [(np.log(fit.upper), w["upper"]) for fit, w in fits]
    print(f"Firth, limits: {largest(limits):.1e}")
    print(f"Firth, tests: {largest((fit.statistic, w['statistic']) for fit, w in fits):.1e}")


if __name__ == "__main__":
    main()
