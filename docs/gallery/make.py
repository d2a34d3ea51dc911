"""Make the pictures of this folder from constructed patients.

Run from the root of the repository: ``python docs/gallery/make.py``. The pictures are reduced to
256 colours, so that they stay small in the repository; figures of a report are not.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

from hepatica.present.figures.canvas import Drawing

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "tests" / "present"))


def small(png: bytes) -> bytes:
    """Return a picture in 256 colours without its metadata."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    reduced = picture.quantize(256, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    reduced.save(buffer, "PNG", optimize=True, dpi=(300, 300))
    return buffer.getvalue()


def main() -> None:
    """Write ``km.png`` and its kin beside this file."""
    from cases import CASES  # noqa: PLC0415 - the folder is added to the path above

    from hepatica.present.figures.kaplan_meier import figure_kaplan_meier  # noqa: PLC0415

    wanted = (
        ("km", "reference", 180),
        ("km_single_column", "reference", 85),
        ("km_four_groups", "four", 180),
        ("km_not_reached", "not_reached", 180),
    )
    for name, case, width in wanted:
        results, spec = CASES[case]()
        drawing = figure_kaplan_meier(results, spec, width_mm=width)
        (HERE / f"{name}.png").write_bytes(small(drawing.png))
    for name, drawing in patients().items():
        (HERE / f"{name}.png").write_bytes(small(drawing.png))


def patients() -> dict[str, Drawing]:
    """Return the figures of single patients, of adverse events and of the participant flow."""
    from patient_cases import arms, counted, invented, plate  # noqa: PLC0415
    from rows_report import protocol, results, row  # noqa: PLC0415

    from hepatica.present.figures.spider import SpiderSpec, figure_spider  # noqa: PLC0415
    from hepatica.present.figures.swimmer import SwimmerSpec, figure_swimmer  # noqa: PLC0415
    from hepatica.present.figures.waterfall import WaterfallSpec, figure_waterfall  # noqa: PLC0415
    from hepatica.present.study_figures import study_figures  # noqa: PLC0415

    names = ("Cohort 1", "Cohort 2")
    courses = invented(48, seed=12, arms=names)
    groups, counts = arms(*names), counted(courses)
    few = invented(24, seed=12, arms=names)
    sizes = tuple(
        row("response", "n", sum(one.group == name for one in few), level=name, format="integer")
        for name in names
    )
    waterfall = WaterfallSpec(
        plate=plate("waterfall"), groups=groups, counts=counts, criteria="RECIST 1.1, investigator"
    )
    spider = SpiderSpec(plate=plate("spider"), groups=groups, counts=counts)
    swimmer = SwimmerSpec(plate=plate("swimmer"), groups=groups, sizes=sizes)
    screened = row("sets", "screening_failures", 30, dataset="ADSL", format="integer")
    figures = study_figures(results(screened), protocol(), digest="", version="")
    return {
        "ae_butterfly": figures["adverse-events"].wide,
        "participant_flow": figures["participant-flow"].wide,
        "waterfall": figure_waterfall(courses, waterfall),
        "waterfall_single_column": figure_waterfall(courses, waterfall, width_mm=85),
        "swimmer": figure_swimmer(few, swimmer),
        "spider": figure_spider(courses, spider),
    }


if __name__ == "__main__":
    main()
