"""Time the search of Simon's two-stage designs on his published grid, and other designs.

All 51 rows of the tables of Simon (1989): ours, and clinfun's `ph2simon` where R has it (R_LIBS
may name where), asked for the same designs; three rows also by plain loops over every (n1, r1, n,
r) with tables of binomial probabilities. Then 100,000 trials of one arm of 28 patients, drawn,
recorded and analysed in blocks: medians with limits, the rate at a landmark with its test, the
one-sample log-rank test, the response rate with limits and test. Processor time of this process,
or R's own user time; set OPENBLAS_NUM_THREADS=1.

    python benchmarks/design.py
"""

from __future__ import annotations

import math
import shutil
import subprocess
import time
from collections.abc import Callable

import numpy as np

from hepatica.stats.design import (
    TrialArm,
    TrialPlan,
    analyse_single_arm,
    bop2,
    exponential_from_rate,
    fisher_design,
    follow_up,
    one_proportion_exact,
    simon,
    simulated_trials,
)
from hepatica.stats.design.dose_finding import (
    boin_boundaries,
    crm_skeleton,
    simulate_boin,
    simulate_crm,
)

TABLE_1 = [(0.05, 0.25), *((k / 10, (k + 2) / 10) for k in range(1, 8))]
TABLE_2 = [(0.05, 0.20), *((k / 10, round(k / 10 + 0.15, 2)) for k in range(1, 9))]
RATES = [*TABLE_1, *TABLE_2]
ERRORS = [(0.10, 0.90), (0.05, 0.80), (0.05, 0.90)]
GRID = [(null, other, alpha, power) for null, other in RATES for alpha, power in ERRORS]
NAIVE = [
    ((0.05, 0.25, 0.10, 0.90), 30),
    ((0.10, 0.30, 0.05, 0.80), 35),
    ((0.7, 0.9, 0.05, 0.8), 35),
]
PEER = """
suppressPackageStartupMessages(library(clinfun))
rates <- rbind(cbind(c(.05, seq(.1, .7, .1)), c(.25, seq(.3, .9, .1))),
               cbind(c(.05, seq(.1, .8, .1)), c(.20, seq(.25, .95, .1))))
errors <- rbind(c(.1, .1), c(.05, .2), c(.05, .1))
spent <- system.time(for (i in seq_len(nrow(rates))) for (j in 1:3)
  ph2simon(rates[i, 1], rates[i, 2], errors[j, 1], errors[j, 2], nmax = 130))
cat(spent[["user.self"]])
"""


def seconds(job: Callable[[], object], repeats: int = 5) -> float:
    """Return the least processor time of some runs."""
    found = []
    for _ in range(repeats):
        start = time.process_time()
        job()
        found.append(time.process_time() - start)
    return min(found)


def naive(null: float, other: float, alpha: float, power: float, largest: int) -> tuple[int, ...]:
    """Return the optimal design by trying all, with tables of probabilities."""
    mass = {
        (rate, n): [math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(n + 1)]
        for rate in (null, other)
        for n in range(1, largest + 1)
    }
    tail = {key: np.cumsum(values[::-1])[::-1].tolist() for key, values in mass.items()}

    def rejects(rate: float, first: int, stop: int, n: int, last: int) -> float:
        second = n - first
        total = 0.0
        for x in range(stop + 1, first + 1):
            need = last - x + 1
            if need <= second:
                total += mass[rate, first][x] * (tail[rate, second][need] if need > 0 else 1.0)
        return total

    found = []
    sizes = [(n, first) for n in range(2, largest + 1) for first in range(1, n)]
    for n, first in sizes:
        for stop in range(first):
            for last in range(stop, n):
                if rejects(null, first, stop, n, last) <= alpha:
                    if rejects(other, first, stop, n, last) >= power:
                        early = 1.0 - tail[null, first][stop + 1]
                        found.append((first + (1 - early) * (n - first), stop, first, last, n))
                    break
    return min(found)[1:]


def ours(null: float, other: float, alpha: float, power: float) -> tuple[int, ...]:
    """Return our optimal design."""
    one = simon(null, other, alpha=alpha, power=power).optimal
    return one.futility_first, one.n_first, one.futility, one.n


def trials(number: int) -> int:
    """Draw, record and analyse so many trials of one arm; return those that reject."""
    arm = TrialArm(28, exponential_from_rate(0.5, 150), exponential_from_rate(0.5, 360), 0.2)
    plan = TrialPlan((arm,), follow_up(300, 300, dropout=(0.1, 365)), 42)
    null = exponential_from_rate(0.65, 84)
    rejected = 0
    for block in simulated_trials(plan, number, seed=28):
        found = analyse_single_arm(block, null, landmark=85, null_response=0.05)
        rejected += int(np.count_nonzero((found.logrank_p < 0.05) & (found.logrank_z < 0)))
    return rejected


def peer() -> float | None:
    """Return R's user seconds, if it has clinfun."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    done = subprocess.run(
        [rscript, "--vanilla", "-e", PEER], capture_output=True, text=True, check=False
    )
    return float(done.stdout) if done.returncode == 0 else None


def main() -> None:
    """Print the measurements."""
    whole = seconds(lambda: [ours(*row) for row in GRID])
    worst = max((seconds(lambda row=row: ours(*row), 3), row) for row in GRID)
    print(f"Simon, {len(GRID)} rows: {whole:.2f} s; slowest row {worst[1]}: {worst[0]:.3f} s")
    found = peer()
    if found is None:
        print("clinfun: R has it not")
    else:
        share = found / whole
        print(f"clinfun, the same rows up to 130 patients: {found:.2f} s, {share:.1f} times ours")
    for row, largest in NAIVE:
        assert naive(*row, largest) == ours(*row)
        loops, mine = (
            seconds(lambda r=row, m=largest: naive(*r, m), 1),
            seconds(lambda r=row: ours(*r)),
        )
        print(f"{row}: {mine * 1e3:.1f} ms; loops up to {largest} patients {loops:.2f} s, "
              f"{loops / mine:.0f} times")  # fmt: skip
    many = seconds(lambda: trials(100_000), 3)
    print(f"100,000 trials of one arm of 28, drawn and analysed: {many:.2f} s (goal 5 s)")
    draw = np.random.default_rng(1)
    truth = [0.05, 0.15, 0.30, 0.45, 0.60]
    for name, job in {
        "A'Hern .30 to .35": lambda: one_proportion_exact(0.30, 0.35),
        "Fisher .30 to .50": lambda: fisher_design(0.30, 0.50),
        "BOP2, 8 looks to 40": lambda: bop2(0.2, 0.4, range(5, 41, 5)),
        "BOIN, 100,000 trials of 10 cohorts": lambda: simulate_boin(
            truth, boin_boundaries(0.3, 30), draw, cohorts=10, trials=100_000
        ),
        "CRM, 10,000 trials of 10 cohorts": lambda: simulate_crm(
            truth, crm_skeleton(0.3, 0.05, 2, 5), draw, cohorts=10, cohort_size=3, trials=10_000
        ),
    }.items():
        print(f"{name}: {seconds(job, 3):.3f} s")


if __name__ == "__main__":
    main()
