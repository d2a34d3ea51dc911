"""Start a study from the template."""

from __future__ import annotations

from pathlib import Path

from hepatica.errors import CommandError, OutputError
from hepatica.protocol.template import template_files


def create_study(folder: Path) -> None:
    """Write a commented study that runs.

    Parameters
    ----------
    folder : Path
        A folder that does not exist yet, or is empty.

    Raises
    ------
    CommandError
        If the folder holds anything.
    OutputError
        If it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CommandError(f"{folder} is not empty. Name a folder that does not exist yet.")
    try:
        for name, text in template_files().items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}.") from None
