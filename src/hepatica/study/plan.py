"""The statistical analysis plan of a study folder, with mock tables from a dry run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hepatica.present.plan import Document, document_html, statistical_plan
from hepatica.protocol.read import read_protocol
from hepatica.study.check import PROTOCOL_FILE
from hepatica.study.dry_run import dry_run
from hepatica.study.outputs import MARK, refuse_foreign, write_outputs
from hepatica.study.provenance import digest, json_bytes
from hepatica.study.run import Progress

#: Names of the document.
HTML_FILE, WORD_FILE = "statistical_analysis_plan.html", "statistical_analysis_plan.docx"


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
    document = statistical_plan(protocol, dry_run(protocol))
    tell("Writing the plan", 0.8)
    files = {HTML_FILE: document_html(document).encode()}
    if word is not None:
        files[WORD_FILE] = word(document)
    outputs = {name: digest(content) for name, content in sorted(files.items())}
    record = {"study": protocol.study.id, "seed": protocol.seed, "outputs": outputs}
    write_outputs(target, {**files, MARK: json_bytes(record)})
    return target / HTML_FILE
