"""How many patients each analysis set holds."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.analyse.selection import origin_of, set_members
from hepatica.derive import Datasets
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow


def analyse_sets(protocol: Protocol, datasets: Datasets) -> list[ResultRow]:
    """Count the patients of each analysis set by arm, those enrolled, and screening failures.

    Parameters
    ----------
    protocol : Protocol
        Arms and analysis sets.
    datasets : mapping
        ADSL is read.

    Returns
    -------
    list of ResultRow
        Analysis ``sets``: statistic ``n`` with the flag as population; without population the
        patients enrolled; ``screening_failures`` where the protocol defines them.
    """
    adsl = nw.from_native(datasets["ADSL"], eager_only=True)

    def row(statistic: str, value: int, population: str = "", level: str = "") -> ResultRow:
        return ResultRow(
            study=protocol.study.id,
            origin=origin_of(protocol),
            analysis="sets",
            dataset="ADSL",
            population=population,
            group="arm" if level else "",
            level=level,
            statistic=statistic,
            value=float(value),
            format="integer",
        )

    enrolled = int((adsl["ENRLFL"] == "Y").sum())
    rows = [row("n", enrolled)]
    if protocol.screening is not None:
        rows.append(row("screening_failures", len(adsl) - enrolled))
    for analysis_set in protocol.analysis_sets:
        members = set_members(protocol, analysis_set, adsl)
        for arm in protocol.arms:
            size = int((members["__arm__"] == arm.label).sum())
            rows.append(row("n", size, analysis_set.flag, arm.label))
        rows.append(row("n", len(members), analysis_set.flag))
    return rows
