"""The columns of a forest plot: what each holds, how wide it is, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.figures.forest_signs import DIAMETER, Appraised, appraised
from hepatica.present.figures.forest_spec import LOOKS, ForestSpec, Look
from hepatica.present.figures.furniture import MARGIN
from hepatica.present.figures.text import shorten, text_width
from hepatica.present.format import format_value
from hepatica.present.theme import TYPE

#: Width of a forest plot, and of its plot where there is room, and where there is little, in mm.
WIDTH = 180.0
_PLOT = 56.0
_NARROW = 44.0
_LEAST = 26.0
#: What the first column needs at least before the plot becomes narrower.
_LABEL = 40.0
INDENT = 3.0
#: Most width of the name of an arm over its counts.
_ARM = 20.0
_SIGN_GAP = 0.9
_WORD_GAP = 2.5


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """A column of a forest plot; its numbers end at ``right``.

    Attributes
    ----------
    kind : str
        ``label``, ``counts``, ``estimate``, ``weight``, ``signs`` or ``plot``.
    at : int
        Which of several columns of a kind.
    head, unit : str
        First and second line above it.
    left, right : float
        Where it stands, in mm.
    colour : str
        Colour of its head.
    part : str
        ``events`` or ``total`` where counts have columns of their own.
    """

    kind: str
    at: int
    head: str
    unit: str
    left: float
    right: float
    colour: str = "ink"
    part: str = ""

    @property
    def middle(self) -> float:
        """Middle in mm."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns from the left.

    Attributes
    ----------
    places : tuple of ColumnPlace
        The columns.
    judged : tuple of Appraised
        How each column of judgements is shown.
    """

    places: tuple[ColumnPlace, ...]
    judged: tuple[Appraised, ...]

    def one(self, kind: str) -> ColumnPlace:
        """Return the only column of a kind."""
        return next(place for place in self.places if place.kind == kind)

    def all(self, kind: str) -> list[ColumnPlace]:
        """Return the columns of a kind from the left."""
        return [place for place in self.places if place.kind == kind]


@dataclass(frozen=True, slots=True)
class _Wish:
    kind: str
    at: int
    head: str
    unit: str
    width: float
    gap: float
    colour: str = "ink"
    part: str = ""


def columns_of(spec: ForestSpec, size: float) -> Columns:
    """Return where the columns of a forest plot stand.

    Parameters
    ----------
    spec : ForestSpec
        What it shows.
    size : float
        Size of its text in pt.
    """
    look = LOOKS[spec.layout]
    judged = tuple(appraised(spec.appraisal, (line.judgements for line in spec.lines)))
    wishes = [
        wish
        for kind in look.order
        if kind not in ("label", "plot")
        for wish in _wishes(spec, look, kind, judged, size)
    ]
    fixed = sum(wish.width + wish.gap for wish in wishes)
    # The name of the last tick reaches half of its width beyond the plot.
    free = 3.0 if _ends_with_plot(look, wishes) else 0.0
    label, plot = _shares(spec, WIDTH - 2 * MARGIN - fixed - look.gap - free, size)
    by_kind: dict[str, list[_Wish]] = {}
    for wish in wishes:
        by_kind.setdefault(wish.kind, []).append(wish)
    by_kind["label"] = [_Wish("label", 0, spec.stub, "", label, 0.0)]
    by_kind["plot"] = [_Wish("plot", 0, "", "", plot, look.gap)]
    places: list[ColumnPlace] = []
    x = MARGIN
    for kind in look.order:
        for wish in by_kind.get(kind, []):
            left = x + wish.gap
            x = left + wish.width
            places.append(
                ColumnPlace(kind, wish.at, wish.head, wish.unit, left, x, wish.colour, wish.part)
            )
    return Columns(tuple(places), judged)


def _ends_with_plot(look: Look, wishes: Sequence[_Wish]) -> bool:
    after = look.order[look.order.index("plot") + 1 :]
    return not any(wish.kind in after for wish in wishes)


def _shares(spec: ForestSpec, room: float, size: float) -> tuple[float, float]:
    """Return the widths of the first column and of the plot, which share what is left."""
    wanted = max(
        text_width(line.label, size, line.kind in ("subtotal", "total")) + indent_of(line)
        for line in spec.lines
        if line.kind not in ("head", "note")
    )
    least = _NARROW if room - _NARROW >= _LABEL else max(_LEAST, room - _LABEL)
    label = min(max(wanted, 16.0), room - least)
    plot = min(room - label, _PLOT)
    return room - plot, plot


def indent_of(line: ForestLine) -> float:
    """Return by how much a line is indented, in mm."""
    return INDENT if line.kind in ("study", "reference", "subtotal", "note") else 0.0


def _wishes(
    spec: ForestSpec, look: Look, kind: str, judged: Sequence[Appraised], size: float
) -> Iterator[_Wish]:
    if kind == "counts":
        yield from _counts(spec, look, size)
    elif kind == "estimate":
        level = format_value(100.0 * spec.conf_level, "decimal0")
        unit = f"({level}% CI)"
        texts = [
            text_width(line.shown, size, line.kind in ("subtotal", "total")) for line in spec.lines
        ]
        heads = [text_width(spec.measure, size, True), text_width(unit, size)]
        yield _Wish(kind, 0, spec.measure, unit, max(*texts, *heads), look.gap)
    elif kind == "weight" and any(line.weight is not None for line in spec.lines):
        yield _Wish(kind, 0, "Weight", "%", text_width("Weight", size, True), look.gap)
    elif kind == "signs":
        yield from _signs(spec, judged, size)


def _counts(spec: ForestSpec, look: Look, size: float) -> Iterator[_Wish]:
    many = len(spec.arms) > 1
    for at, arm in enumerate(spec.arms):
        colour = "arm-1-text" if many and not at and look.signs else "ink"
        texts = [line.counts[at] for line in spec.lines if len(line.counts) > at]
        parts = ("events", "total") if look.split_counts else ("",)
        for number, part in enumerate(parts):
            head, unit = (arm, "events/n") if not part else ("", part.capitalize())
            shown = [count_part(one, part) for one in texts]
            width = max(
                text_width(unit, size),
                text_width(shorten(head, size, _ARM, True), size, True),
                *(text_width(one, size, True) for one in shown),
            )
            gap = look.gap if not number else 2.2
            yield _Wish(
                "counts", at, shorten(head, size, _ARM, True), unit, width, gap, colour, part
            )


def count_part(count: str, part: str) -> str:
    """Return events, patients or both of ``events/n``.

    Examples
    --------
    >>> count_part("3/14", "events"), count_part("3/14", "total"), count_part("3/14", "")
    ('3', '14', '3/14')
    """
    events, _, total = count.partition("/")
    return {"events": events, "total": total}.get(part, count)


def _signs(spec: ForestSpec, judged: Sequence[Appraised], size: float) -> Iterator[_Wish]:
    for at, one in enumerate(judged):
        if one.signs:
            gap = _SIGN_GAP if at and judged[at - 1].signs else _WORD_GAP
            yield _Wish("signs", at, one.head, "", DIAMETER, gap)
            continue
        words = [line.judgements[at] for line in spec.lines if line.judgements]
        width = min(22.0, max((text_width(word, size) for word in (*words, one.label)), default=0))
        head = shorten(one.label, TYPE.minor, width, True)
        yield _Wish("signs", at, head, "", width, _WORD_GAP)
