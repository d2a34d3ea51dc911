"""Waterfall: the best change in the sum of target lesions, one bar for each patient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing
from hepatica.present.figures.courses import Course
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import (
    MARGIN,
    WIDE,
    Plate,
    draw_footnotes,
    draw_status,
    draw_title,
    finish,
)
from hepatica.present.figures.response_table import (
    ResponseCount,
    draw_response_table,
    fill_response,
    response_words,
    table_size,
)
from hepatica.present.figures.strips import Strip, draw_strips, strip_note, strips_width
from hepatica.present.figures.text import text_width
from hepatica.present.format import MINUS, format_value
from hepatica.present.theme import LINE, TYPE

#: Growth beyond which a bar is cut, and the changes that guides show, in %.
CUT = 100.0
GUIDES = (20.0, -30.0)
#: Narrowest pitch of bars at which signs stand at them, in mm.
SIGNS = 2.2

_HEIGHT_WIDE, _HEIGHT_NARROW = 68.0, 52.0
_STUB = 0.5
_THIN = 0.6
_MOST_CUT = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallSpec:
    """What a waterfall shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    groups : tuple of CurveGroup
        Arms in the order of the protocol, for the strip below the bars.
    counts : tuple of ResponseCount
        Best overall response of all patients, those without a bar included.
    confirmed : bool
        Whether responses had to be confirmed.
    criteria : str
        For example ``RECIST 1.1, investigator``.
    strips : tuple of Strip
        Markers with cut-points, in the order of the categories of each patient.
    """

    plate: Plate
    groups: tuple[CurveGroup, ...]
    counts: tuple[ResponseCount, ...]
    confirmed: bool = False
    criteria: str = ""
    strips: tuple[Strip, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where bars stand: left edge and pitch in mm, the base line, and mm for each percent."""

    x0: float
    x1: float
    pitch: float
    zero: float
    scale: float

    def y(self, change: float) -> float:
        return self.zero - self.scale * change

    def middle(self, place: int) -> float:
        return self.x0 + self.pitch * (place + 0.5)

    def bar(self, place: int, change: float) -> Box:
        # A gap of 12% is left between bars; very thin ones touch, as gaps would blur.
        half = 0.44 * self.pitch if self.pitch >= _THIN else 0.5 * self.pitch + 0.02
        end = self.y(min(change, CUT))
        if abs(end - self.zero) < _STUB:
            end = self.zero - math.copysign(_STUB, change)
        middle = self.middle(place)
        return Box(middle - half, min(end, self.zero), middle + half, max(end, self.zero))


def figure_waterfall(
    courses: Sequence[Course], spec: WaterfallSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw the best change of each patient, coloured by best overall response.

    Parameters
    ----------
    courses : sequence of Course
        All patients; those without a measurement after baseline are counted and not drawn.
    spec : WaterfallSpec
        Counts of responses, arms and wording.
    width_mm : {180, 85}
        Double or single column.

    Returns
    -------
    Drawing
        The same bytes for the same patients and specification. No mark names a patient.

    Raises
    ------
    AnalysisError
        If nobody has a measurement after baseline, or the counts are not those of the patients.
    """
    _check(courses, spec.counts)
    drawn = sorted(
        (one for one in courses if one.best is not None), key=lambda one: -(one.best or 0.0)
    )
    if not drawn:
        raise AnalysisError("No patient has a sum of diameters after baseline.")
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.plate.status)
    heading = "Best change in sum of target lesions from baseline (%)"
    head = "Best overall response" + (", confirmed" if spec.confirmed else "")
    size = table_size(spec.counts, head)
    base = draw_title(canvas, heading, canvas.width - 2 * MARGIN - _beside(canvas, size))
    plot, top = _arrange(canvas, drawn, spec, base, size)
    _draw_guides(canvas, plot)
    for place, course in enumerate(drawn):
        fill_response(canvas, plot.bar(place, course.best or 0.0), course.response)
    _draw_cut(canvas, plot, drawn)
    _draw_axis(canvas, plot, drawn)
    lowest = plot.y(_reach(drawn)[1])
    if plot.pitch >= SIGNS:
        lowest = max(lowest, _draw_signs(canvas, plot, drawn))
    draw_response_table(canvas, spec.counts, (plot.x1, top), head)
    places = [plot.middle(place) for place in range(len(drawn))]
    foot = draw_strips(canvas, spec.groups, drawn, places, lowest + 1.0, spec.strips)
    draw_footnotes(canvas, _footnotes(courses, drawn, spec, plot.pitch), foot)
    rows = [row for count in spec.counts for row in (count.n.id, count.percent.id)]
    return finish(canvas, spec.plate, alternative_text(courses, drawn, spec), rows)


def _check(courses: Sequence[Course], counts: Sequence[ResponseCount]) -> None:
    for count in counts:
        found = sum(one.response == count.response for one in courses)
        if found != count.n.value:
            raise AnalysisError(
                f"{count.response}: the results count {count.n.value:g}, the datasets {found}; "
                f"the difference is {abs(found - (count.n.value or 0.0)):g}."
            )


def _beside(canvas: Canvas, size: tuple[float, float]) -> float:
    return size[0] + 6.0 + _label_width() if canvas.width > WIDE else 0.0


def _label_width() -> float:
    return max(text_width(f"{MINUS}30%", TYPE.text), text_width("+20%", TYPE.text)) + 1.6


def _reach(drawn: Sequence[Course]) -> tuple[float, float]:
    """Return the ends of the axis in %: steps of 25 that hold all bars and both guides."""
    changes = [one.best or 0.0 for one in drawn]
    high = min(CUT, 25 * math.ceil(max(*changes, 25.0) / 25 - 1e-9))
    low = -25 * math.ceil(max(-min(changes), 50.0) / 25 - 1e-9)
    return high, max(low, -100)


def _arrange(
    canvas: Canvas,
    drawn: Sequence[Course],
    spec: WaterfallSpec,
    base: float,
    size: tuple[float, float],
) -> tuple[_Plot, float]:
    """Return the plot, and the top of the table: in the free corner, else above the plot."""
    wide = canvas.width > WIDE
    gutter = MARGIN + 3.6 + text_width("+100", TYPE.text)
    x1 = canvas.width - MARGIN - _label_width()
    # Names of strips take room from the bars, which may then be too narrow for signs.
    x0 = gutter
    for _ in range(2):
        pitch = (x1 - x0) / max(len(drawn), 12)
        names = strips_width(spec.groups, drawn, pitch, spec.strips, wide=wide)
        x0 = max(gutter, x0, names + MARGIN + 1.5)
    high, low = _reach(drawn)
    scale = (_HEIGHT_WIDE if wide else _HEIGHT_NARROW) / max(high - low, 125.0)
    pitch = (x1 - x0) / max(len(drawn), 12)
    top = 6.8 if wide else base + 2.4
    values = _cut_levels(drawn)
    first = base + 4.8 + (2.9 * values if values else 0.0)
    plot = _Plot(x0, x1, pitch, first + scale * high, scale)
    # Bars and the upper guide below the table leave 1.5 mm to it.
    edge = x1 - size[0] - 1.0
    under = [
        one.best or 0.0
        for place, one in enumerate(drawn)
        if _right(plot, place, one.best or 0.0, values) > edge
    ]
    highest = min(plot.y(min(change, CUT)) for change in (*under, GUIDES[0] + 4.0))
    if any(change > CUT for change in under):
        highest = first - 2.9 * values - 1.0
    down = max(0.0, top + size[1] + 1.5 - highest)
    return _Plot(x0, x1, pitch, plot.zero + down, scale), top


def _right(plot: _Plot, place: int, change: float, values: int) -> float:
    """Return how far a bar reaches to the right in mm, with the value above it where it is cut."""
    box = plot.bar(place, change)
    if change <= CUT or not values:
        return box.x1
    return max(box.x1, box.x0 + text_width(signed(change), TYPE.minor))


def _draw_guides(canvas: Canvas, plot: _Plot) -> None:
    for change in GUIDES:
        y = plot.y(change)
        line = ((plot.x0, y), (plot.x1, y))
        canvas.line([line], "ink2", LINE.axis, dash=(3, 2), id=f"guide-{abs(change):g}")
        canvas.text((plot.x1 + 1.6, y + 0.9), f"{signed(change)}%", colour="ink2")


def _draw_axis(canvas: Canvas, plot: _Plot, drawn: Sequence[Course]) -> None:
    high, low = _reach(drawn)
    x = plot.x0 - 1.2
    ticks = [float(change) for change in range(int(low), int(high) + 1, 25)]
    canvas.line([((x, plot.y(high)), (x, plot.y(low)))], "rule", LINE.axis)
    canvas.line([((x - 1.06, plot.y(t)), (x, plot.y(t))) for t in ticks], "rule", LINE.axis)
    for tick in ticks:
        canvas.text((x - 1.9, plot.y(tick) + 0.9), signed(tick), colour="ink2", anchor="end")
    canvas.line([((plot.x0, plot.zero), (plot.x1, plot.zero))], "ink", LINE.rule, id="zero")


def signed(change: float) -> str:
    """Return a change in % as a whole number with its sign.

    Examples
    --------
    >>> signed(19.6), signed(-30.0)
    ('+20', '−30')
    """
    shown = format_value(change, "decimal0")
    return f"+{shown}" if change > 0 else shown


def _cut(drawn: Sequence[Course]) -> list[float]:
    return [one.best for one in drawn if one.best is not None and one.best > CUT]


def _cut_levels(drawn: Sequence[Course]) -> int:
    """Return how many lines of values stand above bars that are cut."""
    number = len(_cut(drawn))
    return number if number <= _MOST_CUT else 0


def _draw_cut(canvas: Canvas, plot: _Plot, drawn: Sequence[Course]) -> None:
    """Mark bars that are cut by a slanted gap, and print their values above as a staircase."""
    values = _cut(drawn)
    top = plot.y(CUT)
    for place in range(len(values)):
        box = plot.bar(place, CUT)
        low, high = top + 2.6, top + 1.2
        points = ((box.x0, low), (box.x1, high), (box.x1, high + 0.8), (box.x0, low + 0.8))
        canvas.area(points, "bg")
    for place, change in enumerate(values if _cut_levels(drawn) else ()):
        box = plot.bar(place, CUT)
        base = top - 1.0 - 2.9 * (len(values) - 1 - place)
        canvas.text((box.x0, base), signed(change), size=TYPE.minor)
        if base + 0.5 < top - 1.0:
            leader = ((box.x0 + 0.2, base + 0.5), (box.x0 + 0.2, top - 0.2))
            canvas.line([leader], "rule", LINE.hair)


def _draw_signs(canvas: Canvas, plot: _Plot, drawn: Sequence[Course]) -> float:
    """Write † and ‡ at the outer end of bars, clear of the guides; return the lowest end."""
    lowest = 0.0
    for place, course in enumerate(drawn):
        sign = _sign(course)
        change = course.best or 0.0
        if not sign or change > CUT:
            continue
        box = plot.bar(place, change)
        base = box.y0 - 0.8 if change > 0 else box.y1 + 2.6
        for guide in GUIDES:
            y = plot.y(guide)
            if base - 2.2 < y < base + 0.9:
                base = y - 0.9 if change > 0 else y + 2.5
        canvas.text((plot.middle(place), base), sign, size=TYPE.minor, anchor="middle")
        lowest = max(lowest, base + 0.4)
    return lowest


def _sign(course: Course) -> str:
    if course.unconfirmed:
        return "‡"
    # A new lesion explains progression without growth, and shrinkage that is no response.
    shrunk = course.response not in {"CR", "PR"} and (course.best or 0.0) <= GUIDES[1]
    return "†" if course.new_lesion and (course.response == "PD" or shrunk) else ""


def _footnotes(
    courses: Sequence[Course], drawn: Sequence[Course], spec: WaterfallSpec, pitch: float
) -> list[str]:
    left_out = len(courses) - len(drawn)
    sentences = [f"{len(drawn)} of {len(courses)} patients."]
    if left_out:
        sentences = [
            f"{len(drawn)} of {len(courses)} patients; {left_out} without a measurement after "
            "baseline not drawn but in the denominator."
        ]
    if spec.criteria:
        sentences.append(f"{spec.criteria}.")
    sentences.append("Best change up to progression or new anticancer therapy.")
    sentences.append("Progression is judged from the smallest sum, so +20% is a guide only.")
    over = len(_cut(drawn))
    if over:
        largest = signed(max(_cut(drawn)))
        many = f": {over}, the largest {largest}%" if over > _MOST_CUT else ""
        sentences.append(f"Bars above +100% are cut{many}.")
    if pitch >= SIGNS:
        signs = {_sign(one) for one in drawn}
        sentences += ["† Progression with a new lesion."] if "†" in signs else []
        sentences += ["‡ Response not confirmed."] if "‡" in signs else []
    sentences.append(strip_note(spec.groups, pitch, spec.strips, drawn))
    return [*sentences, *spec.plate.footnotes]


def alternative_text(
    courses: Sequence[Course], drawn: Sequence[Course], spec: WaterfallSpec
) -> str:
    """Return what the figure shows: kind, and the numbers of patients by response."""
    best = [one.best or 0.0 for one in drawn]
    first = (
        "Waterfall of the best change in the sum of target lesions from baseline, "
        f"{len(drawn)} of {len(courses)} patients, from {signed(max(best))}% to "
        f"{signed(min(best))}%."
    )
    kind = "Confirmed best" if spec.confirmed else "Best"
    return f"{first} {kind} overall response: {response_words(spec.counts)}."
