"""The datasets as a further reading of the scans gives them."""

from __future__ import annotations

from hepatica.derive import Datasets
from hepatica.errors import AnalysisError
from hepatica.protocol.reading import dataset_of_reading


def of_reading(datasets: Datasets, reading: str | None) -> Datasets:
    """Return the datasets with ADRS and ADTR of a reading in place of the main ones.

    Raises
    ------
    AnalysisError
        If the reading has no responses.
    """
    own = {name: dataset_of_reading(name, reading) for name in ("ADRS", "ADTR")}
    if own["ADRS"] == "ADRS":
        return datasets
    if own["ADRS"] not in datasets:
        raise AnalysisError(
            f"The reading {reading} has no responses. Bring TU and TR, or RS, of its evaluator, or "
            "name its best_response in a sheet."
        )
    others = {name: frame for name, frame in datasets.items() if name not in own}
    return others | {name: datasets[read] for name, read in own.items() if read in datasets}
