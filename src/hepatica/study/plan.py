"""The statistical analysis plan of a study folder, with mock tables from a dry run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hepatica.analyse import analyse
from hepatica.derive import derive_datasets
from hepatica.errors import HepaticaError
from hepatica.present.plan import Document, document_html, statistical_plan
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.records import require
from hepatica.results import Results
from hepatica.study.check import PROTOCOL_FILE, check_study
from hepatica.study.outputs import MARK, refuse_foreign, write_outputs
from hepatica.study.provenance import digest, json_bytes
from hepatica.study.run import Progress
from hepatica.study.simulate import simulate_collected_study, simulate_study

#: Names of the document.
HTML_FILE, WORD_FILE = "statistical_analysis_plan.html", "statistical_analysis_plan.docx"
_PATIENTS = 60


#: Turns a document into a Word file.
WordWriter = Callable[[Document], bytes]


def write_plan(
    folder: Path,
    out: Path | None = None,
    progress: Progress | None = None,
    word: WordWriter | None = None,
) -> Path:
    """Write the statistical analysis plan of a protocol as a page and as a Word file.

    Parameters
    ----------
    folder : Path
        Folder with ``study.yaml``; no table of data is read.
    out : Path, optional
        Folder to write; ``plan`` below the study folder when not given.
    progress : callable, optional
        Called with what is being done, and the share of the work done before it.
    word : callable, optional
        Writes the Word file; without it the page stands alone.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    CommandError, ProtocolError, OutputError
        Before anything is written.
    """
    tell = progress or (lambda _text, _share: None)
    target = out or folder / "plan"
    refuse_foreign(target, study=folder)
    protocol = read_protocol(folder / PROTOCOL_FILE)
    tell("Trying the plan on constructed patients", 0.0)
    document = statistical_plan(protocol, dry_run(folder, protocol))
    tell("Writing the plan", 0.8)
    files = {HTML_FILE: document_html(document).encode()}
    if word is not None:
        files[WORD_FILE] = word(document)
    outputs = {name: digest(content) for name, content in sorted(files.items())}
    record = {"study": protocol.study.id, "seed": protocol.seed, "outputs": outputs}
    write_outputs(target, {**files, MARK: json_bytes(record)})
    return target / HTML_FILE


def dry_run(folder: Path, protocol: Protocol) -> Results | None:
    """Carry out a protocol on constructed patients, in a folder that is taken away again.

    Parameters
    ----------
    folder : Path
        Folder with ``study.yaml``.
    protocol : Protocol
        What it says.

    Returns
    -------
    Results or None
        ``None`` where patients cannot be constructed for this protocol.
    """
    planned = [one.planned for one in protocol.arms]
    patients = max(sum(one or 0 for one in planned), _PATIENTS)
    with tempfile.TemporaryDirectory() as name:
        made = Path(name) / "study"
        try:
            if "DM" in protocol.data.tables:
                simulate_collected_study(folder, patients, made)
            else:
                simulate_study(folder, patients, made)
            checked = check_study(made)
            tables = require(checked.records).tables
            frames = {name: table.frame for name, table in tables.items()}
            datasets = derive_datasets(checked.protocol, frames)
        except HepaticaError:
            return None
        return analyse(checked.protocol, datasets)
