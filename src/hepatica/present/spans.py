"""Text in pieces: each number in a sentence or a cell keeps the id of the row it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from hepatica.present.format import (
    NOT_ESTIMABLE,
    any_negative,
    format_interval,
    format_limits,
    format_row,
)
from hepatica.results import ResultRow


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text.

    Attributes
    ----------
    text : str
        What is printed.
    row_id : str
        Id of the result row behind it; empty for words.
    strong : bool
        Whether it is set in bold.
    quoted : bool
        Whether it quotes a publication or a name of the protocol: no row of this study is behind
        it, even where it holds a digit.
    """

    text: str
    row_id: str = ""
    strong: bool = False
    quoted: bool = field(default=False, repr=False)


Spans = tuple[Span, ...]


def number(row: ResultRow, text: str | None = None) -> Span:
    """Return the value of a row as a span, formatted unless ``text`` gives it.

    Examples
    --------
    >>> number(ResultRow(study="S", analysis="a", statistic="n", value=26.0, format="integer"))
    Span(text='26', row_id='S/collected/a/n', strong=False)
    """
    return Span(format_row(row) if text is None else text, row.id)


def join(*parts: str | Span | ResultRow | Iterable[Span]) -> Spans:
    """Return parts as one tuple of spans; words stay words, rows become numbers.

    Examples
    --------
    >>> [span.text for span in join("n = ", Span("26", "S/n"), ".")]
    ['n = ', '26', '.']
    """
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(part))
        elif isinstance(part, Span):
            spans.append(part)
        elif isinstance(part, ResultRow):
            spans.append(number(part))
        else:
            spans.extend(part)
    return tuple(span for span in spans if span.text)


def plain_text(spans: Iterable[Span]) -> str:
    """Return the text alone.

    Examples
    --------
    >>> plain_text((Span("n = "), Span("26", "S/n")))
    'n = 26'
    """
    return "".join(span.text for span in spans)


def row_ids(spans: Iterable[Span]) -> tuple[str, ...]:
    """Return the ids of the rows behind spans, in order, each once."""
    return tuple(dict.fromkeys(span.row_id for span in spans if span.row_id))


def interval(lower: ResultRow, upper: ResultRow, *, negative: bool = False) -> Spans:
    """Return both limits with the dash, or the word "to", between them; ``NE`` if neither is known.

    Examples
    --------
    >>> def limit(name: str, value: float) -> ResultRow:
    ...     return ResultRow(study="S", analysis="a", statistic=name, value=value, format="percent")
    >>> plain_text(interval(limit("percent_lower", 0.1), limit("percent_upper", 19.6)))
    '0.1–19.6'
    """
    low, high = format_limits(lower, upper)
    if low == high == NOT_ESTIMABLE:
        return (Span(low, lower.id),)
    whole = format_interval(low, high, negative or any_negative((low, high)))
    between = whole[len(low) : len(whole) - len(high)]
    return (Span(low, lower.id), Span(between), Span(high, upper.id))


def spans_html(spans: Iterable[Span]) -> Markup:
    """Return spans as HTML; a number is a ``span`` whose ``data-row`` names its row.

    Examples
    --------
    >>> spans_html((Span("<b>"), Span("26", "S/n")))
    Markup('&lt;b&gt;<span data-row="S/n" tabindex="-1">26</span>')
    """
    parts: list[Markup] = []
    for span in spans:
        text = Markup("<b>{}</b>").format(span.text) if span.strong else escape(span.text)
        if span.row_id:
            text = Markup('<span data-row="{}" tabindex="-1">{}</span>').format(span.row_id, text)
        parts.append(text)
    return Markup("").join(parts)
