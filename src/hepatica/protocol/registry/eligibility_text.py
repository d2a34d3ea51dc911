"""Eligibility text of a registry, split into criteria."""

from __future__ import annotations

import re
from typing import Literal

from hepatica.protocol.registry.record import Criterion

Kind = Literal["inclusion", "exclusion", ""]
_NAMES = r"(non[- ]?inclusion|inclusion|exclusion)"
_FIRST = r"(?:key|main|major|principal|general|additional|primary|other|specific)\s+"
#: "Inclusion criteria for part A:", "2. Exclusion", but no "Exclusion of other cancers".
_HEAD = re.compile(
    rf"^(?:[*#•\-]+\s*|\d{{1,2}}[.)]\s*)?(?:{_FIRST})?{_NAMES}"
    r"(?:\s+criteri\w*[^:.\n]{0,80}|\s*)[:*]*$"
    r"|^(?:[*#•\-]+\s*)?criteria for (inclusion|exclusion)\s*:?$",
    re.IGNORECASE,
)
_INLINE_HEAD = re.compile(
    rf"(?:(?<=[.;)\n])|^)[ \t]*(?:{_FIRST})?{_NAMES}\s+criteri\w*[ \t]*:[ \t]*",
    re.IGNORECASE,
)
#: Heads in other words; they count only where none of the words above stands.
_WHO = (
    r"^(?:\W*(?:all|the)\s+)?(?:patients?|subjects?|participants?|individuals|those|candidates)\b"
)
_SENTENCE_HEADS: tuple[tuple[Literal["inclusion", "exclusion"], re.Pattern[str]], ...] = (
    ("exclusion", re.compile(
        r"^(?:ineligible|not eligible|non-eligible|reasons for exclusion|exclu)\b[^.\n]*:$"
        rf"|{_WHO}[^.\n]*\b(?:excluded|ineligible|not (?:be )?eligible|must not|may not|cannot)\b"
        r"[^.\n]*:$", re.IGNORECASE)),
    ("inclusion", re.compile(
        r"^(?:eligible|to be eligible|eligibility)\b[^.\n]*:$"
        rf"|{_WHO}[^.\n]*\b(?:must|eligible|have to|should|included|required)\b[^.\n]*:$",
        re.IGNORECASE)),
)  # fmt: skip
_BULLET = r"[*•‣◦·●○▪▫■□–\-\uf0b7\u2010-\u2015]"
_MARK = re.compile(
    rf"^(\s*)(?:{_BULLET}\s+|[•‣◦●○▪■\uf0b7]|o\s+|\(?\d{{1,2}}[.)]\s+|\d{{1,2}}(?:\.\d{{1,2}})+\.?\s+"
    r"|\(?[a-z][.)]\s+|\([ivx]+\)\s+|[ivx]{1,4}[.)]\s+|[\u2460-\u2473\u2160-\u217b][.、,]?\s*"
    r"|\d{1,2}[、．]\s*|（\d{1,2}）\s*)",
    re.IGNORECASE,
)
_INLINE_NUMBER = re.compile(r"(?<=[.;:)\s])\s*\(?(\d{1,2})[.)]\s+(?=[A-Z≥>])")
_MOST_WORDS_OF_A_HEAD = 8
_MOST_CHARACTERS_OF_A_HEAD = 200


def split_eligibility(text: str) -> tuple[Criterion, ...]:
    """Split the eligibility text of a registry into criteria.

    Parameters
    ----------
    text : str
        As registered: heads such as ``Inclusion Criteria:``, items with a star, dash or number.
        An indented item belongs to the one above it.

    Returns
    -------
    tuple of Criterion
        In order. Text before any head, or in a file without heads, has no kind.

    Examples
    --------
    >>> text = "Inclusion Criteria: Age 18. Exclusion Criteria: Pregnancy."
    >>> for one in split_eligibility(text):
    ...     print(one.kind, one.text)
    inclusion Age 18.
    exclusion Pregnancy.
    """
    lines = _INLINE_HEAD.sub(lambda head: f"\n{head[1]} criteria:\n", _unescaped(text)).split("\n")
    plain = any(_head(line) for line in lines)
    found: list[tuple[Kind, str]] = []
    kind: Kind = ""
    open_item = False
    margin: int | None = None
    for line in lines:
        head = _head(line) if plain else _sentence_head(line)
        if head:
            kind, open_item, margin = head, False, None
            continue
        if not line.strip():
            continue
        mark = _MARK.match(line)
        words = line[mark.end() :].strip() if mark else line.strip()
        if mark and margin is None:
            margin = len(mark[1])
        inner = mark is not None and margin is not None and len(mark[1]) > margin
        if open_item and (inner or (mark is None and line.startswith((" ", "\t")))):
            before = found.pop()
            found.append((before[0], f"{before[1]} {'– ' if inner else ''}{words}"))
        else:
            found += [(kind, one) for one in _numbered(words)]
            open_item = True
    return tuple(Criterion(kind=one, text=words) for one, words in found if words)


def _head(line: str) -> Kind:
    match = _HEAD.match(line.strip()) if len(line.split()) <= _MOST_WORDS_OF_A_HEAD else None
    if match is None:
        return ""
    return "inclusion" if (match[1] or match[2]).lower() == "inclusion" else "exclusion"


def _sentence_head(line: str) -> Kind:
    words = line.strip()
    if len(words) > _MOST_CHARACTERS_OF_A_HEAD:
        return ""
    return next((kind for kind, pattern in _SENTENCE_HEADS if pattern.match(words)), "")


def _numbered(words: str) -> list[str]:
    """Split ``1. First 2. Second`` within one line, when the numbers run from 1."""
    numbers = [int(one[1]) for one in _INLINE_NUMBER.finditer(f" {words}")]
    if len(numbers) < 2 or numbers[-2:] != [len(numbers) - 1, len(numbers)]:
        starts = [int(one) for one in re.findall(r"(?:^|\s)\(?(\d{1,2})[.)]\s", words)]
        if starts != list(range(2, len(starts) + 2)) or len(starts) < 1:
            return [words]
    return [part.strip() for part in re.split(r"(?:^|\s)\(?\d{1,2}[.)]\s+", words) if part.strip()]


def _unescaped(text: str) -> str:
    """Undo the signs with which the registry protects stars and comparison signs."""
    return re.sub(r"\\([<>*\[\]#_~+=()!.\-])", r"\1", text.replace("\r\n", "\n"))
