"""Where the collected tables are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hepatica.errors import Problem
from hepatica.protocol.data import DataSource, FolderFromEnvironment


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder, and the name it has in messages: never a path of this machine."""

    path: Path
    shown: str


def find_folder(source: DataSource, study: Path) -> DataFolder | Problem:
    """Return the folder of the data, or the problem that there is none.

    Parameters
    ----------
    source : DataSource
        A folder relative to the study, or one that an environment variable names.
    study : Path
        The study folder.

    Returns
    -------
    DataFolder or Problem
        The folder exists.
    """
    folder = source.folder
    if isinstance(folder, str):
        found = DataFolder(study / folder, PurePosixPath(folder).as_posix())
        do = "Create the folder, or name another one as data.folder in study.yaml."
        return found if found.path.is_dir() else _no_folder(found.shown, do)
    return _from_environment(folder, study)


def _from_environment(folder: FolderFromEnvironment, study: Path) -> DataFolder | Problem:
    value = os.environ.get(folder.environment, "")
    do = f"Set the environment variable {folder.environment} to the folder that holds the data."
    if value:
        start, shown = Path(value).expanduser(), f"${folder.environment}"
    elif folder.default is not None:
        start, shown = study / folder.default, folder.default
    else:
        return _no_folder(f"${folder.environment}", do, found="the variable is not set")
    found = DataFolder(start / folder.below, (PurePosixPath(shown) / folder.below).as_posix())
    return found if found.path.is_dir() else _no_folder(found.shown, do)


def _no_folder(shown: str, do: str, found: str = "no such folder") -> Problem:
    return Problem(
        table="data", rule="The folder of the data exists.", do=do, found=found, where=shown
    )
