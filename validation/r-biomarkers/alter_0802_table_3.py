"""Say which p-values of ALTER-0802's Table 3 an exact signed-rank test can give.

Run with ``python validation/r-biomarkers/alter_0802_table_3.py`` from the root of the repository.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import combinations, permutations

import numpy as np

from hepatica.stats.signed_rank import signed_rank_distribution

ANALYTES = (
    *("IL-2", "IL-18", "CCL11", "CXCL1", "CCL5", "FGF-2", "SCF", "VEGF-A", "VEGF-D", "PD1"),
    *("PD-L1", "PD-L2", "CD137"),
)
SIZES = {
    1: (8, 15, 15, 9, 15, 5, 15, 15, 15, 15, 15, 15, 15),
    2: (7, 15, 15, 9, 15, 4, 15, 15, 15, 15, 15, 15, 15),
}
P_VALUES = {
    1: (
        *("0.0234", "0.0181", "0.0353", "0.2031", "0.0001", "1.0000", "0.0946", "0.0002"),
        *("0.2958", "0.0009", "0.4459", "0.0023", "0.0269"),
    ),
    2: (
        *("0.2969", "0.8469", "0.0413", "0.0273", "0.0302", "0.1250", "0.0026", "0.0015"),
        *("0.1882", "0.4543", "0.6100", "0.0067", "0.1514"),
    ),
}
PRINTED = [
    (cohort, analyte, n, p)
    for cohort in (1, 2)
    for analyte, n, p in zip(ANALYTES, SIZES[cohort], P_VALUES[cohort], strict=True)
]
TIES = ((), (2,), (3,), (2, 2))
ZEROS = ((0, "none"), (1, "drop"), (1, "pratt"), (2, "drop"), (2, "pratt"), (3, "drop"))


def patterns(n: int, ties: tuple[int, ...]) -> Iterator[list[int]]:
    """Yield sizes of the groups of equal absolute differences, from the lowest, in all places."""
    groups = n - sum(ties) + len(ties)
    for places in combinations(range(groups), len(ties)):
        for order in set(permutations(ties)):
            sizes = [1] * groups
            for place, size in zip(places, order, strict=True):
                sizes[place] = size
            yield sizes


def printed(ways: int, n: int) -> str:
    exact = Decimal(ways) / Decimal(2**n)
    return str(exact.quantize(Decimal("0.0001"), ROUND_HALF_UP))


@cache
def attainable(n: int, ties: tuple[int, ...] = (), ranked_zeros: int = 0) -> dict[str, set[int]]:
    """Return the p-values to four decimals, each with the numbers of signs, of 2**n, behind it."""
    found: dict[str, set[int]] = {}
    for sizes in patterns(n, ties):
        last = np.cumsum(sizes)
        doubled = np.repeat(2 * (last + ranked_zeros) - sizes + 1, sizes)
        probability = signed_rank_distribution(doubled)
        tail = np.cumsum(probability[::-1])[::-1]
        upper = np.arange(len(tail)) * 2 >= doubled.sum()
        for share in tail[upper & (probability > 0)]:
            ways = round(min(1.0, 2.0 * float(share)) * 2**n)
            found.setdefault(printed(ways, n), set()).add(ways)
    return found


def without_ties() -> None:
    print("| cohort | analyte | n | printed p | signs of 2^n |\n|---|---|---|---|---|")
    for cohort, analyte, n, p in PRINTED:
        ways = " or ".join(map(str, sorted(attainable(n).get(p, set())))) or "none"
        print(f"| {cohort} | {analyte} | {n} | {p} | {ways} |")


def with_ties_or_zeros() -> None:
    off = [(cohort, analyte, p) for cohort, analyte, n, p in PRINTED if p not in attainable(n)]
    print("\n| zeros | tied groups | " + " | ".join(f"{a} ({c}) {p}" for c, a, p in off) + " |")
    print("|" + "---|" * (2 + len(off)))
    for zeros, policy in ZEROS:
        for ties in TIES:
            n = 15 - zeros
            values = attainable(n, ties, zeros if policy == "pratt" else 0)
            cells = [
                "/".join(map(str, sorted(values[p]))) + f" of {2**n}" if p in values else ""
                for _, _, p in off
            ]
            if any(cells):
                name = f"{zeros}, {policy}" if zeros else "none"
                print(
                    f"| {name} | {' and '.join(map(str, ties)) or 'none'} | "
                    + " | ".join(cells)
                    + " |"
                )


if __name__ == "__main__":
    without_ties()
    with_ties_or_zeros()
