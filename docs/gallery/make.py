"""Make the pictures of this folder from constructed patients.

Run from the root of the repository: ``python docs/gallery/make.py``. The pictures of the report
come from the study ``studies/alter-0802``, which is run in a temporary folder; the others from
cases of the tests. They are reduced to 256 colours or fewer, so that they stay small in the
repository; figures of a report are not.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STUDY = ROOT / "studies" / "alter-0802"
sys.path.insert(0, str(ROOT / "tests" / "present"))

#: Most bytes of a picture.
MOST = 150_000

#: Pictures of the report: name here, and name among the figures of the study.
REPORT = {
    "participant_flow": "participant-flow",
    "participant_flow_single_column": "participant-flow-85mm",
    "km_panels": "overall-survival",
    "km_panels_single_column": "overall-survival-85mm",
    "ae_butterfly": "adverse-events",
    "waterfall": "response-waterfall",
    "waterfall_single_column": "response-waterfall-85mm",
    "swimmer": "response-swimmer",
    "spider": "response-spider",
}
#: Pictures that are there when the study plans them: name here, end of the name in the study.
PLANNED = {"biomarker_change": "biomarker-change", "cut_points": "-cut-points"}


def small(png: bytes) -> bytes:
    """Return a picture in few colours without its metadata."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 64, 32):
        reduced = picture.quantize(colours, dither=Image.Dither.NONE)
        buffer = io.BytesIO()
        reduced.save(buffer, "PNG", optimize=True, dpi=(300, 300))
        if buffer.tell() <= MOST:
            return buffer.getvalue()
    message = "A picture is too large for the repository."
    raise SystemExit(message)


def main() -> None:
    """Write the pictures beside this file."""
    for name, png in (cases() | report()).items():
        (HERE / f"{name}.png").write_bytes(small(png))


def cases() -> dict[str, bytes]:
    """Return survival curves of cases of the tests."""
    from cases import CASES  # noqa: PLC0415 - the folder is added to the path above

    from hepatica.present.figures.kaplan_meier import figure_kaplan_meier  # noqa: PLC0415

    wanted = (
        ("km", "reference", 180),
        ("km_single_column", "reference", 85),
        ("km_four_groups", "four", 180),
        ("km_not_reached", "not_reached", 180),
    )
    pictures = {}
    for name, case, width in wanted:
        results, spec = CASES[case]()
        pictures[name] = figure_kaplan_meier(results, spec, width_mm=width).png
    return pictures


def report() -> dict[str, bytes]:
    """Return the figures of the study, and those of biomarkers where it plans them."""
    from hepatica.study.run import run_study  # noqa: PLC0415 - slow to import

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "output"
        run_study(STUDY, out)
        drawn = {one.stem: one.read_bytes() for one in sorted((out / "figures").glob("*.png"))}
    pictures = {name: drawn[figure] for name, figure in REPORT.items()}
    for name, end in PLANNED.items():
        found = [figure for figure in drawn if figure.endswith(end)]
        if found:
            pictures[name] = drawn[found[0]]
        else:
            sys.stderr.write(f"{STUDY.name} has no figure {end!r}: {name}.png is not made.\n")
    return pictures


if __name__ == "__main__":
    main()
