"""Forest plots of every size and shape that reviews bring, made up from a seed."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.figures.forest_spec import ForestSpec, Layout
from hepatica.present.figures.furniture import Plate

NAMES = {
    "plain": "Centre {n} {year}",
    "long": (
        "Trial group of hepatology and interventional radiology {n} {year}, "
        "tremelimumab and durvalumab"
    ),
    "chinese": "东方肝胆外科医院介入放射科与肿瘤内科联合研究组第{n}队列{year}年",
}
WORDS = ("Low", "Some concerns", "High", "")
DOMAINS = (
    "Randomisation",
    "Deviations",
    "Missing data",
    "Measurement",
    "Reporting",
    "Funding",
    "Other sources",
)


def forest_case(
    k: int,
    layout: Layout = "classic",
    *,
    names: str = "plain",
    spread: float = 0.6,
    groups: int = 0,
    domains: int = 0,
    arms: int = 2,
) -> ForestSpec:
    """Return a forest plot of ``k`` studies with hazard ratios of about exp(spread * z)."""
    draw = random.Random(f"{k}-{names}-{spread}")
    studies = []
    weights = [draw.uniform(0.2, 3.0) for _ in range(k)]
    for n in range(k):
        middle, half = draw.gauss(-0.2, spread), draw.uniform(0.2, 1.0 + spread)
        estimate, lower, upper = (math.exp(middle + way * half) for way in (0.0, -1.0, 1.0))
        studies.append(
            ForestLine(
                kind="study",
                label=NAMES[names].format(n=n + 1, year=2010 + n % 15),
                counts=tuple(f"{draw.randint(3, 90)}/{draw.randint(91, 480)}" for _ in range(arms)),
                estimate=estimate,
                lower=lower,
                upper=upper,
                shown=f"{estimate:.2f} ({lower:.2f}–{upper:.2f})",
                weight=100.0 * weights[n] / sum(weights),
                judgements=tuple(draw.choice(WORDS) for _ in range(domains)),
                row_ids=(f"S/{n}/estimate",),
            )
        )
    total = ForestLine(
        kind="total",
        label="All studies, random effects",
        estimate=0.8,
        lower=0.7,
        upper=0.92,
        shown="0.80 (0.70–0.92)",
        weight=100.0,
    )
    prediction = replace(
        total,
        kind="prediction",
        label="95% prediction interval",
        estimate=None,
        lower=0.4,
        upper=1.6,
        shown="(0.40–1.60)",
        weight=None,
    )
    return ForestSpec(
        plate=Plate(
            id=f"forest-{k}",
            title="Overall survival",
            study="R-1",
            status="Constructed patients",
            footnotes=("Overall survival.", "Log hazard ratios, tau2 by REML."),
        ),
        lines=(*_grouped(studies, groups), total, prediction),
        measure="Hazard ratio",
        scale="ratio",
        arms=("Anlotinib with a checkpoint inhibitor", "Control")[:arms],
        favours=("Favours treatment", "Favours control"),
        below=(
            "Heterogeneity: τ² = 0.054, I² = 23%, Q = 9.0 (df 7), P = 0.25",
            "Class of drug: Q = 13.4 (df 4), P = 0.009",
            "Overall effect: P = 0.001",
        ),
        appraisal=DOMAINS[:domains],
        layout=layout,
    )


def _grouped(studies: list[ForestLine], groups: int) -> list[ForestLine]:
    if not groups:
        return studies
    size = math.ceil(len(studies) / groups)
    lines: list[ForestLine] = []
    for number, start in enumerate(range(0, len(studies), size)):
        lines.append(ForestLine(kind="head", label=f"Group {number + 1} of studies"))
        lines += studies[start : start + size]
        lines.append(
            ForestLine(
                kind="subtotal",
                label="Subtotal",
                estimate=0.8,
                lower=0.001,
                upper=900.0,
                shown="0.80 (0.00 to > 100)",
                weight=10.0,
            )
        )
        lines.append(
            ForestLine(
                kind="note", label="Heterogeneity: τ² = 0, I² = 0%, Q = 0.6 (df 1), P = 0.44"
            )
        )
    return lines
