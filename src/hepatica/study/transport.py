"""Analysis datasets as SAS transport files (XPT, version 5).

Dates are written as SAS dates with the format DATE9., flags of true and false as Y and N, a time
of day as ISO 8601 text; a missing text is blank. A name that is too long for the format is
shortened, and `transport_names` says which name stands for which.

Source: SAS technical support, *The record layout of a SAS version 5 or 6 data set in SAS transport
(XPORT) format* (TS-140).
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
import pyreadstat

from hepatica.derive.adsl import category_column
from hepatica.derive.labels import DATASET_LABELS, LONGEST_LABEL, cut_label, variable_label
from hepatica.errors import DataError, Problem, counted
from hepatica.protocol.model import DataStatus, Protocol

#: Most characters of a name, and most bytes of a text.
LONGEST_NAME = 8
LONGEST_TEXT = 200
#: Greatest number of the format (a float of IBM mainframes).
GREATEST_NUMBER = 7.2e75

#: The two times of a transport file, constant so that equal data give equal bytes.
FIXED_TIME = b"01JAN60:00:00:00"

_NAME = re.compile(r"^[A-Z_][A-Z0-9_]*$")
_RECORD = 80
# The creation time ends records 1 and 5; the modification time begins records 2 and 6.
_TIMES = ((1, 64), (2, 0), (5, 64), (6, 0))
_STAMP = re.compile(rb"^\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d$")
_VOWELS = frozenset("AEIOU")


def transport_outputs(protocol: Protocol, datasets: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """Return what ``hepatica run --xpt`` adds to the outputs of a study.

    Parameters
    ----------
    protocol : Protocol
        Gives the status of the data, and labels of the variables of this study.
    datasets : mapping of str to polars.DataFrame
        Analysis datasets by name.

    Returns
    -------
    dict of str to bytes
        ``xpt/adsl.xpt`` and so on; ``xpt/names.csv`` says which name stands for which, when one
        had to be shortened.

    Raises
    ------
    DataError
        As `transport_files`.
    """
    written = transport_files(
        datasets, study_labels(protocol), data_status=protocol.study.data_status
    )
    files = {f"xpt/{name}": content for name, content in written.items()}
    changed = [
        (dataset, column, name)
        for dataset, frame in datasets.items()
        for column, name in transport_names(frame.columns).items()
        if column != name
    ]
    if changed:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(
            [("dataset", "variable", "name in the transport file"), *changed]
        )
        files["xpt/names.csv"] = buffer.getvalue().encode()
    return files


def study_labels(protocol: Protocol) -> dict[str, dict[str, str]]:
    """Return labels for the variables of ADSL that a protocol names, cut at 40 bytes."""
    labels = {one.column: one.label for one in protocol.biomarkers}
    labels |= {one.flag: f"{one.label} flag" for one in protocol.analysis_sets}
    for variable in protocol.variables:
        labels[variable.column] = variable.label
        labels[category_column(variable.id)] = variable.label
    for biomarker in protocol.biomarkers:
        for cut in biomarker.cut_points:
            at = "" if cut.at is None else f", cut at {cut.at:g}"
            labels[category_column(cut.id)] = f"{biomarker.label}{at}"
    return {"ADSL": {column: cut_label(label) for column, label in labels.items()}}


def transport_files(
    datasets: Mapping[str, pl.DataFrame],
    labels: Mapping[str, Mapping[str, str]] | None = None,
    *,
    data_status: DataStatus = "confirmed",
) -> dict[str, bytes]:
    """Return each dataset as a transport file.

    Parameters
    ----------
    datasets : mapping of str to polars.DataFrame
        Analysis datasets by name.
    labels : mapping, optional
        Dataset to variable to label, for variables of the study; they come before those of
        `hepatica.derive.labels`.
    data_status : str
        Status of the data; unless confirmed it begins the label of every dataset.

    Returns
    -------
    dict of str to bytes
        Name of the file (``adsl.xpt``) to its content: the same bytes for the same data.

    Raises
    ------
    DataError
        With every value, type, name or label that the format cannot hold. Nothing is cut off and
        no column is left out.
    """
    problems = [
        problem
        for name, frame in datasets.items()
        for problem in _problems(name, frame, (labels or {}).get(name, {}))
    ]
    if problems:
        raise DataError(problems)
    with tempfile.TemporaryDirectory() as folder:
        return {
            f"{name.lower()}.xpt": _file(
                name, frame, (labels or {}).get(name, {}), data_status, Path(folder)
            )
            for name, frame in datasets.items()
        }


def transport_names(columns: Sequence[str]) -> dict[str, str]:
    """Return the name in the transport file of each column, in order.

    A name that is already allowed stays. Another is written in capitals; signs that are not
    allowed become underscores; then, as long as it is too long, underscores are left out, and
    vowels but the first letter, from the end; then it is cut. A name that is taken gets a number
    at its end.

    Examples
    --------
    >>> transport_names(["USUBJID", "AFP_400_CAT", "AFP_40_0_CAT"])
    {'USUBJID': 'USUBJID', 'AFP_400_CAT': 'AFP400CT', 'AFP_40_0_CAT': 'AFP400C2'}
    """
    allowed = [one for one in columns if _is_allowed(one)]
    taken = set(allowed)
    names: dict[str, str] = {}
    for column in columns:
        name = column if _is_allowed(column) else _free(_shortened(column), taken)
        taken.add(name)
        names[column] = name
    return names


def dataset_label(name: str, data_status: DataStatus = "confirmed") -> str:
    """Return the label of a dataset, which begins with a status other than confirmed.

    Examples
    --------
    >>> dataset_label("ADAE"), dataset_label("ADAE", "constructed")
    ('Adverse events', 'CONSTRUCTED: Adverse events')
    """
    label = DATASET_LABELS.get(name, name)
    told = label if data_status == "confirmed" else f"{data_status.upper()}: {label}"
    return told[:LONGEST_LABEL]


def _is_allowed(name: str) -> bool:
    return len(name) <= LONGEST_NAME and _NAME.match(name) is not None


def _shortened(column: str) -> str:
    name = re.sub(r"[^A-Z0-9_]", "_", column.upper())
    if not re.match(r"[A-Z_]", name):
        name = f"_{name}"
    for dropped in ({"_"}, _VOWELS):
        for position in range(len(name) - 1, 0, -1):
            if len(name) > LONGEST_NAME and name[position] in dropped:
                name = name[:position] + name[position + 1 :]
    return name[:LONGEST_NAME]


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while (tried := f"{name[: LONGEST_NAME - len(str(number))]}{number}") in taken:
        number += 1
    return tried


def _problems(name: str, frame: pl.DataFrame, labels: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what the format cannot hold."""
    if not _is_allowed(name):
        yield Problem(
            table=name,
            rule=f"The name of a dataset has at most {LONGEST_NAME} letters and digits.",
            do="Shorten the name of the dataset.",
        )
    for column in frame.columns:
        if len(_label(name, column, labels).encode()) > LONGEST_LABEL:
            yield Problem(
                table=name,
                rule=f"A label has at most {LONGEST_LABEL} bytes.",
                do="Shorten the label.",
                column=column,
            )
    for column, kind in frame.schema.items():
        if not _is_writable(kind):
            yield Problem(
                table=name,
                rule="A transport file holds numbers, dates and text only.",
                do="Leave --xpt out, or turn the column into text.",
                column=column,
            )
        elif _is_text(kind):
            yield from _long_texts(name, frame, column)
        elif kind.is_numeric():
            yield from _great_numbers(name, frame, column)


def _long_texts(name: str, frame: pl.DataFrame, column: str) -> Iterator[Problem]:
    long = frame[column].cast(pl.String).str.len_bytes() > LONGEST_TEXT
    yield from _rows(
        name,
        frame,
        column,
        long,
        f"A text has at most {LONGEST_TEXT} bytes in a transport file.",
        "Shorten these texts, or leave --xpt out.",
    )


def _great_numbers(name: str, frame: pl.DataFrame, column: str) -> Iterator[Problem]:
    yield from _rows(
        name,
        frame,
        column,
        frame[column].cast(pl.Float64).fill_nan(None).abs() > GREATEST_NUMBER,
        f"A number is at most {GREATEST_NUMBER:g} in a transport file.",
        "Correct the record that the number was derived from.",
    )


def _rows(
    name: str, frame: pl.DataFrame, column: str, wrong: pl.Series, rule: str, do: str
) -> Iterator[Problem]:
    rows = int(wrong.fill_null(value=False).sum())
    if rows:
        concerned = frame.filter(wrong)
        known = "USUBJID" in frame.columns
        yield Problem(
            table=name,
            rule=rule,
            do=do,
            found=f"{rows} of {counted(frame.height, 'row')}",
            subjects=tuple(concerned["USUBJID"].unique(maintain_order=True)) if known else (),
            column=column,
        )


def _label(name: str, column: str, labels: Mapping[str, str]) -> str:
    return labels.get(column) or variable_label(name, column)


def _is_text(kind: pl.DataType) -> bool:
    return isinstance(kind, pl.String | pl.Categorical | pl.Enum)


def _is_writable(kind: pl.DataType) -> bool:
    others = pl.Boolean | pl.Date | pl.Datetime | pl.Null
    return _is_text(kind) or kind.is_numeric() or isinstance(kind, others)


def _file(
    name: str,
    frame: pl.DataFrame,
    labels: Mapping[str, str],
    data_status: DataStatus,
    folder: Path,
) -> bytes:
    names = transport_names(frame.columns)
    told: list[str | None] = [_label(name, column, labels) for column in frame.columns]
    written = frame.select(_plain(frame, column).alias(names[column]) for column in frame.columns)
    dates = {names[one]: "DATE9." for one, kind in frame.schema.items() if kind == pl.Date}
    path = folder / f"{name.lower()}.xpt"
    pyreadstat.write_xport(
        written,
        path,
        file_label=dataset_label(name, data_status),
        column_labels=told,
        table_name=name,
        file_format_version=5,
        variable_format=dates,
    )
    return _without_times(path.read_bytes())


def _plain(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Return a column in a type that the format has."""
    kind, value = frame.schema[column], pl.col(column)
    match kind:
        case pl.Boolean():
            return pl.when(value).then(pl.lit("Y")).when(~value).then(pl.lit("N")).otherwise(None)
        case pl.Datetime():
            return value.dt.strftime("%Y-%m-%dT%H:%M:%S")
        case pl.Categorical() | pl.Enum() | pl.Null():
            return value.cast(pl.String)
        case pl.Date() | pl.String():
            return value
        case _:
            return value.cast(pl.Float64).fill_nan(None)


def _without_times(data: bytes) -> bytes:
    """Return the file with its times replaced by `FIXED_TIME`."""
    content = bytearray(data)
    for record, offset in _TIMES:
        start = record * _RECORD + offset
        end = start + len(FIXED_TIME)
        if not _STAMP.match(content[start:end]):
            message = "The transport file was not written in the layout that is expected."
            raise DataError([Problem("", message, "Report this as a fault of the program.")])
        content[start:end] = FIXED_TIME
    return bytes(content)
