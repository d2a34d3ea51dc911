"""Dose finding: rules, recommendations and operating characteristics."""

from hepatica.stats.design.dose_finding._doses import DoseFindingSimulation
from hepatica.stats.design.dose_finding.boin import (
    BoinBoundaries,
    BoinSelection,
    boin_boundaries,
    boin_selection,
    simulate_boin,
)
from hepatica.stats.design.dose_finding.crm import CrmEstimate, CrmSkeleton, crm, crm_skeleton
from hepatica.stats.design.dose_finding.crm_simulation import simulate_crm
from hepatica.stats.design.dose_finding.three_plus_three import ThreePlusThree, three_plus_three

__all__ = [
    "BoinBoundaries",
    "BoinSelection",
    "CrmEstimate",
    "CrmSkeleton",
    "DoseFindingSimulation",
    "ThreePlusThree",
    "boin_boundaries",
    "boin_selection",
    "crm",
    "crm_skeleton",
    "simulate_boin",
    "simulate_crm",
    "three_plus_three",
]
