"""Designs beside the tables and examples of the papers that introduced them."""

from __future__ import annotations

import numpy as np
import pytest

from hepatica.stats.design import (
    fleming,
    inflate_for_dropout,
    monitoring_probabilities,
    one_proportion_exact,
    one_proportion_normal,
    one_proportion_power,
    predictive_monitoring,
    selection_design,
    simon,
)
from hepatica.stats.design.dose_finding import boin_boundaries

# Simon, Control Clin Trials 1989;10:1: null, alternative, alpha, beta, optimal, minimax.
# Table 1 (difference .20), whole; the columns of EN are in EXPECTED.
TABLE_1 = [
    (0.05, 0.25, 0.10, 0.10, "0/9 2/24", "0/13 2/20"),
    (0.05, 0.25, 0.05, 0.20, "0/9 2/17", "0/12 2/16"),
    (0.05, 0.25, 0.05, 0.10, "0/9 3/30", "0/15 3/25"),
    (0.10, 0.30, 0.10, 0.10, "1/12 5/35", "1/16 4/25"),
    (0.10, 0.30, 0.05, 0.20, "1/10 5/29", "1/15 5/25"),
    (0.10, 0.30, 0.05, 0.10, "2/18 6/35", "2/22 6/33"),
    (0.20, 0.40, 0.10, 0.10, "3/17 10/37", "3/19 10/36"),
    (0.20, 0.40, 0.05, 0.20, "3/13 12/43", "4/18 10/33"),
    (0.20, 0.40, 0.05, 0.10, "4/19 15/54", "5/24 13/45"),
    (0.30, 0.50, 0.10, 0.10, "7/22 17/46", "7/28 15/39"),
    (0.30, 0.50, 0.05, 0.20, "5/15 18/46", "6/19 16/39"),
    (0.30, 0.50, 0.05, 0.10, "8/24 24/63", "7/24 21/53"),
    (0.40, 0.60, 0.10, 0.10, "7/18 22/46", "11/28 20/41"),
    (0.40, 0.60, 0.05, 0.20, "7/16 23/46", "17/34 20/39"),
    (0.40, 0.60, 0.05, 0.10, "11/25 32/66", "12/29 27/54"),
    (0.50, 0.70, 0.10, 0.10, "11/21 26/45", "11/23 23/39"),
    (0.50, 0.70, 0.05, 0.20, "8/15 26/43", "12/23 23/37"),
    (0.50, 0.70, 0.05, 0.10, "13/24 36/61", "14/27 32/53"),
    (0.60, 0.80, 0.10, 0.10, "6/11 26/38", "18/27 24/35"),
    (0.60, 0.80, 0.05, 0.20, "7/11 30/43", "8/13 25/35"),
    (0.60, 0.80, 0.05, 0.10, "12/19 37/53", "15/26 32/45"),
    (0.70, 0.90, 0.10, 0.10, "6/9 22/28", "11/16 20/25"),
    (0.70, 0.90, 0.05, 0.20, "4/6 22/27", "19/23 21/26"),
    (0.70, 0.90, 0.05, 0.10, "11/15 29/36", "13/18 26/32"),
]
# Table 2 (difference .15), the rows of alpha .05 and beta .20.
TABLE_2 = [
    (0.05, 0.20, 0.05, 0.20, "0/10 3/29", "0/13 3/27"),
    (0.10, 0.25, 0.05, 0.20, "2/18 7/43", "2/22 7/40"),
    (0.20, 0.35, 0.05, 0.20, "5/22 19/72", "6/31 15/53"),
    (0.30, 0.45, 0.05, 0.20, "9/27 30/81", "16/46 25/65"),
    (0.40, 0.55, 0.05, 0.20, "11/26 40/84", "28/59 34/70"),
    (0.50, 0.65, 0.05, 0.20, "15/28 48/83", "39/66 40/68"),
    (0.60, 0.75, 0.05, 0.20, "17/27 46/67", "18/30 43/62"),
    (0.70, 0.85, 0.05, 0.20, "14/19 46/59", "16/23 39/49"),
    (0.80, 0.95, 0.05, 0.20, "7/9 26/29", "7/9 26/29"),
]
EXPECTED = [
    (0.05, 0.25, 0.10, 0.10, 14.5, 16.4),
    (0.10, 0.30, 0.05, 0.20, 15.0, 19.5),
    (0.20, 0.40, 0.05, 0.20, 20.6, 22.3),
    (0.30, 0.50, 0.05, 0.20, 23.6, 25.7),
    (0.40, 0.60, 0.05, 0.20, 24.5, 34.4),
]


@pytest.mark.parametrize("row", TABLE_1 + TABLE_2, ids=lambda row: "-".join(map(str, row[:4])))
def test_simons_tables(row: tuple[float, float, float, float, str, str]) -> None:
    null, alternative, alpha, beta, optimal, minimax = row
    found = simon(null, alternative, alpha=alpha, power=1.0 - beta)
    shown = [
        f"{one.futility_first}/{one.n_first} {one.futility}/{one.n}"
        for one in (found.optimal, found.minimax)
    ]
    assert shown == [optimal, minimax]


@pytest.mark.parametrize("row", EXPECTED)
def test_simons_expected_sizes(row: tuple[float, ...]) -> None:
    null, alternative, alpha, beta, optimal, minimax = row
    found = simon(null, alternative, alpha=alpha, power=1.0 - beta)
    assert round(found.optimal.expected_n, 1) == optimal
    assert round(found.minimax.expected_n, 1) == minimax


@pytest.mark.parametrize(
    ("null", "alternative", "events", "n"),
    [(0.10, 0.30, 6, 25), (0.20, 0.40, 12, 35), (0.30, 0.50, 17, 39)],
)
def test_ahern_2001(null: float, alternative: float, events: int, n: int) -> None:
    """A'Hern, Stat Med 2001;20:859: alpha .05, power .80."""
    found = one_proportion_exact(null, alternative)
    assert (found.events, found.n) == (events, n)


def test_ahern_as_printed_by_khan() -> None:
    """Khan, Sarker and Hackshaw, Br J Cancer 2012;107:1801: 78, alpha 4.53%, power 80.81%."""
    found = one_proportion_exact(0.10, 0.20)
    assert found.n == 78
    assert round(100 * found.type_1_error, 2) == 4.53
    # .80818, printed without rounding.
    assert found.power == pytest.approx(0.8081, abs=1e-4)


def test_flemings_single_stage_is_smaller_and_misses_its_errors() -> None:
    """A'Hern's point: the normal size can break the errors it was asked to keep."""
    normal, exact = one_proportion_normal(0.10, 0.30), one_proportion_exact(0.10, 0.30)
    assert (normal.events, normal.n) == (5, 20)
    assert normal.n < exact.n
    assert normal.power < 0.8 <= exact.power


def test_alter_0802_exact_binomial() -> None:
    """12-week PFS .65 to .80 and .50 to .70, two-sided .05 (.025 in the upper tail), power .80.

    The smallest n with the power is the reading that gives 73 and 49; sizes from which the power
    lasts are 79 and 54. Planned are 24 and 22 (26 and 24 with a few more), by a test of the curve.
    """
    first = one_proportion_exact(0.65, 0.80, sides=2)
    second = one_proportion_exact(0.50, 0.70, sides=2)
    assert (first.n, second.n) == (73, 49)
    lasting = [
        one_proportion_exact(0.65, 0.80, sides=2, lasting=True).n,
        one_proportion_exact(0.50, 0.70, sides=2, lasting=True).n,
    ]
    assert lasting == [79, 54]
    one = one_proportion_power([24, 26], 0.65, 0.80, alpha=0.025)
    two = one_proportion_power([22, 24], 0.50, 0.70, alpha=0.025)
    assert one.power.round(2).tolist() == [0.26, 0.38]
    assert two.power.round(2).tolist() == [0.31, 0.39]


def test_alter_0802_dropout() -> None:
    """24 and 22 became 27 and 24 by rounding to the nearest; upwards they are 27 and 25."""
    assert [inflate_for_dropout(n, 0.1, rounding="nearest").n for n in (24, 22)] == [27, 24]
    assert [inflate_for_dropout(n, 0.1).n for n in (24, 22)] == [27, 25]


def test_lee_and_liu_2008() -> None:
    """Clin Trials 2008;5:93: the interim of 16 of 23, and the design of 36 patients."""
    found = monitoring_probabilities(23, 40, null=0.6, final_threshold=0.9, prior=(0.6, 0.4))
    assert round(float(found.predictive[16]), 4) == 0.5656
    design = predictive_monitoring(
        0.2, 0.4, range(10, 37), futility_threshold=0.001, final_threshold=0.9, prior=(0.2, 0.8)
    )
    bounds, at = np.unique(design.futility, return_index=True)
    first = dict(zip(bounds.tolist(), design.looks[at].tolist(), strict=True))
    assert first == {0: 10, 1: 17, 2: 21, 3: 24, 4: 27, 5: 29, 6: 31, 7: 33, 8: 34, 9: 35, 10: 36}
    assert round(design.type_1_error, 3) == 0.088
    assert round(design.power, 3) == 0.906
    assert round(design.expected_n, 2) == 27.67
    assert round(design.early_stop, 2) == 0.86


def test_boin_boundaries_of_the_paper() -> None:
    """Liu and Yuan, J R Stat Soc C 2015;64:507: printed to three decimals, some of them cut."""
    found = [boin_boundaries(target, 3) for target in (0.15, 0.20, 0.25, 0.30, 0.35, 0.40)]
    escalate = [0.118, 0.157, 0.197, 0.236, 0.276, 0.316]
    de_escalate = [0.179, 0.238, 0.298, 0.358, 0.419, 0.479]
    assert [one.escalate_rate for one in found] == pytest.approx(escalate, abs=1e-3)
    assert [one.de_escalate_rate for one in found] == pytest.approx(de_escalate, abs=1e-3)


def test_fleming_two_stages() -> None:
    """.20 against .40, 15 and 25 patients: accept at 3, reject at 7, then 9 (Fleming 1982)."""
    found = fleming(0.2, 0.4, [15, 25])
    assert (found.futility.tolist(), found.efficacy.tolist()) == ([3, 8], [7, 9])


@pytest.mark.parametrize(
    ("arms", "printed"),
    [
        (2, [21, 29, 35, 37, 36, 32, 26, 16]),
        (3, [31, 44, 52, 55, 54, 49, 39, 24]),
        (4, [37, 52, 62, 67, 65, 59, 47, 29]),
    ],
)
def test_simon_wittes_and_ellenberg(arms: int, printed: list[int]) -> None:
    """Cancer Treat Rep 1985;69:1375: lowest rate .1 to .8, the best .15 above, probability .90."""
    rates = [k / 10 for k in range(1, 9)]
    found = [selection_design(rate, rate + 0.15, arms=arms).n_arm for rate in rates]
    assert found == printed
