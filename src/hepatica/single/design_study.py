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
from hepatica.protocol.design import DesignAssumptions, Scenario
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.single.design_assumed import survival_shape, trial_plan
from hepatica.single.design_pieces import Analysed, Runner, Task, run_here
from hepatica.stats.design import TwoArmTrials, simulated_distribution, simulated_share
from hepatica.study.check import PROTOCOL_FILE
from hepatica.study.outputs import MARK, refuse_foreign, write_outputs
from hepatica.study.provenance import digest, json_bytes

#: Called with the share of the work that is done.
Progress = Callable[[str, float], None]
PAGE_FILE = "operating_characteristics.html"
DATA_FILE = "operating_characteristics.json"


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One operating characteristic.

    Attributes
    ----------
    scenario, arm : str
        Labels; for a comparison those of both arms.
    n : int or None
        Patients of each arm, where sizes other than the planned ones were asked for.
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
    n: int | None
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
    *,
    sizes: tuple[int, ...] = (),
    run: Runner = run_here,
) -> tuple[Characteristic, ...]:
    """Simulate the trial that a protocol plans, under each of its scenarios.

    Parameters
    ----------
    folder : Path
        Folder with ``study.yaml``, which has the block ``design``.
    trials : int
        Trials for each scenario and size.
    out : Path, optional
        Folder to write a page and a file of numbers into.
    progress : callable, optional
        Called with what is being done, and the share of the work done.
    sizes : tuple of int
        Patients of each arm, for a grid of scenarios and sizes; as planned when empty.
    run : callable
        Where the pieces are carried out: `run_here`, or `run_on_spark`. The results are the same.

    Returns
    -------
    tuple of Characteristic
        Size by size and scenario by scenario, arm by arm, comparisons last.

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
    grid = [
        (_Work(protocol, plan, scenario, size), arms)
        for size in sizes or (None,)
        for scenario in plan.scenarios
        for arms in _groups(plan, scenario)
    ]
    tell = progress or (lambda _text, _share: None)
    told = f"Simulating {counted_trials(trials)} under {len(plan.scenarios)} scenarios"
    tell(told, 0.0)
    analysed = run([work.task(arms) for work, arms in grid], trials, lambda done: tell(told, done))
    found = tuple(
        one
        for (work, arms), blocks in zip(grid, analysed, strict=True)
        for one in (
            _single_arm(work, arms[0], blocks)
            if len(arms) == 1
            else _comparison(work, arms, blocks)
        )
    )
    if out is not None:
        _write(protocol, found, out)
    return found


def _groups(plan: DesignAssumptions, scenario: Scenario) -> list[tuple[str, ...]]:
    """Return the arms that are analysed: each with a null alone, then those compared."""
    alone: list[tuple[str, ...]] = [(arm,) for arm in scenario.arms if arm in plan.null]
    return [*alone, *((plan.compare,) if plan.compare is not None else ())]


def counted_trials(trials: int) -> str:
    """Return the number of trials in words for readers."""
    return f"{trials:,} trials".replace(",", " ") if trials != 1 else "1 trial"


@dataclass(frozen=True, slots=True)
class _Work:
    """One scenario with one size, and the analysed trials of it."""

    protocol: Protocol
    plan: DesignAssumptions
    scenario: Scenario
    size: int | None

    def label(self, arm: str) -> str:
        return next(one.label for one in self.protocol.arms if one.id == arm)

    def patients(self, arms: tuple[str, ...]) -> int:
        planned = {one.id: self.size or one.planned or 0 for one in self.protocol.arms}
        return sum(planned[one] for one in arms)

    def task(self, arms: tuple[str, ...]) -> Task:
        """Return what is simulated and analysed for a single arm, or for two that are compared."""
        trial = trial_plan(self.protocol, self.scenario, arms, self.size)
        # Scenarios of one seed share their random numbers, so that they differ by effect alone.
        if len(arms) > 1:
            return Task(trial, self.protocol.seed, conf_level=self.protocol.conf_level)
        landmark = self.plan.landmark.days if self.plan.landmark is not None else 1.0
        return Task(
            trial,
            self.protocol.seed,
            conf_level=self.protocol.conf_level,
            null=survival_shape(self.plan.null[arms[0]]),
            landmark=landmark,
            null_response=self.plan.null_response.get(arms[0]),
        )

    def made(
        self, arm: str, quantity: str, values: npt.NDArray[np.float64], method: str
    ) -> Characteristic:
        spread = simulated_distribution(values)
        return Characteristic(
            scenario=self.scenario.label,
            arm=arm,
            n=self.size,
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
            n=self.size,
            quantity=quantity,
            estimate=found.estimate,
            monte_carlo_error=found.monte_carlo_error,
            lower=None,
            upper=None,
            trials=found.trials,
            method=method,
        )


def _single_arm(work: _Work, arm: str, blocks: list[Analysed]) -> list[Characteristic]:
    landmark = work.plan.landmark
    response = work.plan.null_response.get(arm)

    def whole(name: str) -> npt.NDArray[np.float64]:
        return np.concatenate([np.asarray(getattr(one.alone, name), float) for one in blocks])

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


def _comparison(
    work: _Work, arms: tuple[str, ...], analysed: list[Analysed]
) -> list[Characteristic]:
    found: list[Characteristic] = []
    names = " against ".join(work.label(one) for one in arms)
    for endpoint in ("pfs", "os"):
        blocks: list[TwoArmTrials] = [getattr(one, endpoint) for one in analysed]
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
