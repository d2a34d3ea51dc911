"""Printed cells such as ``5.9 (4.8, 6.9)`` in pieces, each with its text and decimals."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Words that stand where a number could.
WORDS = ("NE", "NR")

_DASHES = "\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}-"
_PIECE = re.compile(
    rf"(?:([<>])\s*)?(?:([{_DASHES}])\s*)?(\d[\d,]*(?:\.\d+)?|\.\d+|NE|NR)(?:\s*(%))?"
)
_AFTER_NUMBER = re.compile(r"(?:[\d%]|NE|NR)\s*$")
_BETWEEN = re.compile(rf"^(?:[\s()\[\],;=:{_DASHES}]|to\b|vs\.?|n\b|p\b)*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """One number of a cell: its text, value (``None`` for a word), decimals and sign."""

    text: str
    value: float | None
    decimals: int
    sign: str = ""


class UnreadableCellError(ValueError):
    """A cell holds something that is neither a number nor what stands between numbers."""


def is_dash(text: str) -> bool:
    """Tell whether a cell is a dash alone."""
    return len(text.strip()) == 1 and text.strip() in _DASHES


def pieces(text: str) -> tuple[Piece, ...]:
    """Return the numbers of a cell in the order of the text.

    Parameters
    ----------
    text : str
        As printed. A dash after a number or a per cent sign separates; elsewhere it is a minus.
        Commas between three digits group thousands when no space follows.

    Raises
    ------
    UnreadableCellError
        If anything else stands between the numbers.

    Examples
    --------
    >>> [(one.text, one.value, one.decimals) for one in pieces("189.0 (1.8–441,231)")]
    [('189.0', 189.0, 1), ('1.8', 1.8, 1), ('441,231', 441231.0, 0)]
    >>> [one.value for one in pieces("− 16.6 (− 23.1, − 6.9)")]
    [-16.6, -23.1, -6.9]
    >>> [(one.text, one.value) for one in pieces("12.8–NE")]
    [('12.8', 12.8), ('NE', None)]
    """
    found: list[Piece] = []
    end = 0
    for match in _PIECE.finditer(text):
        separates = _separates(text, match)
        _refuse(text, text[end : match.start(3) if separates else match.start()])
        found.append(_piece(text, match, negative=bool(match[2]) and not separates))
        end = match.end()
    _refuse(text, text[end:])
    return tuple(found)


def _piece(text: str, match: re.Match[str], *, negative: bool) -> Piece:
    digits, sign = match[3], match[1] or ""
    shown = ("\N{MINUS SIGN}" if negative else "") + digits + (match[4] or "")
    if digits in WORDS:
        return Piece(digits, None, 0, sign)
    groups = digits.split(".")[0].split(",")
    if any(len(group) != 3 for group in groups[1:]):
        raise UnreadableCellError(
            f"'{digits}' in '{text}' is no number; write a space after a comma that separates."
        )
    plain = digits.replace(",", "")
    decimals = len(plain.partition(".")[2])
    return Piece(sign + shown, float(plain) * (-1 if negative else 1), decimals, sign)


def _refuse(text: str, between: str) -> None:
    if not _BETWEEN.match(between):
        raise UnreadableCellError(f"'{between.strip()}' in '{text}' is neither a number nor NE.")


def between(text: str) -> tuple[str, ...]:
    """Return what stands before, between and after the numbers of a cell.

    Examples
    --------
    >>> between("80.8% (59.8%, 91.5%)"), between("12.8–NE")
    (('', ' (', ', ', ')'), ('', '–', ''))
    """
    found: list[str] = []
    end = 0
    for match in _PIECE.finditer(text):
        start = match.start(3) if _separates(text, match) else match.start()
        found.append(text[end:start])
        end = match.end()
    return (*found, text[end:])


def _separates(text: str, match: re.Match[str]) -> bool:
    """Tell whether the dash before a number follows another number."""
    return bool(match[2]) and bool(_AFTER_NUMBER.search(text[: match.start(2)]))
