"""Awkward survival figures that every test of layout goes through."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from rows import MONTH, Patients, drawn, patients, survival_rows

from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.kaplan_meier import KaplanMeierSpec
from hepatica.results import Results

Case = tuple[Results, KaplanMeierSpec]

_LOW = [
    *(0.6, 2.6, 3.7, 3.9, 5.6, 5.9, 8.6, 10.9, 19.6),
    *(2.8, 2.9, 4.1, 4.2, 5.3, 5.6, 6.9, 9.6, 9.6, 11.0, 15.1, 15.1, 16.4, 17.7, 23.2),
]
_HIGH = [
    *(1.3, 2.5, 11.3),
    *(1.3, 1.3, 1.5, 1.6, 2.6, 2.7, 3.9, 4.0, 4.0, 4.1, 4.3, 5.3, 5.4, 5.4, 5.5, 5.6),
    *(6.8, 6.9, 8.4, 12.2, 15.3, 18.1),
]


def spec(*groups: CurveGroup | str, **more: object) -> KaplanMeierSpec:
    listed = tuple(
        one if isinstance(one, CurveGroup) else CurveGroup(one, slot)
        for slot, one in enumerate(groups, start=1)
    )
    words: dict[str, object] = {
        "id": "figure-pfs",
        "analysis": "pfs",
        "title": "Time to progression",
        "y_title": "Patients without progression (%)",
        "x_title": "Months since first dose",
        "study": "S",
        "status": "Constructed patients",
        "groups": listed,
        "version": "0.1.0",
    }
    return KaplanMeierSpec(**(words | more))  # type: ignore[arg-type]


def reference() -> Case:
    low = patients("CXCL1 low", _LOW, [0] * 9 + [1] * 15)
    high = patients("CXCL1 high", _HIGH, [0] * 3 + [1] * 22)
    note = "Cut-point 7.6 ng/µL was chosen from these data: exploratory."
    rows = survival_rows([low, high], reference="CXCL1 high")
    return rows, spec("CXCL1 low", "CXCL1 high", footnotes=(note,))


def cohorts() -> Case:
    one = drawn("Cohort 1", 26, 5.9, 20, 3)
    two = drawn("Cohort 2", 24, 4.6, 20, 9)
    return survival_rows([one, two]), spec("Cohort 1", "Cohort 2")


def three() -> Case:
    groups = [drawn(f"BCLC {stage}", 60, m, 34, 5) for stage, m in (("A", 40), ("B", 18), ("C", 9))]
    rows = survival_rows(groups, reference="BCLC A")
    return rows, spec("BCLC A", "BCLC B", "BCLC C", y_title="Patients alive (%)")


def four() -> Case:
    names = ("Stage I", "Stage II", "Stage III", "Stage IV")
    medians = (80, 50, 22, 6)
    groups = [drawn(n, 90, m, 118, i) for i, (n, m) in enumerate(zip(names, medians, strict=True))]
    return survival_rows(groups, reference="Stage I"), spec(*names, y_title="Patients alive (%)")


def six() -> Case:
    names = [f"Dose level {n}" for n in range(1, 7)]
    groups = [drawn(name, 30, 3 + 4 * i, 30, i) for i, name in enumerate(names)]
    return survival_rows(groups), spec(*names)


def six_tangled() -> Case:
    names = [f"Site {letter}" for letter in "ABCDEF"]
    groups = [drawn(name, 25, 8, 24, 40 + i) for i, name in enumerate(names)]
    return survival_rows(groups, reference="Site A"), spec(*names)


def one_patient() -> Case:
    single = patients("Only arm", [4.2], [1])
    return survival_rows([single]), spec("Only arm")


def one_censored() -> Case:
    return survival_rows([patients("Only arm", [4.2], [0])]), spec("Only arm")


def no_events() -> Case:
    one = patients("Arm A", np.linspace(1, 22, 20), [0] * 20)
    two = patients("Arm B", np.linspace(2, 23, 20), [0] * 20)
    return survival_rows([one, two], reference="Arm B"), spec("Arm A", "Arm B")


def not_reached() -> Case:
    one = drawn("Anlotinib", 40, 90, 36, 1)
    two = drawn("Placebo", 40, 60, 36, 2)
    return survival_rows([one, two], reference="Placebo"), spec("Anlotinib", "Placebo")


def close_medians() -> Case:
    one = drawn("Arm A", 80, 9.0, 30, 7)
    return survival_rows(
        [
            one,
            Patients("Arm B", one.time + 6, one.event),
            Patients("Arm C", one.time + 12, one.event),
        ]
    ), spec("Arm A", "Arm B", "Arm C")


def same_curves() -> Case:
    one = drawn("Arm A", 40, 9.0, 30, 7)
    return survival_rows([one, Patients("Arm B", one.time, one.event)]), spec("Arm A", "Arm B")


def long_names() -> Case:
    first = (
        "Anlotinib 12 mg with toripalimab 240 mg every three weeks after sorafenib or lenvatinib"
    )
    second = "Best supportive care as chosen by the treating physician and Pneumonoultramicroscopic"
    one, two = drawn(first, 120, 16, 40, 11), drawn(second, 118, 9, 40, 12)
    return survival_rows([one, two], reference=second), spec(first, second)


def hostile() -> Case:
    first, second = "<script>alert(1)</script>", 'A & B "x" $\\alpha$\n\x00 中文'
    one, two = drawn(first, 30, 12, 30, 1), drawn(second, 30, 6, 30, 2)
    rows = survival_rows([one, two], reference=second)
    return rows, spec(first, second, status="<b>Draft</b>", footnotes=("]]> & <script>",))


def long_names_of_four() -> Case:
    names = [f"Group {letter} of patients with a very long description" for letter in "ABCD"]
    groups = [drawn(name, 40, 8 + 5 * i, 30, i) for i, name in enumerate(names)]
    return survival_rows(groups, reference=names[0]), spec(*names)


def single_patients() -> Case:
    names = [f"Patient {n}" for n in range(1, 7)]
    groups = [patients(name, [2.0 * n], [n % 2]) for n, name in enumerate(names, start=1)]
    return survival_rows(groups), spec(*names)


def empty_group() -> Case:
    one = drawn("Arm A", 30, 12, 30, 1)
    none = patients("Arm B", [], [])
    return survival_rows([one, none]), spec("Arm A", "Arm B")


def all_patients() -> Case:
    one = drawn("", 377, 40, 118, 1)
    group = CurveGroup("", 6, "All patients")
    return survival_rows([one]), spec(group, y_title="Patients alive (%)", status=None)


def many() -> Case:
    one, two = drawn("Arm A", 5000, 20, 58, 1), drawn("Arm B", 5000, 14, 58, 2)
    return survival_rows([one, two], reference="Arm B"), spec("Arm A", "Arm B")


CASES: dict[str, Callable[[], Case]] = {
    case.__name__: case
    for case in (
        *(reference, cohorts, three, four, six, six_tangled, one_patient, one_censored),
        *(no_events, not_reached, close_medians, same_curves, long_names, hostile, empty_group),
        *(all_patients, many, long_names_of_four, single_patients),
    )
}

__all__ = ["CASES", "MONTH", "Case", "spec"]
