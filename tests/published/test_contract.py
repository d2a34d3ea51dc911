"""The import contract keeps printed numbers out of every floor that computes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = "no printed number is seen where they are"

pytest.importorskip("importlinter")


def test_an_import_where_numbers_are_made_is_caught(tmp_path: Path) -> None:
    package = tmp_path / "hepatica"
    shutil.copytree(ROOT / "src" / "hepatica", package, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    # One forbidden import in each of the floors that the contract guards.
    for module in ("analyse/response", "derive/adsl", "records/grid", "stats/quantiles"):
        with (package / f"{module}.py").open("a", encoding="utf-8") as source:
            source.write("\nfrom hepatica.published.model import Published\n")
    with (package / "present" / "key_results.py").open("a", encoding="utf-8") as source:
        source.write("\nfrom hepatica.published.compare import compare\n")
    code = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout
    assert done.returncode == 1
    broken = told[told.rindex("Broken contracts") :]
    assert NAME in " ".join(broken.split())
    for module in ("analyse.response", "derive.adsl", "records.grid", "stats.quantiles"):
        assert f"hepatica.{module} -> hepatica.published.model" in broken
    assert "hepatica.present.key_results -> hepatica.published.compare" in broken
    assert "hepatica.present.tables.printed -> hepatica.published.compare" not in broken
