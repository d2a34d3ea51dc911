"""A document as a Word file: three rules round a table, heads repeated, rows kept whole.

The file needs python-docx, which the extra ``docs-out`` installs.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table as WordTable

from hepatica.present.content import Figure, Points
from hepatica.present.plan.document import Document
from hepatica.present.spans import Spans, plain_text
from hepatica.present.table import Row, Table

#: Tables with more columns of numbers than this stand on a page turned sideways.
_MOST_UPRIGHT = 6
_TABLE_POINTS = 9
_INDENT_MM = 4
_PICTURE_MM = 160
_FONT = "Arial"
#: Rules above the head and at the end, and under the head, in eighths of a point.
_THICK, _THIN = "12", "8"
#: The earliest day that a zip archive can hold: files carry no clock time.
_DAY = (1980, 1, 1, 0, 0, 0)


def document_docx(document: Document) -> bytes:
    """Return a document as a Word file; the same document gives the same bytes.

    Parameters
    ----------
    document : Document
        What it says.
    """
    word = docx.Document()
    _prepare(word, document)
    tables = 0
    for number, section in enumerate(document.sections, start=1):
        word.add_heading(f"{number} {section.title}", level=1)
        for block in section.blocks:
            if isinstance(block, Table):
                tables += 1
                _add_table(word, block, tables)
            elif isinstance(block, Points):
                word.add_paragraph(block.title, style="Heading 2")
                for sentence in block.sentences:
                    word.add_paragraph(sentence, style="List Bullet")
            elif isinstance(block, Figure):
                word.add_picture(io.BytesIO(block.wide.png), width=Mm(_PICTURE_MM))
                word.add_paragraph(block.title or block.wide.title)
            else:
                _write(word.add_paragraph(), block)
    stream = io.BytesIO()
    word.save(stream)
    return _without_clock(stream.getvalue())


def _prepare(word: WordDocument, document: Document) -> None:
    cover = document.cover
    for name, size in (("Normal", 10), ("Title", 20), ("Heading 1", 14), ("Heading 2", 11)):
        style: Any = word.styles[name]
        style.font.name = _FONT
        style.font.size = Pt(size)
        if name != "Normal":
            style.font.color.rgb = RGBColor(0x1A, 0x1D, 0x26)
    properties = word.core_properties
    properties.title, properties.subject = cover.title, cover.kind
    properties.author = "Hepatica"
    fixed = datetime(1980, 1, 1, tzinfo=UTC)
    properties.created = properties.modified = fixed
    word.add_paragraph(cover.kind)
    word.add_heading(cover.title, level=0)
    if cover.status:
        _write(word.add_paragraph(), (), f"{cover.status}. {cover.status_note}".strip())
    if cover.lead:
        word.add_paragraph(cover.lead)
    for name, value in cover.facts:
        paragraph = word.add_paragraph()
        paragraph.add_run(f"{name}: ").bold = True
        paragraph.add_run(plain_text(value))
    foot = word.sections[0].footer.paragraphs[0]
    foot.text = f"{cover.id}. {cover.status}. {cover.foot}" if cover.status else cover.foot


def _write(paragraph: Any, spans: Spans, text: str = "") -> None:
    if text:
        paragraph.add_run(text).bold = True
    for span in spans:
        paragraph.add_run(span.text).bold = span.strong


def _add_table(word: WordDocument, table: Table, number: int) -> None:
    wide = len(table.columns) > _MOST_UPRIGHT
    if wide:
        _turn(word)
    caption = word.add_paragraph()
    caption.paragraph_format.keep_with_next = True
    caption.add_run(f"Table {number}. ").bold = True
    caption.add_run(table.title)
    if table.message:
        word.add_paragraph(f"Not available. {table.message}")
    else:
        _fill(word.add_table(rows=0, cols=len(table.columns) + 1), table)
    for note in table.footnotes:
        _small(word.add_paragraph(), note)
    if wide:
        _turn(word)


def _fill(made: WordTable, table: Table) -> None:
    made.autofit = True
    if table.spanners:
        _spanner_row(made, table)
    head = _new_row(made)
    _put(head.cells[0], table.stub, bold=True)
    for cell, column in zip(head.cells[1:], table.columns, strict=True):
        label = "\n".join(part for part in (column.label, plain_text(column.n)) if part)
        _put(cell, label, bold=True, right=not column.words)
    for at in range(len(made.rows)):
        _repeat(made.rows[at])
    _rule(made.rows[0], "top", _THICK)
    _rule(head, "bottom", _THIN)
    for row in table.rows:
        _body_row(made, table, row)
    _rule(made.rows[-1], "bottom", _THICK)


def _spanner_row(made: WordTable, table: Table) -> None:
    row = _new_row(made)
    names = [column.id for column in table.columns]
    for spanner in table.spanners:
        first, last = names.index(spanner.columns[0]), names.index(spanner.columns[-1])
        _put(row.cells[first + 1].merge(row.cells[last + 1]), spanner.label, bold=True)


def _body_row(made: WordTable, table: Table, row: Row) -> None:
    line = _new_row(made)
    _whole(line)
    if row.kind == "message" or (row.kind == "head" and not row.cells):
        text = f"{row.label}{plain_text(row.note)}"
        _put(line.cells[0].merge(line.cells[-1]), text, bold=row.kind == "head")
        return
    _put(line.cells[0], row.label, bold=row.kind == "head")
    line.cells[0].paragraphs[0].paragraph_format.left_indent = Mm(_INDENT_MM * row.indent)
    for cell, column in zip(line.cells[1:], table.columns, strict=True):
        given = row.cells.get(column.id)
        words = column.words or (given is not None and given.format in ("text", "prose"))
        _put(cell, given.text if given is not None else "", right=not words)


def _new_row(made: WordTable) -> Any:
    adding: Any = made.add_row
    return adding()


def _put(cell: Any, text: str, *, bold: bool = False, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.bold = bold
    run.font.size = Pt(_TABLE_POINTS)
    paragraph.paragraph_format.space_after = Pt(1)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _small(paragraph: Any, text: str) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(_TABLE_POINTS - 1)
    paragraph.paragraph_format.space_after = Pt(2)


def _element(name: str, **attributes: str) -> Any:

    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _rule(row: Any, side: str, size: str) -> None:
    """Draw a rule above or below the cells of a row."""
    for cell in row.cells:
        properties = cell._tc.get_or_add_tcPr()
        borders = properties.find(f"{{{properties.nsmap['w']}}}tcBorders")
        if borders is None:
            borders = _element("w:tcBorders")
            properties.append(borders)
        borders.append(_element(f"w:{side}", val="single", sz=size, color="1A1D26"))


def _repeat(row: Any) -> None:
    """Let a row of the head stand on every page."""
    row._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))


def _whole(row: Any) -> None:
    """Keep a row on one page."""
    row._tr.get_or_add_trPr().append(_element("w:cantSplit", val="true"))


def _turn(word: WordDocument) -> None:
    """Begin a section on a page turned the other way."""
    last = word.sections[-1]
    upright = last.orientation == WD_ORIENT.PORTRAIT
    made = word.add_section(WD_SECTION.NEW_PAGE)
    made.orientation = WD_ORIENT.LANDSCAPE if upright else WD_ORIENT.PORTRAIT
    made.page_width, made.page_height = last.page_height, last.page_width


def _without_clock(content: bytes) -> bytes:
    """Return the archive with the same day for every file, so that its bytes repeat."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for name in sorted(given.namelist()):
            written.writestr(zipfile.ZipInfo(name, _DAY), given.read(name), zipfile.ZIP_DEFLATED)
    return made.getvalue()
