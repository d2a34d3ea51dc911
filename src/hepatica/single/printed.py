"""The printed results of a review, where its folder holds them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hepatica.present.content import InputFile, Section
from hepatica.present.tables.printed_review import printed_review_section
from hepatica.protocol.review import Review
from hepatica.published.review_compare import compare_review
from hepatica.published.review_print import PRINTED_FILE, PrintedReview, read_printed_review
from hepatica.results import Results
from hepatica.study.provenance import digest


@dataclass(frozen=True, slots=True)
class Printed:
    """What a review printed.

    Attributes
    ----------
    printed : PrintedReview
        Its pooled results.
    file : InputFile
        The file they were read from.
    """

    printed: PrintedReview
    file: InputFile


def read_printed(folder: Path, review: Review) -> Printed | None:
    """Return the printed results beside a plan; ``None`` where there are none.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the plan.
    review : Review
        The plan.

    Raises
    ------
    ProtocolError
        If ``printed.yaml`` breaks rules.
    """
    path = folder / PRINTED_FILE
    if not path.is_file():
        return None
    found = read_printed_review(path, review)
    file = InputFile("Printed", PRINTED_FILE, len(found.results), digest(path.read_bytes()))
    return Printed(found, file)


def printed_sections(
    printed: Printed | None, results: Results, review: Review
) -> tuple[Section, ...]:
    """Return the section that sets the print beside finished rows."""
    if printed is None:
        return ()
    return printed_review_section(compare_review(printed.printed, results), review)
