"""Ids that stand for two things."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepatica.errors import ProtocolError
from hepatica.protocol import parse_protocol

BASE = (Path(__file__).parent / "base.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("id: sex,", "id: AFP_400,", "biomarkers[0].cut_points[0].id"),
        ("{id: age,", "{id: Sex,", "variables[1].id"),
    ],
)
def test_ids_that_would_name_one_column(old: str, new: str, place: str) -> None:
    """``afp-400`` and ``AFP_400`` would both be the column AFP_400_CAT of ADSL."""
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(BASE.replace(old, new))
    assert any(
        one.path == place and "already names a variable" in one.message
        for one in caught.value.problems
    )


def test_analyses_whose_files_would_be_one() -> None:
    """Some file systems do not tell ``Baseline.csv`` from ``baseline.csv``."""
    start = BASE.index("analyses:\n") + len("analyses:\n")
    first = BASE[start:].splitlines()[0]
    name = first.split("id: ")[1].split(",")[0]
    again = first.replace(f"id: {name}", f"id: {name.upper()}")
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(BASE[:start] + first + "\n" + again + "\n" + BASE[start + len(first) + 1 :])
    assert any("already names an analysis" in one.message for one in caught.value.problems)
