"""Judgements on sources of bias as signs: a circle, a sign in it, and the word in the legend."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from hepatica.present.figures.canvas import Canvas, Point
from hepatica.present.format import MINUS, NOT_APPLICABLE
from hepatica.present.theme import LINE, MM_PER_PT

#: Diameter of a circle at the full pitch, in mm.
DIAMETER = 3.4
_CORNERS = 32
_SIZE = 7.0
_WORDS = {
    "+": ("low", "low risk", "low risk of bias", "yes", "+"),
    "?": ("some", "some concerns", "unclear", "unclear risk", "moderate", "moderate risk", "?"),
    MINUS: ("high", "high risk", "serious", "critical", "no", "-", MINUS),
}
_SIGN_OF = {word: sign for sign, words in _WORDS.items() for word in words}
#: What each sign means, in the order of legends.
MEANINGS = {"+": "low risk of bias", "?": "some concerns or unclear", MINUS: "high risk of bias"}
_FILLS = {
    "+": ("response-pr", "bg"),
    "?": ("grade-2", "ink"),
    MINUS: ("response-pd", "bg"),
}


@dataclass(frozen=True, slots=True)
class Appraised:
    """A column of judgements.

    Attributes
    ----------
    label : str
        Its full name.
    head : str
        What stands above it: a letter, or the name where it holds words.
    signs : bool
        Whether its judgements are shown as signs.
    """

    label: str
    head: str
    signs: bool


def sign_of(word: str) -> str:
    """Return the sign of a judgement; empty for words that are no judgement of risk.

    Examples
    --------
    >>> sign_of("Some concerns"), sign_of("low"), sign_of("NOS 7")
    ('?', '+', '')
    """
    return _SIGN_OF.get(word.strip().casefold(), "")


def appraised(labels: Iterable[str], judgements: Iterable[tuple[str, ...]]) -> list[Appraised]:
    """Return the columns: those whose words are all judgements of risk become signs."""
    rows = [row for row in judgements if row]
    found: list[Appraised] = []
    letter = ord("A")
    for at, label in enumerate(labels):
        words = [row[at] for row in rows if row[at]]
        signs = bool(words) and all(sign_of(one) for one in words)
        found.append(Appraised(label, chr(letter) if signs else label, signs))
        letter += signs
    return found


def legend(columns: Iterable[Appraised], *, missing: bool) -> tuple[str, ...]:
    """Return the sentences that explain letters and signs; none where there are no signs."""
    named = [one for one in columns if one.signs]
    if not named:
        return ()
    letters = "; ".join(f"{one.head} {one.label}" for one in named)
    meanings = "; ".join(f"{sign} {word}" for sign, word in MEANINGS.items())
    lost = f"; {NOT_APPLICABLE} not judged" if missing else ""
    return (f"Sources of bias: {letters}.", f"Signs: {meanings}{lost}.")


def draw_sign(
    canvas: Canvas, word: str, at: Point, diameter: float = DIAMETER, *, coloured: bool = True
) -> None:
    """Draw a judgement with its centre at a place."""
    sign = sign_of(word)
    x, y = at
    size = _SIZE * min(1.0, diameter / DIAMETER)
    base = y + 0.34 * size * MM_PER_PT
    if not sign:
        canvas.text((x, base), NOT_APPLICABLE, size=size, colour="ink2", anchor="middle")
        return
    fill, ink = _FILLS[sign] if coloured else ("bg", "ink")
    ring = _circle(at, diameter / 2)
    canvas.area(ring, fill)
    if not coloured:
        canvas.line([(*ring, *ring[:2])], "ink", LINE.axis)
    canvas.text((x, base), sign, size=size, bold=True, colour=ink, anchor="middle")


def _circle(at: Point, radius: float) -> tuple[Point, ...]:
    x, y = at
    return tuple(
        (
            x + radius * math.cos(2 * math.pi * n / _CORNERS),
            y + radius * math.sin(2 * math.pi * n / _CORNERS),
        )
        for n in range(_CORNERS)
    )
