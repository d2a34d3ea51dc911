"""Figures of comparisons: forest plots of subgroups, and residuals of proportional hazards."""

from __future__ import annotations

from hepatica.present.content import Figure
from hepatica.present.figures.furniture import Plate
from hepatica.present.proportionality_figures import proportionality_figures
from hepatica.present.subgroup_figures import subgroup_figure
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.protocol.model import Protocol
from hepatica.protocol.subgroups_analysis import SubgroupsAnalysis
from hepatica.results import Results


def comparison_figures(results: Results, protocol: Protocol, common: Plate) -> dict[str, Figure]:
    """Draw the planned comparisons of a study.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The study.
    common : Plate
        Study and status.

    Returns
    -------
    dict of str to Figure
        The forest plot by the id of its analysis; residuals as `proportionality_names` finds them.
    """
    figures: dict[str, Figure] = {}
    for analysis in protocol.analyses:
        if isinstance(analysis, TimeToEventAnalysis):
            figures |= proportionality_figures(results, protocol, analysis, common)
        elif isinstance(analysis, SubgroupsAnalysis) and analysis.figure:
            forest = subgroup_figure(results, protocol, analysis, common)
            figures |= {analysis.id: forest} if forest is not None else {}
    return figures
