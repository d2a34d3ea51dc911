"""Patterns of missing values: what the marks say, and that nothing is in the way of anything."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from patient_cases import HOSTILE, check_layout, filled, plate, texts
from rows_report import row

from hepatica.errors import AnalysisError
from hepatica.present.figures.missing_patterns import (
    MOST_VARIABLES,
    MissingPattern,
    MissingPatternsSpec,
    MissingVariable,
    figure_missing_patterns,
)
from hepatica.present.theme import LIGHT

LONG = "Eastern Cooperative Oncology Group performance status at the first visit"


def pattern(missing: str, n: int, total: int) -> MissingPattern:
    where: dict[str, Any] = {"variable": "pattern" if missing else "complete"}
    where |= {"variable_level": missing, "denominator": total}
    return MissingPattern(
        frozenset(missing.split("+")) if missing else frozenset(),
        row("missing", "n", n, format="integer", **where),
        row("missing", "percent", 100 * n / total, format="percent", unit="%", **where),
    )


def spec(
    counts: dict[str, int], variables: dict[str, str] | None = None, total: int = 60
) -> MissingPatternsSpec:
    """Return a figure from the number of patients of each pattern."""
    names = sorted({name for one in counts for name in one.split("+") if name})
    labels = variables or {name: name.upper() for name in names}
    lacking = {
        name: sum(n for one, n in counts.items() if name in one.split("+")) for name in labels
    }
    return MissingPatternsSpec(
        plate=plate("missing"),
        total=row("missing", "n", total, format="integer"),
        variables=tuple(
            MissingVariable(
                name,
                label,
                row("missing", "missing", lacking[name], variable=name, format="integer"),
            )
            for name, label in labels.items()
        ),
        complete=pattern("", total - sum(counts.values()), total),
        patterns=tuple(pattern(one, n, total) for one, n in counts.items()),
    )


CASES: dict[str, MissingPatternsSpec] = {
    "one": spec({"a": 1}),
    "few": spec({"a+b": 9, "b": 4, "a+b+c": 2}),
    "nobody complete": spec({"a": 40, "b": 20}),
    "long names": spec({"a+b": 9, "c": 4}, {"a": LONG, "b": LONG, "c": LONG, "d": "Sex"}),
    "hostile": spec({"a": 9}, {"a": HOSTILE}),
    "large": spec({"a+b": 123456, "b": 40000}, total=500000),
    "many": spec({f"v{number:02}": 50 - number for number in range(45) if number < 24}, total=2000),
    "most": spec({f"v{number:02}": 50 for number in range(MOST_VARIABLES)}, total=5000),
}


@pytest.mark.parametrize("width", [180, 85])
@pytest.mark.parametrize("name", CASES)
def test_layout(name: str, width: Literal[85, 180]) -> None:
    drawing = figure_missing_patterns(CASES[name], width_mm=width)
    check_layout(drawing)


@pytest.mark.parametrize("width", [180, 85])
def test_a_mark_for_each_missing_value_and_a_bar_for_each_pattern(width: Literal[85, 180]) -> None:
    drawing = figure_missing_patterns(CASES["few"], width_mm=width)
    # a and b, b, and all three are missing; one more mark stands in the key.
    assert len(filled(drawing, LIGHT["ink2"])) == 2 + 1 + 3 + 1
    bars = [box.x1 - box.x0 for box in filled(drawing, LIGHT["rule"])]
    assert [round(bar / bars[0] * 45, 1) for bar in bars] == [45.0, 9.0, 4.0, 2.0]
    shown = texts(drawing)
    for text in ("A", "B", "C", "45 (75.0)", "9 (15.0)", "11", "15", "2"):
        assert text in shown


def test_numbers_stand_beside_the_names_where_columns_are_narrow() -> None:
    narrow = " ".join(texts(figure_missing_patterns(CASES["many"], width_mm=85)))
    wide = " ".join(texts(figure_missing_patterns(CASES["few"], width_mm=180)))
    assert "Beside each name" in narrow
    assert "Above each column" in wide


def test_what_is_not_drawn_is_said() -> None:
    words = " ".join(texts(figure_missing_patterns(CASES["many"])))
    assert "Not drawn: 5 rarer patterns, together 145 patients." in words
    words = " ".join(texts(figure_missing_patterns(CASES["long names"])))
    assert "Known in all patients: Sex." in words


def test_rows_and_words() -> None:
    drawing = figure_missing_patterns(CASES["few"])
    assert drawing == figure_missing_patterns(CASES["few"])
    assert "45 lack none. Most frequent: 9 lack A and B; 4 lack B; 2 lack A and B and C." in (
        drawing.alt
    )
    assert len(drawing.row_ids) == 1 + 3 + 4 * 2


def test_nothing_to_draw() -> None:
    with pytest.raises(AnalysisError, match="No value is missing"):
        figure_missing_patterns(spec({}, {"a": "A"}))
    many = spec({f"v{number:02}": 50 for number in range(MOST_VARIABLES + 1)}, total=5000)
    with pytest.raises(AnalysisError, match="More than 40"):
        figure_missing_patterns(many)
