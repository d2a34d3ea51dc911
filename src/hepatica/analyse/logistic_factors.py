"""Planned logistic models of several covariates."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.cox_factors import main_models
from hepatica.analyse.model_alternatives import alternative_rows
from hepatica.analyse.model_fits import Planned
from hepatica.analyse.model_matrix import model_matrix
from hepatica.analyse.model_outcomes import ResponseOutcome
from hepatica.analyse.model_shapes import interaction_rows
from hepatica.analyse.readings import of_reading
from hepatica.analyse.selection import Selection, select
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError
from hepatica.protocol.endpoints import Response
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import LogisticAnalysis
from hepatica.results import ResultRow


def analyse_logistic(
    protocol: Protocol, datasets: Datasets, analysis: LogisticAnalysis
) -> list[ResultRow]:
    """Fit each covariate alone, those that the plan selects together, and the models beside it.

    Parameters
    ----------
    protocol : Protocol
        Defines endpoint and covariates.
    datasets : mapping
        ADSL and ADRS are read.
    analysis : LogisticAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``logistic``. As in the table of responses, patients
        without an assessment have no response.

    Raises
    ------
    AnalysisError
        If there is no ADRS, or a covariate cannot be read.
    """
    endpoint = next(
        one
        for one in protocol.endpoints
        if isinstance(one, Response) and one.id == analysis.endpoint
    )
    if "ADRS" not in datasets:
        raise AnalysisError("There is no ADRS table. Add it under data.tables.")
    selection = select(protocol, datasets, analysis)
    event = _responses(selection, of_reading(datasets, endpoint.reading), endpoint)
    matrix = model_matrix(
        protocol, selection, analysis.covariates, analysis.references, analysis.per
    )
    common = {
        "dataset": "ADRS",
        "parameter": endpoint.parameter,
        "conf_level": protocol.conf_level,
    }
    outcome = ResponseOutcome(event, protocol.conf_level)
    planned = Planned(selection, outcome, matrix, common)
    rows, chosen = main_models(planned, analysis)
    kinds = [one for one in analysis.alternatives if one != "prespecified" or analysis.select]
    rows += alternative_rows(planned, kinds, protocol.seed)
    main = chosen or list(matrix.names)
    for pair in analysis.interactions:
        rows += interaction_rows(planned, main, pair)
    return selection.sizes() + rows


def _responses(selection: Selection, datasets: Datasets, endpoint: Response) -> NDArray[np.int64]:
    """Return 1 for each member, in order, whose recorded response counts."""
    records = nw.from_native(datasets["ADRS"], eager_only=True)
    counted = records.filter(
        (nw.col("PARAMCD") == endpoint.parameter) & nw.col("AVALC").is_in(list(endpoint.counted))
    )
    with_response = counted["USUBJID"].unique().to_list()
    member = selection.members["USUBJID"].is_in(with_response)
    found: NDArray[np.int64] = member.to_numpy().astype(np.int64)
    return found
