"""Operating characteristics of a study: its assumptions simulated, scenario by scenario."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hepatica.errors import CommandError
from hepatica.present.design_report import design_document
from hepatica.present.plan import document_html
from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.protocol.design import AssumedArm, AssumedSurvival, DesignAssumptions, Scenario
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.stats.design import (
    FollowUp,
    RecordedTimes,
    SurvivalShape,
    TrialArm,
    TrialPlan,
    Weibull,
    analyse_single_arm,
    analyse_two_arms,
    exponential_from_rate,
    follow_up,
    simulated_distribution,
    simulated_share,
    simulated_trials,
    steps,
)
from hepatica.study.check import PROTOCOL_FILE
from hepatica.study.outputs import MARK, refuse_foreign, write_outputs
from hepatica.study.provenance import digest, json_bytes

#: Called with the share of the work that is done.
Progress = Callable[[str, float], None]
PAGE_FILE = "operating_characteristics.html"
DATA_FILE = "operating_characteristics.json"
_EVERY_DAYS = 42


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One operating characteristic.

    Attributes
    ----------
    scenario, arm : str
        Labels; the arm is empty for a comparison.
    quantity : str
        What it is.
    estimate, monte_carlo_error : float or None
        Share, mean or median over the trials, and its standard error.
    lower, upper : float or None
        2.5 and 97.5 % of the estimate over the trials.
    trials : int
        Trials.
    method : str
        Test or estimator.
    """

    scenario: str
    arm: str
    quantity: str
    estimate: float | None
    monte_carlo_error: float | None
    lower: float | None
    upper: float | None
    trials: int
    method: str


def simulate_design(
    folder: Path,
    trials: int,
    out: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Characteristic, ...]:
    """Simulate the trial that a protocol plans, under each of its scenarios.

    Parameters
    ----------
    folder : Path
        Folder with ``study.yaml``, which has the block ``design``.
    trials : int
        Trials for each scenario.
    out : Path, optional
        Folder to write a page and a file of numbers into.
    progress : callable, optional
        Called with what is being done, and the share of the work done.

    Returns
    -------
    tuple of Characteristic
        Scenario by scenario, arm by arm, comparisons last.

    Raises
    ------
    CommandError, ProtocolError, OutputError
        Before anything is written.
    """
    protocol = read_protocol(folder / PROTOCOL_FILE)
    plan = protocol.design
    if plan is None:
        raise CommandError(
            f"{folder / PROTOCOL_FILE} has no block 'design' with scenarios, accrual and "
            "follow_up. docs/design.md shows one."
        )
    if out is not None:
        refuse_foreign(out, study=folder)
    found: list[Characteristic] = []
    tell = progress or (lambda _text, _share: None)
    for number, scenario in enumerate(plan.scenarios):
        share = number / len(plan.scenarios)
        tell(f"Simulating {counted_trials(trials)}: {scenario.label}", share)
        work = _Work(protocol, plan, scenario, trials, number, tell)
        for arm in scenario.arms:
            if arm in plan.null:
                found += _single_arm(work, arm)
        if plan.compare is not None:
            found += _comparison(work, plan.compare)
    if out is not None:
        _write(protocol, tuple(found), out)
    return tuple(found)


def counted_trials(trials: int) -> str:
    """Return the number of trials in words for readers."""
    return f"{trials:,} trials".replace(",", " ") if trials != 1 else "1 trial"


@dataclass(frozen=True, slots=True)
class _Work:
    protocol: Protocol
    plan: DesignAssumptions
    scenario: Scenario
    trials: int
    number: int
    tell: Progress

    def label(self, arm: str) -> str:
        return next(one.label for one in self.protocol.arms if one.id == arm)

    def arm(self, name: str) -> TrialArm:
        size = next(one.planned for one in self.protocol.arms if one.id == name)
        assumed = self.scenario.arms[name]
        if size is None:
            raise CommandError(f"Give the arm '{name}' its planned number of patients.")
        return TrialArm(
            size, _progression(assumed), survival_shape(assumed.os), assumed.response_rate
        )

    def records(self, arms: tuple[str, ...]) -> list[RecordedTimes]:
        seen = self.protocol.assessments
        every = seen.every_days if seen is not None else None
        trial = TrialPlan(
            tuple(self.arm(one) for one in arms), follow_up_of(self.plan), every or _EVERY_DAYS
        )
        scenarios = len(self.plan.scenarios)

        def done(trials: int) -> None:
            share = (self.number + trials / self.trials) / scenarios
            self.tell(f"Simulating {self.scenario.label}", share)

        # Scenarios of one seed share their random numbers, so that they differ by effect alone.
        return list(simulated_trials(trial, self.trials, self.protocol.seed, done))

    def made(
        self, arm: str, quantity: str, values: npt.NDArray[np.float64], method: str
    ) -> Characteristic:
        spread = simulated_distribution(values)
        return Characteristic(
            scenario=self.scenario.label,
            arm=arm,
            quantity=quantity,
            estimate=_number(spread.quantile[2] if spread.missing else spread.mean),
            monte_carlo_error=None if spread.missing else _number(spread.monte_carlo_error),
            lower=_number(spread.quantile[0]),
            upper=_number(spread.quantile[4]),
            trials=spread.trials,
            method=f"{method}; {'median' if spread.missing else 'mean'} over trials",
        )

    def share(
        self, arm: str, quantity: str, happened: npt.NDArray[np.bool_], method: str
    ) -> Characteristic:
        found = simulated_share(happened)
        return Characteristic(
            scenario=self.scenario.label,
            arm=arm,
            quantity=quantity,
            estimate=found.estimate,
            monte_carlo_error=found.monte_carlo_error,
            lower=None,
            upper=None,
            trials=found.trials,
            method=method,
        )


def _single_arm(work: _Work, arm: str) -> list[Characteristic]:
    null = survival_shape(work.plan.null[arm])
    landmark = work.plan.landmark.days if work.plan.landmark is not None else None
    response = work.plan.null_response.get(arm)
    blocks = [
        analyse_single_arm(
            one, null, landmark=landmark or 1.0, null_response=response,
            conf_level=work.protocol.conf_level,
        )
        for one in work.records((arm,))
    ]  # fmt: skip

    def whole(name: str) -> npt.NDArray[np.float64]:
        return np.concatenate([np.asarray(getattr(one, name), dtype=float) for one in blocks])

    label, alpha = work.label(arm), work.plan.alpha
    better = (whole("logrank_p") < alpha) & (whole("logrank_z") < 0)
    found = [work.share(label, "rejects: one-sample log-rank test", better, _two_sided(alpha))]
    if landmark is not None:
        higher = (whole("rate_p") < alpha) & (whole("rate_z") > 0)
        found.append(
            work.share(label, "rejects: rate at the landmark, log-log", higher, _two_sided(alpha))
        )
        found.append(work.made(label, "rate at the landmark", whole("pfs_rate"), "Kaplan–Meier"))
    if response is not None:
        responds = whole("response_p") <= alpha / 2.0
        found.append(
            work.share(label, "rejects: response rate, exact", responds, f"one-sided {alpha / 2:g}")
        )
    months = "Kaplan–Meier, months"
    return [
        *found,
        work.made(label, "median PFS", whole("pfs_median") / DAYS_PER_MONTH, months),
        work.made(label, "median OS", whole("os_median") / DAYS_PER_MONTH, months),
        work.made(label, "PFS events", whole("pfs_events"), "count"),
        work.made(label, "response rate", whole("response_rate"), "share of patients"),
    ]


def _comparison(work: _Work, arms: tuple[str, str]) -> list[Characteristic]:
    records = work.records(arms)
    found: list[Characteristic] = []
    names = " against ".join(work.label(one) for one in arms)
    for endpoint in ("pfs", "os"):
        blocks = [analyse_two_arms(one, endpoint=endpoint) for one in records]
        p = np.concatenate([one.logrank_p for one in blocks])
        z = np.concatenate([one.logrank_z for one in blocks])
        ratio = np.concatenate([one.hazard_ratio for one in blocks])
        events = np.concatenate([one.events.sum(axis=1) for one in blocks]).astype(float)
        what = endpoint.upper()
        better = (p < work.plan.alpha) & (z < 0)
        worse = (p < work.plan.alpha) & (z > 0)
        level = _two_sided(work.plan.alpha)
        found += [
            work.share(names, f"{what}: log-rank in favour", better, level),
            work.share(names, f"{what}: log-rank against", worse, level),
            work.made(names, f"{what}: hazard ratio", ratio, "Cox model, Efron ties"),
            work.made(names, f"{what}: events", events, "count"),
        ]
    return found


def _two_sided(alpha: float) -> str:
    return f"two-sided {alpha:g}"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def follow_up_of(plan: DesignAssumptions) -> FollowUp:
    """Return accrual, follow-up and loss in days."""
    loss = (plan.loss.share, plan.loss.by.days) if plan.loss is not None else None
    return follow_up(plan.accrual.days, plan.follow_up.days, dropout=loss)


def survival_shape(assumed: AssumedSurvival) -> SurvivalShape:
    """Return the assumed curve in days."""
    if assumed.hazards:
        return steps(
            [one.start * DAYS_PER_MONTH for one in assumed.hazards],
            [one.monthly / DAYS_PER_MONTH for one in assumed.hazards],
        )
    if assumed.median is not None:
        return exponential_from_rate(0.5, assumed.median.days, shape=assumed.shape)
    if assumed.rate is None or assumed.at is None:
        raise CommandError("A curve of the design is said by a median, a rate, or hazards.")
    return exponential_from_rate(assumed.rate, assumed.at.days, shape=assumed.shape)


def _progression(assumed: AssumedArm) -> SurvivalShape:
    """Return time to progression such that, with death, progression-free survival is as assumed.

    Where both are exponential the hazard of death is taken off; otherwise the assumed curve is
    that of progression alone.
    """
    pfs, death = survival_shape(assumed.pfs), survival_shape(assumed.os)
    match pfs, death:
        case Weibull(scale=first, shape=1.0), Weibull(scale=second, shape=1.0):
            rate = 1.0 / first - 1.0 / second
            if rate <= 0.0:
                raise CommandError(
                    "Survival is assumed to be shorter than progression-free survival."
                )
            return Weibull(1.0 / rate)
        case _:
            return pfs


def _write(protocol: Protocol, found: tuple[Characteristic, ...], out: Path) -> None:
    rows = [asdict(one) for one in found]
    files = {
        DATA_FILE: json_bytes({"study": protocol.study.id, "seed": protocol.seed, "rows": rows}),
        PAGE_FILE: document_html(design_document(protocol, rows)).encode(),
    }
    outputs = {name: digest(content) for name, content in sorted(files.items())}
    write_outputs(
        out, {**files, MARK: json_bytes({"study": protocol.study.id, "outputs": outputs})}
    )
