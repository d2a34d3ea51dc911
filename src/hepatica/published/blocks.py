"""Blocks of ``published.yaml``: settings shared by rows, rows of cells, cells of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from hepatica.protocol.faults import found, guess
from hepatica.protocol.nodes import ListNode, MappingNode, Node, Path, ScalarNode
from hepatica.published.cells import Piece, UnreadableCellError, is_dash, pieces
from hepatica.published.model import Made, PrintedNumber, Scale
from hepatica.published.settings import (
    CONTENT,
    Faults,
    Settings,
    made_of,
    settings_of,
    text_of,
    texts_of,
    time_of,
)
from hepatica.published.vocabulary import COLUMNS, scale_of

#: What may be said of one number.
_REMARK = ("misprint", "possible", "note", "made")
_CELL = ("printed", "also", *_REMARK)


def numbers_of(node: Node, path: Path, faults: Faults) -> Iterator[PrintedNumber]:
    """Yield the numbers of a list of blocks, in order."""
    yield from _blocks(node, Settings(), path, faults)


def _blocks(node: Node, outer: Settings, path: Path, faults: Faults) -> Iterator[PrintedNumber]:
    if not isinstance(node, ListNode):
        faults.add(path, node.line, f"Expected a list of blocks, found {found(node)}.")
        return
    for position, one in enumerate(node.items):
        yield from _block(one, outer, (*path, position), faults)


def _block(node: Node, outer: Settings, path: Path, faults: Faults) -> Iterator[PrintedNumber]:
    if not isinstance(node, MappingNode):
        faults.add(path, node.line, f"Expected a mapping of keys to values, found {found(node)}.")
        return
    settings = settings_of(outer, node, path, faults)
    held = [name for name in CONTENT if name in node.entries]
    if len(held) != 1:
        faults.add(path, node.line, f"A block holds one of {', '.join(CONTENT)}.")
        return
    content, at = node.entries[held[0]], (*path, held[0])
    match held[0]:
        case "blocks":
            yield from _blocks(content, settings, at, faults)
        case "rows":
            yield from _rows(content, settings, at, faults)
        case _:
            yield from _cells(content, settings, at, faults)


def _rows(node: Node, settings: Settings, path: Path, faults: Faults) -> Iterator[PrintedNumber]:
    if not isinstance(node, MappingNode):
        faults.add(path, node.line, "Expected rows by name, such as Male: ['47 (94.0%)'].")
        return
    for name, row in node.entries.items():
        at, line = (*path, name), node.key_lines[name]
        value = time_of(name, at, line, faults) if settings.each == "time" else name
        if value is None:
            continue
        own = replace(settings.with_column(settings.each, value), head=settings.label, label="")
        if isinstance(row, MappingNode):
            yield from _block(row, own, at, faults)
        else:
            yield from _cells(row, own, at, faults)


def _cells(node: Node, settings: Settings, path: Path, faults: Faults) -> Iterator[PrintedNumber]:
    cells = node.items if isinstance(node, ListNode) else (node,)
    if not _complete(settings, path, node.line, faults):
        return
    levels = settings.levels or (None,)
    if len(cells) != len(levels):
        faults.add(
            path,
            node.line,
            f"The row has {len(cells)} cells for {len(levels)} levels. Write one for each, "
            "an empty text where nothing is printed.",
        )
        return
    for position, (cell, level) in enumerate(zip(cells, levels, strict=True)):
        own = settings if level is None else settings.with_column("level", level)
        if settings.made_levels:
            own = replace(
                own, made=tuple(_weaker(m, settings.made_levels[position]) for m in own.made)
            )
        yield from _cell(cell, own, (*path, position), faults)


def _weaker(made: str, of_level: str) -> str:
    """Return how a number was made that its statistic and its level tell: fitted needs both."""
    return of_level if made == "fitted" else made


def _complete(settings: Settings, path: Path, line: int, faults: Faults) -> bool:
    missing = [name for name in ("place", "statistics") if not getattr(settings, name)]
    if not dict(settings.key).get("analysis"):
        missing.append("analysis")
    for name in missing:
        faults.add(path, line, f"Nothing says the {name} of this row. Add '{name}' to its block.")
    wrong = len(settings.made) not in (1, len(settings.statistics))
    if wrong and settings.statistics:
        faults.add(path, line, "'made' is one word for all statistics, or one for each.")
    short = len(settings.made_levels) not in (0, len(settings.levels))
    if short:
        faults.add(path, line, "'made_levels' holds one word for each of 'levels'.")
    return not (missing or wrong or short)


def _cell(node: Node, settings: Settings, path: Path, faults: Faults) -> Iterator[PrintedNumber]:
    printed: Node | None = node
    remarks: MappingNode | None = None
    if isinstance(node, MappingNode):
        remarks, printed = node, node.entries.get("printed")
        settings = _of_cell(settings, node, path, faults)
        if printed is None:
            faults.add(path, node.line, "Missing: 'printed', the text as printed.")
            return
    text = text_of(printed, path, faults) if printed is not None else None
    if not text:
        return
    try:
        parts = _parts(text, settings)
    except UnreadableCellError as error:
        faults.add(path, node.line, str(error))
        return
    for position, part in enumerate(parts):
        number = _number(part, position, text, settings, node.line)
        yield _remarked(number, remarks, position, path, faults)


def _of_cell(settings: Settings, node: MappingNode, path: Path, faults: Faults) -> Settings:
    for name in node.entries:
        known = (*_CELL, *settings.statistics)
        if name not in known:
            hint = guess(name, known)
            message = f"Unknown key. {hint}The keys of this cell are: {', '.join(known)}."
            faults.add((*path, name), node.key_lines[name], message)
    if "also" in node.entries:
        also = texts_of(node.entries["also"], (*path, "also"), faults)
        return replace(settings, also=also)
    return settings


def _parts(text: str, settings: Settings) -> tuple[Piece, ...]:
    """Return the pieces of a cell, one for each statistic; a bare zero stands for the first."""
    if is_dash(text):
        return (Piece(text.strip(), 0.0, 0),) if settings.dash == "zero" else ()
    parts = pieces(text)
    bare_zero = len(parts) == 1 and parts[0].value == 0
    if len(parts) != len(settings.statistics) and not bare_zero:
        raise UnreadableCellError(
            f"'{text}' holds {len(parts)} numbers for the {len(settings.statistics)} statistics "
            f"{', '.join(settings.statistics)}."
        )
    return parts


def _number(part: Piece, position: int, text: str, settings: Settings, line: int) -> PrintedNumber:
    statistic = settings.statistics[position]
    key = dict(settings.with_column("statistic", statistic).key)
    made = settings.made[position if len(settings.made) > 1 else 0]
    # A scale is that of times; a P value or a count beside them keeps its own.
    own = scale_of(statistic)
    return PrintedNumber(
        place=settings.place,
        also=settings.also,
        head=settings.head,
        label=settings.label,
        key=tuple((name, key[name]) for name in COLUMNS if name in key),
        printed=part.text,
        cell=text,
        value=part.value,
        decimals=part.decimals,
        sign=part.sign,
        scale=cast("Scale", settings.scale or own),
        made=cast("Made", made),
        note=settings.note,
        line=line,
    )


def _remarked(
    number: PrintedNumber, node: MappingNode | None, position: int, path: Path, faults: Faults
) -> PrintedNumber:
    """Return the number with what its cell says of it, by its statistic or of the first."""
    if node is None:
        return number
    own = node.entries.get(number.statistic)
    if isinstance(own, MappingNode):
        return _with(number, own, (*path, number.statistic), faults, strict=True)
    if own is not None:
        message = f"Expected a mapping with {', '.join(_REMARK)}; found {found(own)}."
        faults.add((*path, number.statistic), own.line, message)
    return _with(number, node, path, faults, strict=False) if position == 0 else number


def _with(
    number: PrintedNumber, node: MappingNode, path: Path, faults: Faults, *, strict: bool
) -> PrintedNumber:
    told: dict[str, str] = {}
    for name, value in node.entries.items():
        if name == "made":
            words = made_of(value, (*path, name), faults)
            number = replace(number, made=cast("Made", words[0])) if words else number
        elif name in _REMARK and isinstance(value, ScalarNode):
            told[name] = text_of(value, (*path, name), faults) or ""
        elif strict:
            message = f"The keys here are: {', '.join(_REMARK)}."
            faults.add((*path, name), node.key_lines[name], f"Unknown key. {message}")
    misprint = bool(told.get("misprint"))
    return replace(
        number,
        misprint=misprint or number.misprint,
        possible=told.get("possible", number.possible),
        note=" ".join(filter(None, (told.get("misprint"), told.get("note")))) or number.note,
    )
