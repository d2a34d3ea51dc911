"""Figures of single patients of a study: which are drawn, in which groups and words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from hepatica.derive import Datasets
from hepatica.derive.adsl import category_column
from hepatica.present.content import Figure
from hepatica.present.figures.courses import Course, can_read, read_courses
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.response_table import ResponseCount
from hepatica.present.figures.spider import SpiderSpec, figure_spider
from hepatica.present.figures.strips import Strip
from hepatica.present.figures.swimmer import SwimmerSpec, figure_swimmer, swimmer_pages
from hepatica.present.figures.waterfall import WaterfallSpec, figure_waterfall
from hepatica.present.lookup import RowIndex
from hepatica.present.theme import MAX_SLOTS
from hepatica.present.wording import long_date, table_title
from hepatica.protocol.analyses import ResponseAnalysis
from hepatica.protocol.endpoints import Response
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.results import Results

#: Figures below the table of an analysis of response, by the end of their id.
PATIENT_FIGURES: Final = ("waterfall", "swimmer", "spider")

#: Most markers below a waterfall.
MOST_STRIPS = 3

#: Most patients that are drawn one by one.
MOST_PATIENTS = 1000


def patient_figures(
    results: Results,
    protocol: Protocol,
    datasets: Datasets,
    analysis: ResponseAnalysis,
    plate: Plate,
) -> dict[str, Figure]:
    """Draw the patients of an analysis of response.

    Parameters
    ----------
    results : Results
        Rows of all analyses; best responses are counted there.
    protocol : Protocol
        The study.
    datasets : mapping
        ADSL, ADRS and ADTR are read; without them there is no figure.
    analysis : ResponseAnalysis
        The analysis whose patients are drawn.
    plate : Plate
        Study, status and versions; id and title are set here.

    Returns
    -------
    dict of str to Figure
        ``<analysis>-waterfall`` and so on; empty when the study collected no courses, when the
        analysis failed, or when there are more patients than can be told apart.
    """
    endpoint = _endpoint(protocol, analysis)
    index = RowIndex(results, analysis.id)
    labels = group_labels(protocol, analysis.by)
    if endpoint is None or not index or index.failure or len(labels) > MAX_SLOTS:
        return {}
    if not can_read(datasets, sums=False) or datasets["ADSL"].height > MOST_PATIENTS:
        return {}
    strips = _strips(protocol, datasets)
    courses = read_courses(protocol, datasets, analysis, endpoint.parameter, tuple(strips))
    groups = tuple(CurveGroup(label, slot) for slot, label in enumerate(labels, start=1))
    figures = {}
    if any(course.best is not None for course in courses):
        name = f"{analysis.id}-waterfall"
        title = table_title(protocol, analysis, "Best change in sum of target lesions")
        spec = WaterfallSpec(
            plate=replace(plate, id=name, title=title),
            groups=groups,
            counts=_counts(index, labels, endpoint.parameter),
            confirmed=endpoint.parameter == "CBOR",
            criteria=_criteria(protocol),
            strips=tuple(strips.values()),
        )
        figures[name] = _waterfall(courses, spec)
        name = f"{analysis.id}-spider"
        title = table_title(protocol, analysis, "Change in sum of target lesions over time")
        spider = SpiderSpec(
            plate=replace(plate, id=name, title=title),
            groups=groups,
            counts=spec.counts,
            confirmed=spec.confirmed,
            deciles=tuple(results.where(analysis=analysis.id, variable="change_deciles")),
        )
        figures[name] = _spider(courses, spider)
    sizes = tuple(index.get("n", level=label) for label in labels)
    notes = _swimmer_notes(protocol)
    swimmer = SwimmerSpec(plate=replace(plate, footnotes=notes), groups=groups, sizes=sizes)
    pages = swimmer_pages(courses, swimmer)
    for page in range(1, pages + 1):
        name = f"{analysis.id}-swimmer" + (f"-{page}" if page > 1 else "")
        what = "Course of each patient" + (f", page {page} of {pages}" if pages > 1 else "")
        title = table_title(protocol, analysis, what)
        named = replace(swimmer, plate=replace(swimmer.plate, id=name, title=title))
        figures[name] = _swimmer(courses, named, page)
    return figures


def patient_figure_names(analysis: str, figures: Iterable[str]) -> list[str]:
    """Return the names of the figures of an analysis in the order of the report, page after page.

    Examples
    --------
    >>> names = ["b-swimmer", "a-swimmer", "a-swimmer-2", "a-waterfall", "a-swimmer-x"]
    >>> patient_figure_names("a", names)
    ['a-waterfall', 'a-swimmer', 'a-swimmer-2']
    """
    found = list(figures)
    return [
        name
        for kind in PATIENT_FIGURES
        for name in found
        if re.fullmatch(rf"{re.escape(analysis)}-{kind}(-\d+)?", name)
    ]


def _strips(protocol: Protocol, datasets: Datasets) -> dict[str, Strip]:
    """Return the first cut-point of each marker that has one, up to three, by its id."""
    found: dict[str, Strip] = {}
    for marker in protocol.biomarkers:
        for cut in marker.cut_points[:1]:
            exploratory = cut.chosen_from_data or cut.choose is not None
            if cut.at is not None and category_column(cut.id) in datasets["ADSL"].columns:
                found[cut.id] = Strip(marker.label, cut.below, cut.at_or_above, exploratory)
    return dict(list(found.items())[:MOST_STRIPS])


def _spider(courses: tuple[Course, ...], spec: SpiderSpec) -> Figure:
    narrow = replace(spec, plate=replace(spec.plate, id=f"{spec.plate.id}-85mm"))
    return Figure(
        wide=figure_spider(courses, spec, width_mm=180),
        narrow=figure_spider(courses, narrow, width_mm=85),
        title=spec.plate.title,
    )


def _swimmer_notes(protocol: Protocol) -> tuple[str, ...]:
    criteria = _criteria(protocol)
    cut_off = protocol.study.data_cut_off
    return (
        f"Responses and progression by {criteria}." if criteria else "",
        f"Data cut-off {long_date(cut_off)}." if cut_off is not None else "",
    )


def _swimmer(courses: tuple[Course, ...], spec: SwimmerSpec, page: int) -> Figure:
    narrow = replace(spec, plate=replace(spec.plate, id=f"{spec.plate.id}-85mm"))
    return Figure(
        wide=figure_swimmer(courses, spec, width_mm=180, page=page),
        narrow=figure_swimmer(courses, narrow, width_mm=85, page=page),
        title=spec.plate.title,
    )


def _endpoint(protocol: Protocol, analysis: ResponseAnalysis) -> Response | None:
    for identifier in analysis.endpoints:
        for endpoint in protocol.endpoints:
            if isinstance(endpoint, Response) and endpoint.id == identifier:
                if endpoint.is_yes_or_no:
                    continue
                return endpoint
    return None


def _counts(index: RowIndex, labels: tuple[str, ...], parameter: str) -> tuple[ResponseCount, ...]:
    """Return the best responses of all patients; a single group has no rows of its total."""
    whole = labels[0] if len(labels) == 1 else ""
    found = []
    for response in index.levels("best_response"):
        n, percent = (
            index.get(
                statistic,
                level=whole,
                variable="best_response",
                variable_level=response,
                parameter=parameter,
            )
            for statistic in ("n", "percent")
        )
        if n is not None and percent is not None:
            found.append(ResponseCount(response, n, percent))
    return tuple(found)


def _criteria(protocol: Protocol) -> str:
    assessed = protocol.assessments
    if assessed is None or not assessed.criteria:
        return ""
    by = assessed.evaluator.lower()
    return f"{assessed.criteria}, {by}" if by else assessed.criteria


def _waterfall(courses: tuple[Course, ...], spec: WaterfallSpec) -> Figure:
    narrow = replace(spec, plate=replace(spec.plate, id=f"{spec.plate.id}-85mm"))
    return Figure(
        wide=figure_waterfall(courses, spec, width_mm=180),
        narrow=figure_waterfall(courses, narrow, width_mm=85),
        title=spec.plate.title,
    )
