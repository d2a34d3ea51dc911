"""The study folder that ``hepatica new`` writes: a commented protocol and tables that run."""

from __future__ import annotations

from importlib.resources import files

_FILES = (
    "study.yaml",
    "README.md",
    "data/adsl.csv",
    "data/adtte.csv",
    "data/adrs.csv",
    "data/adae.csv",
)


def template_files() -> dict[str, str]:
    """Return the files of a study that runs as it is, on constructed patients.

    Returns
    -------
    dict of str to str
        Text by file name, relative to the study folder, with ``/`` between folders; the protocol
        comes first..

    Examples
    --------
    >>> list(template_files())[:2]
    ['study.yaml', 'README.md']
    """
    study = files("hepatica.protocol") / "template" / "study"
    return {name: study.joinpath(*name.split("/")).read_text(encoding="utf-8") for name in _FILES}
