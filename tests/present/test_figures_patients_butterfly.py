"""The adverse-event butterfly: what its bars and numbers say."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from patient_cases import HOSTILE, check_layout, filled, plate, texts
from rows_report import ONE, TWO, protocol, results, row
from test_figures_geometry import SVG

from hepatica.errors import AnalysisError
from hepatica.present.figures.butterfly import ButterflySpec, figure_butterfly
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.study_figures import study_figures
from hepatica.present.theme import LIGHT
from hepatica.protocol.analyses import AdverseEventsAnalysis
from hepatica.results import Results


def rows(
    events: dict[str, tuple[int, int, int, int]], names: tuple[str, str] = (ONE, TWO)
) -> Results:
    """Return rows of events: any grade in both groups of 20 and 25, then severe ones."""
    sizes = (20, 25)
    found = []
    for level, n in zip(names, sizes, strict=True):
        found.append(row("ae", "n", n, level=level, format="integer"))
    for event, counts in events.items():
        for place, count in enumerate(counts):
            common = {
                "level": names[place % 2],
                "variable": "any" if place < 2 else "severe",
                "variable_level": event,
                "denominator": sizes[place % 2],
            }
            share = 100 * count / sizes[place % 2]
            found.append(row("ae", "n", count, format="integer", **common))
            found.append(row("ae", "percent", share, format="percent", unit="%", **common))
    return Results(found)


def spec(events: tuple[str, ...], names: tuple[str, str] = (ONE, TWO)) -> ButterflySpec:
    groups = (CurveGroup(names[0], 1), CurveGroup(names[1], 2))
    return ButterflySpec(
        plate=plate("ae"), analysis="ae", groups=groups, events=events, severe="Grade 3 or higher"
    )


def test_bars_are_as_long_as_their_shares_and_severe_ones_lie_at_the_inner_end() -> None:
    drawing = figure_butterfly(rows({"Fatigue": (10, 20, 5, 0)}), spec(("Fatigue",)))
    left, right = filled(drawing, LIGHT["arm-1-tint"])[0], filled(drawing, LIGHT["arm-2-tint"])[0]
    severe = filled(drawing, LIGHT["arm-1"])[0]
    assert right.width / left.width == pytest.approx(80 / 50, rel=1e-3)
    assert severe.width / left.width == pytest.approx(25 / 50, rel=1e-3)
    assert severe.x1 == left.x1 < 90 < right.x0
    assert len(filled(drawing, LIGHT["arm-2"])) == 1  # the key alone
    assert {"50", "80"} <= set(texts(drawing))


def test_a_share_that_is_not_zero_is_not_shown_as_zero() -> None:
    found = rows({"Fatigue": (1, 0, 0, 0)})
    small = [replace(one, value=0.3) if one.value == 5.0 else one for one in found]
    assert "<1" in texts(figure_butterfly(Results(small), spec(("Fatigue",))))


def test_every_number_names_its_row() -> None:
    found = rows({"Fatigue": (10, 20, 5, 0), "Nausea": (2, 0, 0, 0)})
    drawing = figure_butterfly(found, spec(("Fatigue", "Nausea")))
    root = ElementTree.fromstring(drawing.svg)
    named = [one.get("data-row", "") for one in root.iter(f"{SVG}text") if one.get("data-row")]
    assert len(named) == 2 + 4
    assert set(named) <= set(drawing.row_ids) <= {one.id for one in found}


LONG = "Gastrointestinal disorders with a description that goes on for several lines of text"
CASES: dict[str, dict[str, tuple[int, int, int, int]]] = {
    "one": {"Fatigue": (1, 0, 0, 0)},
    "all": {"Fatigue": (20, 25, 20, 25), "Nausea": (0, 0, 0, 0)},
    "none": {"Fatigue": (0, 0, 0, 0)},
    "many": {f"Event number {n}": (n % 20, (3 * n) % 25, n % 4, 0) for n in range(60)},
    "long": {f"{LONG} {n}": (20 - n, 25 - n, n % 4, 0) for n in range(12)},
    "hostile": {
        HOSTILE: (5, 5, 1, 1),
        "Pneumonoultramicroscopicsilicovolcanoconiosis": (2, 1, 0, 0),
    },
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("width", [180, 85])
def test_nothing_overlaps(name: str, width: int) -> None:
    for names in ((ONE, TWO), (f"{HOSTILE} {LONG}", "B" * 40)):
        events = CASES[name]
        drawing = figure_butterfly(
            rows(events, names),
            spec(tuple(events), names),
            width_mm=width,  # type: ignore[arg-type]
        )
        check_layout(drawing)
        assert "<script" not in drawing.svg + drawing.page_svg


def test_at_most_25_events_are_drawn_and_the_others_are_counted() -> None:
    events = CASES["many"]
    drawing = figure_butterfly(rows(events), spec(tuple(events)))
    shown = texts(drawing)
    assert sum(text.startswith("Event number") for text in shown) == 25
    assert "The 25 most frequent events of 60 that the table lists." in " ".join(shown)


def test_alternative_text_has_kind_numbers_and_status() -> None:
    drawing = figure_butterfly(rows({"Fatigue": (10, 20, 5, 0)}), spec(("Fatigue",)))
    assert drawing.alt == (
        "Back-to-back bars of adverse events in percent of 20 patients in Cohort 1 and 25 patients "
        "in Cohort 2. Most frequent: Fatigue 50% in Cohort 1 (grade 3 or higher 25%) and 80% in "
        "Cohort 2 (grade 3 or higher 0%). Constructed patients."
    )


def test_same_rows_give_the_same_bytes() -> None:
    made = [
        figure_butterfly(rows({"Fatigue": (10, 20, 5, 0)}), spec(("Fatigue",))) for _ in range(2)
    ]
    assert made[0] == made[1]


def test_without_events_there_is_no_figure() -> None:
    with pytest.raises(AnalysisError, match="no events"):
        figure_butterfly(rows({}), spec(()))


def test_the_study_draws_the_events_of_its_table_for_two_arms_only() -> None:
    plan = protocol()
    figures = study_figures(results(), plan, digest="", version="")
    assert "Hypertension" in texts(figures["adverse-events"].wide)
    assert figures["adverse-events"].narrow is not None
    only = tuple(one for one in plan.analyses if isinstance(one, AdverseEventsAnalysis))
    for arms in (plan.arms[:1], (*plan.arms, plan.arms[0].model_copy(update={"label": "C"}))):
        changed = plan.model_copy(update={"arms": arms, "analyses": only})
        assert study_figures(results(), changed, digest="", version="") == {}
