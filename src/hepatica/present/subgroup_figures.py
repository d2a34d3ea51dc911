"""The forest plot of subgroups of a study: which analysis is drawn, in which words."""

from __future__ import annotations

from dataclasses import replace

from hepatica.analyse.subgroups import FEWEST_EVENTS
from hepatica.errors import AnalysisError
from hepatica.present.content import Figure
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.subgroup_forest import (
    SubgroupForestSpec,
    figure_subgroup_forest,
)
from hepatica.present.figures.subgroup_lines import TOO_FEW, SubgroupTitle, subgroup_blocks
from hepatica.present.format import format_row
from hepatica.present.lookup import RowIndex, groups_of
from hepatica.present.tables.subgroups import subgroups_of
from hepatica.present.variable_words import variable_label
from hepatica.present.wording import endpoint_of, short_title, table_title
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.subgroups_analysis import SubgroupsAnalysis
from hepatica.results import Results


def subgroup_figure(
    results: Results, protocol: Protocol, analysis: SubgroupsAnalysis, common: Plate
) -> Figure | None:
    """Draw the forest plot where two groups are compared; the table serves any other number.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Endpoint and subgroup variables.
    analysis : SubgroupsAnalysis
        The planned analysis.
    common : Plate
        Study and status.
    """
    index = RowIndex(results, analysis.id)
    groups = [group for group in groups_of(index, protocol, analysis) if group.level]
    others = [group for group in groups if group.level != analysis.reference]
    reference = next((group for group in groups if group.level == analysis.reference), None)
    if len(others) != 1 or reference is None:
        return None
    titles = [
        SubgroupTitle(name, variable_label(protocol, name), group_labels(protocol, name))
        for name in subgroups_of(protocol, analysis)
    ]
    group = others[0]
    blocks = tuple(subgroup_blocks(results, analysis.id, group.level, reference.level, titles))
    endpoint = endpoint_of(protocol, analysis.endpoint)
    title = table_title(protocol, analysis, f"{endpoint.label} in subgroups")
    lacking = [f"{one.label} ({format_row(one.missing)})" for one in blocks if one.missing]
    shown = {line.shown for block in blocks for line in block.lines}
    notes = (
        f"{endpoint.label}. Unadjusted proportional hazards model within each level; P for "
        f"interaction by likelihood ratio, not adjusted for {len(titles)} subgroups tested.",
        f"Too few: fewer than {FEWEST_EVENTS} events." if TOO_FEW in shown else "",
        f"Patients without a known level: {', '.join(lacking)}." if lacking else "",
        ""
        if protocol.study.randomised and analysis.by == "arm"
        else "The groups were not randomised: hazard ratios are not adjusted for confounding.",
    )
    spec = SubgroupForestSpec(
        plate=replace(common, id=analysis.id, title=title, footnotes=notes),
        blocks=blocks,
        group=CurveGroup(group.level, group.slot),
        reference=CurveGroup(reference.level, reference.slot),
        level=f"{protocol.conf_level * 100:g}% CI",
    )
    narrow = replace(spec, plate=replace(spec.plate, id=f"{analysis.id}-85mm"))
    try:
        return Figure(
            wide=figure_subgroup_forest(spec, width_mm=180),
            narrow=figure_subgroup_forest(narrow, width_mm=85),
            title=title,
            short=short_title(protocol, analysis, f"{endpoint.label} in subgroups"),
        )
    except AnalysisError:
        return None
