"""Pin every dependency with hashes into ``requirements/*.txt``, without a registry's address."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
OPTIONS = [
    "--generate-hashes",
    "--allow-unsafe",
    "--strip-extras",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--no-annotate",
    "--no-header",
    "--quiet",
]
LOCKS = {"base.txt": [], "dev.txt": ["--all-extras", "--all-build-deps"]}


def main() -> None:
    """Write one lock file for the package alone and one for work on it."""
    for name, more in LOCKS.items():
        command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, *more]
        command += ["--output-file", str(HERE / name), "pyproject.toml"]
        subprocess.run(command, check=True, cwd=HERE.parent)  # noqa: S603 - fixed words


if __name__ == "__main__":
    main()
