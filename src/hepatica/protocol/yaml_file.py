"""Opening a YAML file of ours, with a kind word where that fails."""

from __future__ import annotations

from pathlib import Path

from hepatica.errors import CommandError, ProtocolError, ProtocolProblem
from hepatica.protocol.nodes import WHOLE_FILE


def yaml_text(path: Path, *, otherwise: str = "") -> str:
    """Return the text of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file, in UTF-8.
    otherwise : str
        What a reader can do when there is no such file.

    Raises
    ------
    CommandError
        If the file cannot be opened.
    ProtocolError
        If it is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        message = f"There is no file {path}. {otherwise}".rstrip()
        raise CommandError(message) from None
    except OSError:
        message = f"The file {path} cannot be opened. Check its name and that you may read it."
        raise CommandError(message) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "The file is not UTF-8 from this line on. Save it as UTF-8."
        raise ProtocolError(path.name, [ProtocolProblem(WHOLE_FILE, message, line)]) from None
