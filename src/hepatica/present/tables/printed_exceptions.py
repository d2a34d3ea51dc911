"""The printed numbers that are not equal to the computed ones, each with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from hepatica.errors import counted
from hepatica.present.format import NOT_APPLICABLE
from hepatica.present.spans import Span
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.printed_cells import VERDICTS, computed_span, group_word, prose, word
from hepatica.present.tables.printed_words import row_words
from hepatica.protocol.model import Protocol
from hepatica.published.compare import Compared, Verdict


def table_exceptions(unequal: Sequence[Compared], protocol: Protocol) -> Table:
    """Return the numbers that are not equal, each with the reason; those without a row counted."""
    shown = [one for one in unequal if one.verdict != "no_row"]
    missing = [one for one in unequal if one.verdict == "no_row"]
    rows: list[Row] = []
    for verdict, found in groupby(sorted(shown, key=_gravity), lambda one: one.verdict):
        rows.append(Row("head", _HEADS[verdict]))
        rows += [_exception(one, protocol) for one in found]
    if missing:
        rows.append(Row("head", _HEADS["no_row"]))
        rows += _missing(missing)
    return Table(
        "printed-exceptions",
        "Printed numbers that are not equal to the computed ones",
        "Not equal",
        columns=(
            *(Column("printed", "Printed"), Column("computed", "Computed")),
            *(Column("group", "Group", words=True), Column("place", "Place", words=True)),
            Column("why", "Why", words=True),
        ),
        rows=tuple(rows),
    )


def _missing(missing: Sequence[Compared]) -> Iterator[Row]:
    """Yield a row for each place and analysis that lacks rows, with how many numbers it prints."""
    places = Counter((one.number.place, one.number.analysis) for one in missing)
    for (place, analysis), n in places.items():
        cells = {
            "place": word(place),
            "group": word(NOT_APPLICABLE),
            "printed": Cell((Span(counted(n, "number"), quoted=True),), format="number"),
            "computed": Cell((Span(NOT_APPLICABLE),), format="number"),
            "why": prose("No row of this analysis has these columns."),
        }
        yield Row("level", analysis, cells, indent=1)


def _gravity(one: Compared) -> int:
    return list(VERDICTS).index(one.verdict)


_HEADS: dict[Verdict, str] = {
    "different": "Different",
    "no_row": "A row is missing",
    "misprint": "Misprints: the computed number is the one that can be, or that stands elsewhere",
    "not_in_data": "No row of the plan gives it",
    "equal": "",
}

_LIMITS = {"_lower": "lower limit", "_upper": "upper limit", "q1": "quartile 1", "q3": "quartile 3"}

#: Why a number differs where nothing is known of a misprint.
_UNEXPLAINED = {
    "fitted": "The construction aimed at it and did not reach it.",
    "follows": "It follows from fitted numbers that differ.",
    "emergent": "The data do not give it.",
    "none": "The data do not give it.",
}


def _exception(one: Compared, protocol: Protocol) -> Row:
    number = one.number
    head, label = row_words(protocol, dict(number.key), number.head, number.label)
    why = number.note or (_UNEXPLAINED[number.made] if one.row is not None else "")
    if one.verdict != "misprint" and number.possible:
        why = f"{why} Possible: {number.possible}."
    cells = {
        "place": word(number.place),
        "group": group_word(number.level),
        "printed": Cell((Span(number.printed, quoted=True),), format="number"),
        "computed": Cell((computed_span(one),), format="number"),
        "why": prose(why or NOT_APPLICABLE),
    }
    name = f"{head}: {label}" if head else label
    limit = next((w for end, w in _LIMITS.items() if number.statistic.endswith(end)), "")
    return Row("level", f"{name}, {limit}" if limit else name, cells, indent=1)
