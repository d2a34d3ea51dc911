"""Deciles of the change of target lesions over time, which a spider plot of many patients shows."""

from __future__ import annotations

from collections.abc import Iterable

import narwhals.stable.v2 as nw

from hepatica.analyse.lesion_changes import has_lesion_sums, lesion_changes
from hepatica.analyse.selection import Selection
from hepatica.analyse.summaries import QUANTILE_NAMES
from hepatica.derive import Datasets
from hepatica.dialect import TrialDialect
from hepatica.results import ResultRow
from hepatica.stats.quantiles import quantile

#: Patients with a change from which on deciles stand for lines.
MOST_LINES = 150
#: Patients that a decile is taken of, at least, and days between the times.
LEAST, APART = 10, 42

_SHARES = (10, 20, 30, 40, 50, 60, 70, 80, 90)


def analyse_change_deciles(
    selection: Selection, datasets: Datasets, dialect: TrialDialect
) -> list[ResultRow]:
    """Return the deciles of the changes that were measured about every six weeks.

    Parameters
    ----------
    selection : Selection
        Patients and groups of an analysis of response.
    datasets : mapping
        ADTR; ADRS and ADCM where they are there.
    dialect : TrialDialect
        Names the definition of quantiles.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists under change deciles; none for up to 150 patients, whose lines
        can be told apart.
    """
    if not has_lesion_sums(datasets) or "TRTSDT" not in selection.members.columns:
        return []
    changes = lesion_changes(selection.members, datasets)
    if changes["USUBJID"].n_unique() <= MOST_LINES:
        return []
    levels = selection.levels if len(selection.levels) == 1 else (*selection.levels, "")
    definition = dialect.quantile_definition
    rows = []
    for level in levels:
        own = changes.filter(nw.col("__group__") == level) if level else changes
        pairs = zip(own["DAY"].to_list(), own["PCHG"].to_list(), strict=True)
        rows += _rows(selection, level, change_deciles(pairs, definition), definition)
    return rows


def change_deciles(
    changes: Iterable[tuple[int, float]], definition: str
) -> list[tuple[float, int, tuple[float, ...]]]:
    """Return time, number and the nine deciles of changes.

    Parameters
    ----------
    changes : iterable of (int, float)
        Day, and change in %. A change counts for the nearest multiple of 42 days, and for the
        first one before it.
    definition : str
        Definition of quantiles.

    Examples
    --------
    >>> change_deciles([(40 + n % 5, float(n)) for n in range(1, 11)], "average")[0][:2]
    (42.0, 10)
    >>> change_deciles([(42, 1.0)] * 9, "average")
    []
    """
    spans: dict[int, list[float]] = {}
    for day, change in changes:
        spans.setdefault(max(1, (day + APART // 2) // APART), []).append(change)
    return [
        (
            float(span * APART),
            len(values),
            tuple(quantile(values, share / 100, definition=definition) for share in _SHARES),
        )
        for span, values in sorted(spans.items())
        if len(values) >= LEAST
    ]


def _rows(
    selection: Selection,
    level: str,
    found: list[tuple[float, int, tuple[float, ...]]],
    definition: str,
) -> list[ResultRow]:
    rows = []
    for time, n, values in found:
        where = {
            "dataset": "ADTR",
            "parameter": "SDIAM",
            "variable": "change_deciles",
            "time": time,
            **({"level": level} if level else {}),
        }
        rows.append(selection.row("n", n, format="integer", **where))
        for share, value in zip(_SHARES, values, strict=True):
            shown = {"unit": "%", "format": "decimal1", "method": QUANTILE_NAMES[definition]}
            rows.append(selection.row(f"p{share}", value, **shown, **where))
    return rows
