"""What the tests of patient figures share: reading a finished drawing, and looking at overlaps."""

from __future__ import annotations

import itertools
import random
from xml.etree import ElementTree

from rows_report import row
from test_figures_geometry import SVG, text_boxes

from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.courses import Course
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.response_table import ResponseCount

Courses = tuple[Course, ...]

HOSTILE = '<script>alert(1)</script> & "x"\x00'


def plate(name: str = "figure", **changes: str) -> Plate:
    words = {
        "id": name,
        "title": "A figure",
        "study": "S",
        "status": "Constructed patients",
        "version": "0.1.0",
    }
    return Plate(**(words | changes))  # type: ignore[arg-type]


def texts(drawing: Drawing) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text")]


def check_layout(drawing: Drawing) -> None:
    """No two texts overlap, all stand on the page, none is too small, and the page is not long."""
    boxes = text_boxes(drawing)
    assert len(boxes) > 5
    page = Box(0.3, 0.3, drawing.width_mm - 0.3, drawing.height_mm - 0.3)
    assert [text for text, box in boxes if not box.within(page)] == []
    clashes = [
        (first, second)
        for (first, one), (second, two) in itertools.combinations(boxes, 2)
        if one.meets(two)
    ]
    assert clashes == []
    assert drawing.height_mm <= 235
    root = ElementTree.fromstring(drawing.svg)
    sizes = [float(one.get("font-size", "0")) for one in root.iter(f"{SVG}text")]
    assert min(sizes) >= 6.5 * 25.4 / 72 * 10 - 0.01


def filled(drawing: Drawing, colour: str) -> list[Box]:
    """Return the boxes round the areas of a colour, in mm."""
    paths = ElementTree.fromstring(drawing.svg).iter(f"{SVG}path")
    return [_box(path.get("d", "")) for path in paths if path.get("fill") == colour]


def _box(path: str) -> Box:
    x = y = 0.0
    xs, ys = [], []
    for step in path.replace("Z", "").replace("M", " M").replace("H", " H").split():
        for piece in _pieces(step):
            if piece[0] in "ML" or piece[0] == "H":
                x = float(piece[1:])
            elif piece[0] == "V":
                y = float(piece[1:])
            else:
                y = float(piece)
            xs.append(x)
            ys.append(y)
    ys, xs = ys[1:], xs[1:]
    return Box(min(xs) / 10, min(ys) / 10, max(xs) / 10, max(ys) / 10)


def _pieces(step: str) -> list[str]:
    marked = step
    for letter in "MLHV":
        marked = marked.replace(letter, f" {letter}")
    return marked.split()


def invented(
    number: int, seed: int = 1, arms: tuple[str, ...] = ("Anlotinib", "Placebo")
) -> Courses:
    """Return the courses of patients that nobody is."""
    draw = random.Random(seed)
    return tuple(_patient(place, draw, arms) for place in range(number))


def _patient(place: int, draw: random.Random, arms: tuple[str, ...]) -> Course:
    best = max(-100.0, draw.gauss(-5, 40))
    best = best * 2.2 if best > 60 else best
    response = "CR" if best <= -99 else "PR" if best < -30 else "PD" if best > 20 else "SD"
    response = draw.choice([response] * 19 + ["NE"])
    if response == "PR" and draw.random() < 0.15:
        response = "SD"
    treated = int(draw.expovariate(1 / 180)) + 20
    followed = treated + int(draw.expovariate(1 / 200))
    dead = draw.random() < 0.6
    ongoing = not dead and draw.random() < 0.3
    days = list(range(42, treated + 1, 42)) or [treated]
    shares = [(1 - 0.6 ** (n + 1)) / (1 - 0.6 ** len(days)) for n in range(len(days))]
    missing = draw.random() < 0.06
    return Course(
        name=f"SUBJECT-{place:04d}",
        group=draw.choice(arms),
        response="MISSING" if missing else response,
        changes=()
        if missing
        else tuple((day, best * share) for day, share in zip(days, shares, strict=True)),
        new_lesion=response == "PD" and draw.random() < 0.4,
        unconfirmed=response == "SD" and best < -30,
        ongoing=ongoing,
        treated=treated,
        followed=treated if ongoing else followed,
        died=followed if dead else None,
        progressed=None if ongoing else max(1, treated - 5),
        partial=min(draw.choice((42, 61, 85)), treated - 15) if response in {"CR", "PR"} else None,
        complete=min(120, treated - 10) if response == "CR" else None,
    )


def counted(courses: Courses) -> tuple[ResponseCount, ...]:
    """Return the best responses of courses as rows."""
    found = []
    for response in ("CR", "PR", "SD", "PD", "NE", "MISSING"):
        number = sum(one.response == response for one in courses)
        where = {
            "variable": "best_response",
            "variable_level": response,
            "denominator": len(courses),
        }
        n = row("response", "n", number, format="integer", **where)
        share = 100 * number / len(courses)
        percent = row("response", "percent", share, format="percent", **where)
        found.append(ResponseCount(response, n, percent))
    return tuple(found)


def arms(*names: str) -> tuple[CurveGroup, ...]:
    return tuple(CurveGroup(name, slot) for slot, name in enumerate(names, start=1))
