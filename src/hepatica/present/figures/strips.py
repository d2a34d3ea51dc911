"""Strips below the bars of a waterfall: arm, markers above their cut-point, ongoing treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas
from hepatica.present.figures.courses import Course
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.text import shorten, text_width, wrap
from hepatica.present.format import MINUS
from hepatica.present.theme import TYPE

#: Narrowest pitch of bars in mm at which each has a sign, and at which each has a mark in a row.
SIGNS = 2.2
MARKS = 0.55
_ROW = 4.2
_SECOND = 2.9
_LABEL_WIDE, _LABEL_NARROW = 30.0, 17.0


@dataclass(frozen=True, slots=True)
class Strip:
    """A marker with its cut-point: name, names of the categories, and how it was chosen."""

    name: str
    below: str
    above: str
    exploratory: bool = False


def common_name(groups: Sequence[CurveGroup]) -> tuple[str, tuple[str, ...]]:
    """Return what the strip is called and the sign of each group.

    Groups that differ in a short last word only, such as Cohort 1 and Cohort 2, are called by the
    words before it; others by their first letters, or by numbers where letters are the same.

    Examples
    --------
    >>> common_name([CurveGroup("Cohort 1", 1), CurveGroup("Cohort 2", 2)])
    ('Cohort', ('1', '2'))
    >>> common_name([CurveGroup("Anlotinib", 1), CurveGroup("Placebo", 2)])
    ('Arm', ('A', 'P'))
    """
    heads = {one.shown.rpartition(" ")[0] for one in groups}
    tails = [one.shown.rpartition(" ")[2] for one in groups]
    if len(heads) == 1 and all(heads) and all(len(tail) == 1 for tail in tails):
        return next(iter(heads)), tuple(tails)
    letters = [one.shown[:1].upper() for one in groups]
    if len(set(letters)) == len(letters) and all(letter.isalpha() for letter in letters):
        return "Arm", tuple(letters)
    return "Arm", tuple(str(number) for number in range(1, len(groups) + 1))


def _mode(groups: Sequence[CurveGroup], pitch: float) -> str:
    if len(groups) < 2 or pitch < MARKS:
        return ""
    return "signs" if pitch >= SIGNS else "marks"


def strip_note(
    groups: Sequence[CurveGroup],
    pitch: float,
    strips: Sequence[Strip] = (),
    drawn: Sequence[Course] = (),
) -> str:
    """Return the sentences that explain the signs, where they do not explain themselves."""
    name, signs = common_name(groups) if groups else ("", ())
    sentences = []
    if _mode(groups, pitch) == "signs" and name == "Arm":
        listed = ", ".join(f"{sign} {one.shown}" for sign, one in zip(signs, groups, strict=True))
        sentences.append(f"Arm: {listed}.")
    for place, strip in enumerate(strips if pitch >= MARKS else ()):
        above, below = _lower(strip.above), _lower(strip.below)
        words = [f"+ {above}", f"{MINUS} {below}", "? not measured"]
        if pitch < SIGNS:
            words = [f"bar {above}", f"dash {below}", "empty not measured"]
        if all(one.categories[place] is not None for one in drawn):
            words.pop()
        chosen = "; the cut-point was chosen from these data: exploratory"
        sentences.append(f"{strip.name}: {', '.join(words)}{chosen if strip.exploratory else ''}.")
    return " ".join(sentences)


def strips_width(
    groups: Sequence[CurveGroup],
    drawn: Sequence[Course],
    pitch: float,
    strips: Sequence[Strip] = (),
    *,
    wide: bool,
) -> float:
    """Return the width that names of strips take left of the plot, in mm."""
    most = _LABEL_WIDE if wide else _LABEL_NARROW
    mode = _mode(groups, pitch)
    names = [common_name(groups)[0]] if mode == "signs" else []
    names += [one.shown for one in groups] if mode == "marks" else []
    names += ["Ongoing"] if pitch >= MARKS and any(one.ongoing for one in drawn) else []
    # The name of a marker may take two lines.
    words = [line for strip in strips for line in _lines(strip.name, most)]
    names += words if pitch >= MARKS else []
    widths = [text_width(name, TYPE.text, True) for name in names]
    return min(max(widths, default=0.0), most)


def draw_strips(
    canvas: Canvas,
    groups: Sequence[CurveGroup],
    drawn: Sequence[Course],
    places: Sequence[float],
    top: float,
    strips: Sequence[Strip] = (),
) -> float:
    """Draw the strips and return where the last one ends.

    Parameters
    ----------
    canvas : Canvas
        The drawing.
    groups : sequence of CurveGroup
        Arms.
    drawn : sequence of Course
        Patients from left to right.
    places : sequence of float
        Middle of each bar in mm.
    top : float
        Where strips begin in mm.
    strips : sequence of Strip
        Markers, in the order of the categories of each patient.
    """
    pitch = places[1] - places[0] if len(places) > 1 else SIGNS
    mode = _mode(groups, pitch)
    room = strips_width(groups, drawn, pitch, strips, wide=canvas.width > 120.0)
    y = top + 1.5
    if mode == "signs":
        _draw_signs(canvas, groups, list(zip(drawn, places, strict=True)), y + 2.8, room)
        y += _ROW
    elif mode == "marks":
        for group in groups:
            _name(canvas, group.shown, y + 2.8, f"arm-{group.slot}-text", room)
            for one, x in zip(drawn, places, strict=True):
                if one.group == group.level:
                    half = min(0.44 * pitch, 0.6)
                    box = Box(x - half, y + 0.9, x + half, y + 3.1)
                    canvas.rectangle(box, f"arm-{group.slot}")
            y += _ROW
    for place, strip in enumerate(strips if pitch >= MARKS else ()):
        found = [(one.categories[place], x) for one, x in zip(drawn, places, strict=True)]
        y = _draw_marker(canvas, strip, found, (y, room, pitch))
    if pitch >= MARKS and any(one.ongoing for one in drawn):
        _name(canvas, "Ongoing", y + 2.8, "ink2", room)
        half = min(0.9, 0.5 * pitch)
        for one, x in zip(drawn, places, strict=True):
            if one.ongoing:
                middle = y + 1.9
                points = ((x - half, middle - 0.95), (x + half, middle), (x - half, middle + 0.95))
                canvas.area(points, "ink")
        y += _ROW
    return y


def _draw_signs(
    canvas: Canvas,
    groups: Sequence[CurveGroup],
    drawn: Sequence[tuple[Course, float]],
    base: float,
    room: float,
) -> None:
    name, signs = common_name(groups)
    by_level = {one.level: (one, sign) for one, sign in zip(groups, signs, strict=True)}
    _name(canvas, name, base, "ink2", room)
    for course, x in drawn:
        if course.group in by_level:
            group, sign = by_level[course.group]
            colour = f"arm-{group.slot}-text"
            canvas.text((x, base), sign, colour=colour, bold=True, anchor="middle")


def _lines(name: str, room: float) -> tuple[str, ...]:
    """Return the name of a marker in up to two lines, broken after a hyphen where it must be."""
    if text_width(name, TYPE.text, True) <= room:
        return (name,)
    broken = wrap(name.replace("-", "- "), TYPE.text, room, True, 2)
    return tuple(line.replace("- ", "-") for line in broken)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def _draw_marker(
    canvas: Canvas,
    strip: Strip,
    found: Sequence[tuple[str | None, float]],
    measures: tuple[float, float, float],
) -> float:
    """Draw the strip of a marker and return where it ends; measures: top, room for name, pitch."""
    y, room, pitch = measures
    lines = _lines(strip.name, room)
    for number, line in enumerate(lines):
        _name(canvas, line, y + 2.8 + number * _SECOND, "ink2", room)
    more = (len(lines) - 1) * _SECOND
    for category, x in found:
        _draw_category(canvas, strip, category, (x, y + 1.9 + more / 2), pitch)
    return y + _ROW + more


def _draw_category(
    canvas: Canvas, strip: Strip, category: str | None, at: tuple[float, float], pitch: float
) -> None:
    """Draw on which side of its cut-point a marker was: a sign, or a bar where they are narrow."""
    x, middle = at
    above = category == strip.above
    if pitch >= SIGNS:
        sign = "?" if category is None else "+" if above else MINUS
        colour = "ink" if above else "ink2"
        canvas.text((x, middle + 0.9), sign, colour=colour, bold=above, anchor="middle")
    elif category is not None:
        half, tall = min(0.44 * pitch, 0.6), 1.1 if above else 0.15
        box = Box(x - half, middle - tall, x + half, middle + tall)
        canvas.rectangle(box, "ink" if above else "rule")


def _name(canvas: Canvas, name: str, base: float, colour: str, room: float) -> None:
    shown = shorten(name, TYPE.text, room, True)
    canvas.text((2.0, base), shown, colour=colour, bold=True)
