"""The key of responses with their counts, and bars filled by response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Point
from hepatica.present.figures.furniture import outline
from hepatica.present.figures.text import text_width
from hepatica.present.format import format_count_percent
from hepatica.present.theme import LINE, TYPE
from hepatica.results import ResultRow

PITCH = 4.4
_HEAD = 4.9
_SWATCH = 3.3
_CODE = _SWATCH + 1.7
_GAP = 6.0

_WORDS = {
    "CR": "Complete response",
    "PR": "Partial response",
    "SD": "Stable disease",
    "NON-CR/NON-PD": "Neither CR nor PD",
    "PD": "Progressive disease",
    "iCR": "Complete response",
    "iPR": "Partial response",
    "iSD": "Stable disease",
    "NON-iCR/NON-iUPD": "Neither iCR nor iUPD",
    "iCPD": "Confirmed progression",
    "iUPD": "Unconfirmed progression",
    "NE": "Not evaluable",
    "MISSING": "Missing",
}
_CODES = {"NON-CR/NON-PD": "NN", "NON-iCR/NON-iUPD": "iNN", "MISSING": "–"}
_COLOURS = {
    "CR": "response-cr",
    "PR": "response-pr",
    "SD": "response-sd",
    "NON-CR/NON-PD": "response-sd",
    "PD": "response-pd",
    "iCR": "response-cr",
    "iPR": "response-pr",
    "iSD": "response-sd",
    "NON-iCR/NON-iUPD": "response-sd",
    "iCPD": "response-pd",
    "iUPD": "response-pd",
}


@dataclass(frozen=True, slots=True)
class ResponseCount:
    """Patients with a best overall response, among all."""

    response: str
    n: ResultRow
    percent: ResultRow


def response_colour(response: str) -> str:
    """Return the colour of a line for a response; one that cannot be seen is drawn in grey.

    Examples
    --------
    >>> response_colour("PR"), response_colour("MISSING")
    ('response-pr', 'rule')
    """
    return _COLOURS.get(response, "rule")


def response_code(response: str) -> str:
    """Return the short name of a response.

    Examples
    --------
    >>> response_code("PD"), response_code("MISSING")
    ('PD', 'Missing')
    """
    return "Missing" if response == "MISSING" else _CODES.get(response, response)


def code_words(counts: Sequence[ResponseCount]) -> str:
    """Return what the short names stand for, as a list."""
    return "; ".join(
        f"{response_code(one.response)}: {_WORDS.get(one.response, one.response).lower()}".replace(
            " cr nor pd", " CR nor PD"
        )
        for one in counts
        if one.response != "MISSING"
    )


def response_words(counts: Sequence[ResponseCount]) -> str:
    """Return the counts as a list in a sentence."""
    return ", ".join(
        f"{_WORDS.get(one.response, one.response).lower().replace(' cr ', ' CR ')} "
        f"{' '.join(format_count_percent(one.n, one.percent))[:-1]}%)"
        for one in counts
        if one.n.value
    )


def fill_response(canvas: Canvas, box: Box, response: str) -> None:
    """Fill a bar by response: outlined when pale, hatched when it cannot be evaluated."""
    colour = _COLOURS.get(response)
    if colour is not None:
        canvas.rectangle(box, colour)
    outlined = colour in {None, "response-sd"}
    # Outlines would run together on very thin bars.
    if outlined and box.width > 0.9:
        inset = 0.07
        inner = Box(box.x0 + inset, box.y0 + inset, box.x1 - inset, box.y1 - inset)
        if colour is None:
            hatch(canvas, box)
        if inner.height > 0:
            outline(canvas, inner, "rule", LINE.hair)
    elif colour is None:
        canvas.rectangle(box, "rule")


def hatch(canvas: Canvas, box: Box, apart: float = 0.9) -> None:
    """Draw diagonal lines across a rectangle, rising to the right."""
    strokes: list[tuple[Point, Point]] = []
    offset = apart
    while offset < box.width + box.height:
        # The line runs from the left or lower edge to the top or right edge.
        start = (
            (box.x0, box.y0 + offset)
            if offset <= box.height
            else (box.x0 + offset - box.height, box.y1)
        )
        end = (
            (box.x0 + offset, box.y0)
            if offset <= box.width
            else (box.x1, box.y0 + offset - box.width)
        )
        strokes.append((start, end))
        offset += apart
    canvas.line(strokes, "rule", 0.5)


def _shown(one: ResponseCount) -> tuple[str, str, str]:
    return (
        _CODES.get(one.response, one.response),
        _WORDS.get(one.response, one.response),
        " ".join(format_count_percent(one.n, one.percent)),
    )


def _columns(counts: Sequence[ResponseCount]) -> tuple[float, float, float]:
    """Return the widths of codes, words and counts in mm."""
    shown = [_shown(one) for one in counts]
    codes = max(text_width(code, TYPE.text, True) for code, _, _ in shown)
    words = max(text_width(word, TYPE.text) for _, word, _ in shown)
    numbers = max(text_width(number, TYPE.text) for _, _, number in shown)
    return codes + 2.4, words, max(numbers, text_width("n (%)", TYPE.minor))


def table_size(counts: Sequence[ResponseCount], title: str) -> tuple[float, float]:
    """Return width and height of the table in mm."""
    codes, words, numbers = _columns(counts)
    head = text_width(title, TYPE.minor) + _GAP + numbers
    width = max(_CODE + codes + words + _GAP + numbers, head)
    return width, _HEAD + PITCH * len(counts)


def draw_response_table(
    canvas: Canvas, counts: Sequence[ResponseCount], corner: tuple[float, float], title: str
) -> None:
    """Draw the table with its upper right corner at a place in mm."""
    right, top = corner
    width, _ = table_size(counts, title)
    codes, _, _ = _columns(counts)
    left = right - width
    canvas.text((left, top + 2.3), title, size=TYPE.minor, colour="ink2")
    canvas.text((right, top + 2.3), "n (%)", size=TYPE.minor, colour="ink2", anchor="end")
    rule = top + 3.9
    canvas.line([((left, rule), (right, rule))], "rule", LINE.axis)
    middle = rule + 2.8
    for one in counts:
        code, word, number = _shown(one)
        swatch = Box(left, middle - 1.15, left + _SWATCH, middle + 1.15)
        if one.response != "MISSING":
            fill_response(canvas, swatch, one.response)
        canvas.text((left + _CODE, middle + 0.9), code, bold=True)
        canvas.text((left + _CODE + codes, middle + 0.9), word)
        canvas.text((right, middle + 0.9), number, anchor="end", row=one.n.id)
        middle += PITCH
