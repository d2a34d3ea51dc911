"""The small table of a Kaplan-Meier figure: medians, events, hazard ratio and test."""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Anchor, Canvas
from hepatica.present.figures.curves import Curve, HazardRatio, SurvivalFigureData
from hepatica.present.figures.text import shorten, text_width
from hepatica.present.format import (
    any_negative,
    format_interval,
    format_level,
    format_limits,
    format_p,
    format_row,
)
from hepatica.present.theme import ARMS, LINE, TYPE
from hepatica.results import ResultRow

PITCH = 4.5
_GAP = 6.0
_NAME = 42.0
#: Longest line of the single column, in mm.
_LINE = 76.0
SQUARE = 2.3


@dataclass(frozen=True, slots=True)
class Cell:
    """A text of the table and the row it came from."""

    text: str
    row: str = ""


@dataclass(frozen=True, slots=True)
class PanelLine:
    """A line below or in place of the table."""

    text: str
    strong: bool
    row: str = ""

    @property
    def size(self) -> float:
        """Size in pt."""
        return TYPE.title if self.strong else TYPE.text


@dataclass(frozen=True, slots=True)
class Panel:
    """The table and the lines below it, measured.

    Attributes
    ----------
    heads : tuple of str
        Heads of the number columns; empty when there is no table.
    names : tuple of str
        Name of each group, cut to the width of its column.
    cells : tuple of tuple of Cell
        Numbers of each group.
    lines : tuple of PanelLine
        Hazard ratio and test.
    widths : tuple of float
        Widths in mm: names with their key, then the number columns.
    """

    heads: tuple[str, ...]
    names: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    lines: tuple[PanelLine, ...]
    widths: tuple[float, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.heads and not self.lines

    @property
    def width(self) -> float:
        """Width in mm."""
        table = sum(self.widths) + _GAP * len(self.heads) if self.heads else 0.0
        lines = (text_width(line.text, line.size, line.strong) for line in self.lines)
        return max(table, *lines, 0.0)

    @property
    def height(self) -> float:
        """Height in mm."""
        table = 4.9 + PITCH * len(self.cells) if self.heads else 0.0
        return table + (1.2 if self.heads and self.lines else 0.0) + 4.2 * len(self.lines)


def table_panel(data: SurvivalFigureData) -> Panel:
    """Return the table of medians with events, and the comparison below it."""
    level = next((c.median_lower for c in data.curves if c.median_lower is not None), None)
    interval = "95% CI" if level is None else format_level(level)
    heads = [f"Median, months ({interval})", "Events/n"]
    several = len(data.hazard_ratios) > 1
    if several:
        first = data.hazard_ratios[0].lower
        heads.append(f"Hazard ratio ({'95% CI' if first is None else format_level(first)})")
    cells = []
    negative = any_negative(_limit_texts(data))
    for curve in data.curves:
        row = [_median(curve), _events(curve)]
        if several:
            row.append(_ratio_cell(curve, data.hazard_ratios, negative))
        cells.append(tuple(row))
    key = key_width(len(data.curves))
    names = tuple(shorten(c.group.shown, TYPE.text, _NAME, bold=True) for c in data.curves)
    widths = [key + max(text_width(name, TYPE.text, bold=True) for name in names)]
    for column, head in enumerate(heads):
        texts = [text_width(row[column].text, TYPE.text) for row in cells]
        widths.append(max(text_width(head, TYPE.minor), *texts))
    lines = _comparison(data, short=False)
    return Panel(tuple(heads), names, tuple(cells), lines, tuple(widths))


def short_panel(data: SurvivalFigureData) -> Panel:
    """Return hazard ratio and test alone, for the single column."""
    return Panel((), (), (), _comparison(data, short=True), ())


def key_width(groups: int) -> float:
    """Width in mm of a key with the space behind it: a square, or a line from 4 groups on."""
    return (SQUARE if groups < 4 else 7.0) + 1.3


def draw_key(canvas: Canvas, at: tuple[float, float], slot: int, groups: int) -> None:
    """Draw the key of a group with its middle at a height: a square, or a dashed line."""
    x, middle = at
    if groups < 4:
        box = Box(x, middle - SQUARE / 2, x + SQUARE, middle + SQUARE / 2)
        canvas.rectangle(box, f"arm-{slot}")
        return
    dash = ARMS[slot - 1].dash
    canvas.line([((x, middle), (x + 7.0, middle))], f"arm-{slot}", LINE.curve, dash=dash)


def draw_panel(canvas: Canvas, panel: Panel, box: Box, slots: tuple[int, ...]) -> None:
    """Draw the panel in its box; without a table its lines end at the right edge."""
    y = box.y0
    if panel.heads:
        y = _draw_table(canvas, panel, box, slots)
    for line in panel.lines:
        at_right = not panel.heads
        anchor: Anchor = "end" if at_right else "start"
        canvas.text(
            (box.x1 if at_right else box.x0, y + 3.0),
            line.text,
            size=line.size,
            colour="ink" if line.strong else "ink2",
            bold=line.strong,
            anchor=anchor,
            row=line.row,
        )
        y += 4.2


def _draw_table(canvas: Canvas, panel: Panel, box: Box, slots: tuple[int, ...]) -> float:
    right = box.x0 + panel.widths[0]
    edges = []
    for width in panel.widths[1:]:
        right += _GAP + width
        edges.append(right)
    for edge, head in zip(edges, panel.heads, strict=True):
        at = (edge, box.y0 + 2.3)
        canvas.text(at, head, size=TYPE.minor, colour="ink2", anchor="end")
    rule = box.y0 + 3.9
    canvas.line([((box.x0, rule), (edges[-1], rule))], "rule", LINE.axis)
    middle = rule + 2.8
    key = key_width(len(slots))
    for slot, name, cells in zip(slots, panel.names, panel.cells, strict=True):
        draw_key(canvas, (box.x0, middle), slot, len(slots))
        at = (box.x0 + key, middle + 0.9)
        canvas.text(at, name, colour=f"arm-{slot}-text", bold=True)
        for edge, cell in zip(edges, cells, strict=True):
            canvas.text((edge, middle + 0.9), cell.text, anchor="end", row=cell.row)
        middle += PITCH
    end = middle - PITCH + 2.8
    canvas.line([((box.x0, end), (edges[-1], end))], "hair", LINE.axis)
    return end + 1.2


def _median(curve: Curve) -> Cell:
    row = curve.median
    if row is None:
        return Cell("–")
    return Cell(with_limits(row, curve.median_lower, curve.median_upper), row.id)


def with_limits(
    row: ResultRow, lower: ResultRow | None, upper: ResultRow | None, *, negative: bool = False
) -> str:
    """Return an estimate with its limits in brackets; ``NE`` alone where none is estimable."""
    if lower is None or upper is None:
        return format_row(row)
    if {row.status, lower.status, upper.status} == {"not_estimable"}:
        return format_row(row)
    limits = format_interval(*format_limits(lower, upper), negative)
    return f"{format_row(row)} ({limits})"


def _events(curve: Curve) -> Cell:
    shown = [format_row(row) if row is not None else "–" for row in (curve.events, curve.followed)]
    return Cell("/".join(shown), curve.events.id if curve.events is not None else "")


def _limit_texts(data: SurvivalFigureData) -> list[str]:
    return [
        text
        for ratio in data.hazard_ratios
        if ratio.lower is not None and ratio.upper is not None
        for text in format_limits(ratio.lower, ratio.upper)
    ]


def _ratio_cell(curve: Curve, ratios: tuple[HazardRatio, ...], negative: bool) -> Cell:
    for ratio in ratios:
        if ratio.level == curve.group.level:
            text = with_limits(ratio.estimate, ratio.lower, ratio.upper, negative=negative)
            return Cell(text, ratio.estimate.id)
    is_reference = any(ratio.reference == curve.group.level for ratio in ratios)
    return Cell("1 (reference)" if is_reference else "–")


def _comparison(data: SurvivalFigureData, *, short: bool) -> tuple[PanelLine, ...]:
    lines = []
    several = len(data.hazard_ratios) > 1
    names = {curve.group.level: curve.group.shown for curve in data.curves}
    for ratio in data.hazard_ratios if short or not several else ():
        estimate = format_row(ratio.estimate)
        text = f"{'HR' if short else 'Hazard ratio'} {estimate}"
        if ratio.lower is not None and ratio.upper is not None and ratio.estimate.status == "ok":
            interval = format_interval(*format_limits(ratio.lower, ratio.upper))
            text += f" ({format_level(ratio.lower)} {interval})"
        if several:
            room = _LINE - text_width(f": {text}", TYPE.title, bold=True)
            text = f"{shorten(names[ratio.level], TYPE.title, room, bold=True)}: {text}"
        lines.append(PanelLine(text, True, ratio.estimate.id))
    if data.corrected is not None:
        lines.append(PanelLine(_corrected(data.corrected, short=short), False, data.corrected.id))
    if data.test is not None:
        lines.append(PanelLine(_test(data, short=short), False, data.test.id))
    return tuple(lines)


def _corrected(row: ResultRow, *, short: bool) -> str:
    name = "Corrected" if short else "Corrected for the cut-point:"
    if row.status != "ok" or row.value is None:
        return f"{name} P {format_row(row)}"
    return f"{name} {format_p(row.value)}"


def _test(data: SurvivalFigureData, *, short: bool) -> str:
    row = data.test
    if row is None:
        return ""
    name = "Stratified log-rank" if "stratified" in row.method.lower() else "Log-rank"
    if row.status != "ok" or row.value is None:
        return f"{name} P {format_row(row)}"
    sides = ", two-sided" if len(data.curves) == 2 and not short else ""
    if data.corrected is not None:
        sides = ", not corrected"
    return f"{name} {format_p(row.value)}{sides}"
