"""How often the bootstrap limits hold the survival that constructed studies were drawn from.

Run it with the Python of the package; it prints the shares that README.md names (2 to 4 minutes).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepatica.stats.survival import turnbull_bootstrap

MEAN, LANDMARKS, STUDIES, RESAMPLES = 170.0, (84.0, 168.0), 150, 200


def study(
    rng: np.random.Generator, n: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return intervals: scans about every 42 days, 15% of events known to the day."""
    time = rng.exponential(MEAN, n)
    scans = np.cumsum(42 + rng.integers(-6, 7, (n, 9)), axis=1)
    scans = np.concatenate([np.zeros((n, 1)), scans], axis=1)
    end = rng.uniform(150, 380, n)
    left, right = np.empty(n), np.empty(n)
    for i in range(n):
        seen = scans[i][scans[i] <= end[i]]
        later = seen[seen >= time[i]]
        if rng.random() < 0.15 and time[i] <= end[i]:
            left[i] = right[i] = np.ceil(time[i])
        elif len(later):
            left[i], right[i] = seen[seen < time[i]].max(), later.min()
        else:
            left[i], right[i] = seen.max(), np.inf
    return left, right


def main() -> None:
    """Print the coverage of 95% limits at each landmark."""
    truth = np.exp(-np.array(LANDMARKS) / MEAN)
    for n in (30, 60):
        held = np.zeros(len(LANDMARKS))
        for number in range(STUDIES):
            left, right = study(np.random.default_rng(1000 + number), n)
            limits = turnbull_bootstrap(
                left, right, LANDMARKS, np.random.default_rng(number), resamples=RESAMPLES
            )
            held += (limits.lower <= truth) & (truth <= limits.upper)
        print(n, (held / STUDIES).round(3).tolist())


if __name__ == "__main__":
    main()
