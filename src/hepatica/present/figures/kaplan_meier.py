"""Kaplan-Meier curves with medians, numbers at risk and the planned comparison."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.axis import tick_days
from hepatica.present.figures.canvas import Canvas, Drawing, Identity
from hepatica.present.figures.curves import Curve, CurveGroup, SurvivalFigureData, read_survival
from hepatica.present.figures.kaplan_meier_layout import Wording, draw_figure
from hepatica.present.figures.panel import with_limits
from hepatica.present.figures.plot import ticks_apart
from hepatica.present.figures.png import render_png
from hepatica.present.figures.svg import render_svg
from hepatica.present.format import (
    format_interval,
    format_level,
    format_limits,
    format_row,
)
from hepatica.present.theme import MAX_SLOTS
from hepatica.results import ResultRow, Results

_TRANSFORM = re.compile(r"log-log|logit|arcsine|plain|log(?!-rank)")


@dataclass(frozen=True, slots=True, kw_only=True)
class KaplanMeierSpec:
    """What a Kaplan-Meier figure shows and how it is worded.

    Attributes
    ----------
    id : str
        Id of the figure.
    analysis : str
        Id of the analysis whose rows are drawn.
    title : str
        Outcome in words, for title and alternative text: ``Time to progression``.
    y_title : str
        For example ``Patients without progression (%)``.
    x_title : str
        For example ``Months since first dose``.
    groups : tuple of CurveGroup
        Groups in their order, at most 6, each with its colour slot.
    study : str
        Id of the study.
    status : str or None
        Status tag, such as ``Constructed patients``; ``None`` for confirmed data.
    footnotes : tuple of str
        Sentences after those the figure makes itself.
    hazard_ratio : bool
        Whether hazard ratio and test are shown where the rows have them.
    digest, version : str
        Digest of data and protocol, and version of Hepatica, for the metadata.
    """

    id: str
    analysis: str
    title: str
    y_title: str
    x_title: str
    groups: tuple[CurveGroup, ...]
    study: str
    status: str | None = None
    footnotes: tuple[str, ...] = ()
    hazard_ratio: bool = True
    digest: str = ""
    version: str = ""


def figure_kaplan_meier(
    results: Results, spec: KaplanMeierSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw the survival curves of one analysis.

    Parameters
    ----------
    results : Results
        Rows of the analysis, as ``docs/results.md`` lists them.
    spec : KaplanMeierSpec
        Groups and wording.
    width_mm : {180, 85}
        Double or single column; the height follows from the content.

    Returns
    -------
    Drawing
        The same bytes for the same rows and specification.

    Raises
    ------
    AnalysisError
        If the analysis failed, has no curve, or has more than 6 groups.
    """
    check_groups(spec)
    data = read_survival(results, spec.analysis, spec.groups, compare=spec.hazard_ratio)
    canvas = Canvas(float(width_mm))
    wording = Wording(
        spec.y_title, spec.x_title, spec.status or "", footnotes(data, spec, medians=width_mm < 120)
    )
    draw_figure(canvas, data, wording)
    return finished(canvas, data, spec)


def check_groups(spec: KaplanMeierSpec) -> None:
    """Check that groups can be told apart.

    Raises
    ------
    AnalysisError
        If there are none or more than 6, or their colours are not their own.
    """
    slots = [group.slot for group in spec.groups]
    if not slots or len(slots) > MAX_SLOTS or len(set(slots)) < len(slots):
        raise AnalysisError(
            f"A figure tells 1 to {MAX_SLOTS} groups apart, each with a colour of its own; "
            f"{spec.analysis} has {len(slots)}."
        )
    if any(slot < 1 or slot > MAX_SLOTS for slot in slots):
        raise AnalysisError(f"The colours of {spec.analysis} are numbered 1 to {MAX_SLOTS}.")


def finished(
    canvas: Canvas,
    data: SurvivalFigureData,
    spec: KaplanMeierSpec,
    kind: str = "Kaplan–Meier curves",
) -> Drawing:
    """Return the files of a figure that is drawn; ``kind`` opens its alternative text."""
    identity = Identity(
        id=spec.id,
        title=spec.title,
        alt=alternative_text(data, spec, kind),
        study=spec.study,
        status=spec.status or "",
        digest=spec.digest,
        version=spec.version,
        row_ids=data.row_ids,
    )
    return Drawing(
        id=spec.id,
        title=spec.title,
        width_mm=canvas.width,
        height_mm=canvas.height,
        svg=render_svg(canvas, identity, page=False),
        page_svg=render_svg(canvas, identity, page=True),
        png=render_png(canvas, identity),
        alt=identity.alt,
        row_ids=data.row_ids,
    )


def footnotes(data: SurvivalFigureData, spec: KaplanMeierSpec, *, medians: bool) -> tuple[str, ...]:
    """Return the sentences below the figure; ``medians`` adds them where no table shows them."""
    sentences = [*_ticks(data), *_shading(data)]
    names = {curve.group.level: curve.group.shown for curve in data.curves}
    references = list(dict.fromkeys(ratio.reference for ratio in data.hazard_ratios))
    if len(data.hazard_ratios) == 1:
        ratio = data.hazard_ratios[0]
        reference = names.get(ratio.reference, ratio.reference)
        sentences.append(f"Hazard ratio: {names[ratio.level]} against {reference}.")
    elif references:
        listed = ", ".join(names.get(reference, reference) for reference in references)
        sentences.append(f"Hazard ratios: against {listed}.")
    if medians:
        sentences.append(_median_sentence(data))
    without = [
        f"{format_row(curve.missing)} in {curve.group.shown}"
        for curve in data.curves
        if curve.missing is not None and curve.missing.value
    ]
    if without:
        sentences.append(f"Patients without a usable time, not counted: {', '.join(without)}.")
    shown = [row for c in data.curves for row in (c.median, c.median_lower, c.median_upper)]
    if any(row is not None and row.status == "not_estimable" for row in shown):
        sentences.append("NE: not estimable.")
    return (*sentences, *spec.footnotes)


def _median_sentence(data: SurvivalFigureData) -> str:
    """Say the medians with their intervals, which the single column has no table for."""
    level = next((c.median_lower for c in data.curves if c.median_lower is not None), None)
    interval = "95% CI" if level is None else format_level(level)
    shown = [
        f"{curve.group.shown} "
        f"{with_limits(curve.median, curve.median_lower, curve.median_upper)}, "
        f"events {_text(curve.events)}/{_text(curve.followed)}"
        for curve in data.curves
        if curve.median is not None
    ]
    return f"Median, months ({interval}): {'; '.join(shown)}."


def _ticks(data: SurvivalFigureData) -> list[str]:
    days = data.risk_days or tick_days(data.last_day)
    with_ticks = [curve for curve in data.curves if (curve.censored > 0).any()]
    apart = [ticks_apart(curve, max(days[-1], data.last_day)) for curve in with_ticks]
    if not with_ticks:
        return []
    if all(apart):
        return ["Ticks: censored patients."]
    names = [c.group.shown for c, clear in zip(with_ticks, apart, strict=True) if not clear]
    if len(names) == len(with_ticks):
        return ["Censored patients are too many to be marked."]
    return [f"Ticks: censored patients (too many to be marked in {_listed(names)})."]


def _shading(data: SurvivalFigureData) -> list[str]:
    drawn = [curve for curve in data.curves if curve.banded().any()]
    if not drawn and not any((curve.survival < 1).any() for curve in data.curves):
        return []
    if not drawn:
        return ["Intervals are not shaded: fewer than 5 at risk."]
    level = next((c.median_lower for c in drawn if c.median_lower is not None), None)
    found = _TRANSFORM.search(data.method.lower())
    kind = f" ({found.group()})" if found else ""
    interval = "95% CI" if level is None else format_level(level)
    return [f"Shading: {interval}{kind}, shown while 5 or more are at risk."]


def alternative_text(
    data: SurvivalFigureData, spec: KaplanMeierSpec, kind: str = "Kaplan–Meier curves"
) -> str:
    """Return what the figure shows in three sentences: kind, numbers, status of the data."""
    months = max(1, round(data.last_day / 30.4375))
    outcome = spec.title[:1].lower() + spec.title[1:] if spec.title[1:2].islower() else spec.title
    counts = [f"{_text(curve.followed)} in {curve.group.shown}" for curve in data.curves]
    over = f"{months} {'month' if months == 1 else 'months'}"
    first = f"{kind} of {outcome} over {over}, patients: {_listed(counts)}."
    medians = [f"{_median(curve)} in {curve.group.shown}" for curve in data.curves]
    second = f"Median in months {_listed(medians)}"
    for ratio in data.hazard_ratios:
        second += f"; hazard ratio {_interval(ratio.estimate, ratio.lower, ratio.upper)}"
        if len(data.hazard_ratios) > 1:
            second += f" for {ratio.level} against {ratio.reference}"
    return " ".join((first, second + ".", *((f"{spec.status}.",) if spec.status else ())))


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _text(row: ResultRow | None) -> str:
    return "–" if row is None else format_row(row)


def _median(curve: Curve) -> str:
    if curve.median is None:
        return "–"
    return _interval(curve.median, curve.median_lower, curve.median_upper)


def _interval(row: ResultRow, lower: ResultRow | None, upper: ResultRow | None) -> str:
    if lower is None or upper is None or {lower.status, upper.status} == {"not_estimable"}:
        return format_row(row)
    limits = format_interval(*format_limits(lower, upper))
    return f"{format_row(row)} ({format_level(lower)} {limits})"
