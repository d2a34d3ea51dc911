"""The only writer: everything into a temporary folder, renamed at the end."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hepatica.errors import OutputError

#: Names the files of an earlier run with their digests, as ``outputs``: they may be replaced.
MARK = "run.json"

#: What operating systems leave in a folder that was looked at.
_LEFT_BEHIND = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def write_outputs(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files at once: the folder appears whole, or is left as it was.

    Parameters
    ----------
    folder : Path
        Where the files appear. A folder that holds an earlier run and nothing else is replaced.
    files : mapping of str to bytes
        Path below the folder, with slashes, to content.

    Raises
    ------
    OutputError
        If the folder holds anything that Hepatica did not write, or cannot be written.
    """
    refuse_foreign(folder)
    shown, folder = folder, folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputError(_cannot(shown, error)) from None
    try:
        for name, content in files.items():
            target = staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        staging.chmod(0o755 & ~_umask())
        _replace(staging, folder)
    except OSError as error:
        raise OutputError(_cannot(shown, error)) from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def refuse_foreign(folder: Path, *, study: Path | None = None) -> None:
    """Refuse a folder with anything that an earlier run did not write, or that was changed since.

    Parameters
    ----------
    folder : Path
        Folder that would be replaced.
    study : Path, optional
        Folder of the study that is read; it must not lie in ``folder``.

    Raises
    ------
    OutputError
        If the folder must not be replaced.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file. Name a folder with --out.")
    if study is not None and study.resolve().is_relative_to(folder.resolve()):
        raise OutputError(f"{folder} holds the study itself. Name another folder with --out.")
    if folder.is_dir() and (foreign := _foreign(folder)):
        raise OutputError(
            f"{folder} holds files that were not written by a run or were changed since, so it is "
            f"left as it is; the first is {foreign}. Move them, or name another folder with --out."
        )


def _foreign(folder: Path) -> str:
    """Return the first file that is not as an earlier run wrote it, or nothing."""
    written = _written(folder)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            return name
        if path.is_dir() or path.name in _LEFT_BEHIND or (name == MARK and written):
            continue
        if written.get(name) != hashlib.sha256(path.read_bytes()).hexdigest():
            return name
    return ""


def _written(folder: Path) -> dict[str, str]:
    """Return the digests of the files of the run that the folder holds; empty for none."""
    try:
        told = json.loads((folder / MARK).read_bytes())
    except (OSError, ValueError):
        return {}
    outputs = told.get("outputs") if isinstance(told, dict) else None
    return outputs if isinstance(outputs, dict) else {}


def _replace(staging: Path, folder: Path) -> None:
    if not folder.exists():
        staging.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent)) / "previous"
    try:
        folder.rename(aside)
        staging.rename(folder)
    except BaseException:
        # An interruption between the two renamings must not hide the earlier run.
        if aside.exists() and not folder.exists():
            aside.rename(folder)
        raise
    finally:
        shutil.rmtree(aside.parent, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot(folder: Path, error: OSError) -> str:
    reason = error.strerror or "the system gave no reason"
    return f"{folder} cannot be written: {reason}. Nothing was changed. Name another with --out."
