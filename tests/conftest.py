"""What all tests share: where the shared data are, and that nothing is left out silently."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# A test is about what is found, not about how busy the machine is. The gate asks the same cases
# every time; elsewhere each run looks at new ones.
settings.register_profile("hepatica", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("hepatica")

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("HEPATICA_SHARED", ROOT.parent / "shared"))
SPARK = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def _missing() -> dict[str, tuple[bool, str]]:
    return {
        "shared": (SHARED.is_dir(), "HEPATICA_REQUIRE_SHARED"),
        "browser": (CHROMIUM is not None, "HEPATICA_REQUIRE_BROWSER"),
        "spark": (SPARK, "HEPATICA_REQUIRE_SPARK"),
    }


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run, say how many, and fail where it was required."""
    left_out: list[pytest.Item] = []
    for mark, (present, variable) in _missing().items():
        needing = [item for item in items if item.get_closest_marker(mark)]
        if present or not needing:
            continue
        if os.environ.get(variable) == "1":
            raise pytest.UsageError(f"{len(needing)} tests need what the mark '{mark}' names.")
        config.stash.setdefault(LEFT_OUT, []).append(f"{len(needing)} tests marked '{mark}'")
        left_out += needing
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was left out, so that a shorter run never looks like a whole one."""
    for text in config.stash.get(LEFT_OUT, []):
        terminalreporter.write_line(f"left out: {text}, not on this machine")


@pytest.fixture
def root() -> Path:
    """Return the root of the repository."""
    return ROOT


@pytest.fixture
def shared() -> Path:
    """Return the folder of shared data."""
    return SHARED


@pytest.fixture
def chromium() -> str:
    """Return the path of the browser."""
    return str(CHROMIUM)
