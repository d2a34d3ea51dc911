"""Opening one table on an engine: Polars by default, DuckDB or Spark when asked.

Nothing is read here but names and types: the rows stay in the file until the engine counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.errors import CommandError, DataError, Problem

ENGINES = ("polars", "duckdb", "spark")

_CSV = (".csv",)
_PARQUET = (".parquet", ".pq")
_BLOCK_ROWS = 5_000_000
_MODULES = ("narwhals", "polars", "duckdb", "_duckdb", "pyspark", "py4j")


@dataclass(frozen=True, slots=True)
class EngineTable:
    """A table on an engine.

    Attributes
    ----------
    frame : LazyFrame
        The rows, not read yet; of a CSV file every column is text.
    name : str
        File, folder or table as the reader wrote it.
    engine : str
        One of `ENGINES`.
    files : tuple of Path
        Files of the table, in order; empty for a table that Spark knows by name.
    block_rows : int
        Rows that are grouped at a time where groups are many; 0 for all at once.
    """

    frame: nw.LazyFrame[Any]
    name: str
    engine: str
    files: tuple[Path, ...]
    block_rows: int = 0


@contextmanager
def open_table(table: str, engine: str, *, master: str = "") -> Iterator[EngineTable]:
    """Open a CSV file, a Parquet file, a folder of Parquet files, or a table that Spark knows.

    Parameters
    ----------
    table : str
        Path, or with Spark the name of a table.
    engine : {"polars", "duckdb", "spark"}
        Where the rows are counted.
    master : str
        Address of a Spark cluster; two workers in this process when not given.

    Raises
    ------
    CommandError
        If the engine is unknown or not installed, or there is no such table.
    DataError
        If the engine cannot read the table; its own words, which can quote a value, are not told.
    """
    if engine not in ENGINES:
        raise CommandError(f"The engine is {', '.join(ENGINES[:-1])} or {ENGINES[-1]}.")
    if master and engine != "spark":
        raise CommandError("--master is the address of a Spark cluster: add --engine spark.")
    files, kind = _files(table, engine)
    opened: dict[str, Callable[[], Any]] = {
        "polars": lambda: _polars(files, kind),
        "duckdb": lambda: _duckdb(files, kind),
        "spark": lambda: _spark(table, files, kind, master),
    }
    with _own_words(table):
        native, close = opened[engine]()
        try:
            yield EngineTable(
                nw.from_native(native).lazy(), table, engine, files, _block_rows(engine, kind)
            )
        finally:
            close()


@contextmanager
def _own_words(table: str) -> Iterator[None]:
    """Tell an error of an engine in our words: its own can quote a recorded value."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.split(".")[0] not in _MODULES:
            raise
        raise DataError([_unreadable(table, type(error).__name__)]) from None


def _unreadable(table: str, kind: str) -> Problem:
    return Problem(
        table=Path(table).name,
        rule="The engine can read the whole table: same columns in each file, same type in each "
        "column.",
        do="Open the file in another program; export it again if it is damaged, and text as UTF-8.",
        found=f"reading stopped ({kind})",
        where=table,
    )


def _files(table: str, engine: str) -> tuple[tuple[Path, ...], str]:
    path = Path(table)
    if path.is_dir():
        found = tuple(sorted(path.rglob("*.parquet")))
        if not found:
            raise CommandError(f"{table} is a folder without a .parquet file.")
        return found, "parquet"
    if path.is_file():
        ending = path.suffix.lower()
        if ending in _CSV or ending in _PARQUET:
            return (path,), "csv" if ending in _CSV else "parquet"
        raise CommandError(f"{table}: a table is a .csv file, a .parquet file or a folder of them.")
    if engine == "spark" and not path.suffix and "/" not in table:
        return (), "name"
    raise CommandError(f"There is no file or folder {table}.")


def _polars(files: tuple[Path, ...], kind: str) -> tuple[Any, Callable[[], None]]:
    if kind == "csv":
        return pl.scan_csv(files[0], infer_schema=False), _nothing
    return pl.scan_parquet(list(files)), _nothing


def _duckdb(files: tuple[Path, ...], kind: str) -> tuple[Any, Callable[[], None]]:
    try:
        import duckdb  # noqa: PLC0415 (an extra)
    except ImportError:
        raise _not_installed("duckdb", "DuckDB") from None
    connection = duckdb.connect()
    if kind == "csv":
        read = connection.read_csv(str(files[0]), all_varchar=True, header=True, sep=",")
        return read, connection.close
    return connection.read_parquet([str(one) for one in files]), connection.close


def spark_session(master: str = "") -> tuple[Any, Callable[[], None]]:
    """Return a session of Spark, the one that runs or a new one, and what ends it.

    Parameters
    ----------
    master : str
        Address of a Spark cluster; two workers in this process when not given.

    Raises
    ------
    CommandError
        If PySpark is not installed, or Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 (an extra)
    except ImportError:
        raise _not_installed("spark", "PySpark") from None
    ours = SparkSession.getActiveSession() is None
    session = _session(SparkSession, master) if ours else SparkSession.active()
    return session, session.stop if ours else _nothing


def _spark(
    table: str, files: tuple[Path, ...], kind: str, master: str
) -> tuple[Any, Callable[[], None]]:
    session, close = spark_session(master)
    if kind == "name":
        return session.table(table), close
    paths = [str(one.resolve()) for one in files]
    reader = session.read
    return (reader.csv(paths, header=True) if kind == "csv" else reader.parquet(*paths)), close


def _session(spark: Any, master: str) -> Any:
    builder = spark.builder.master(master or "local[2]").appName("hepatica")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "8",
    }
    if not master or "//127.0.0.1:" in master:
        settings |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:
        if type(error).__module__.split(".")[0] not in _MODULES:
            raise
        raise CommandError(
            "Spark does not start. It needs Java 17 or later (JAVA_HOME), and with --master a "
            "cluster that answers at that address."
        ) from None
    session.sparkContext.setLogLevel("OFF")
    return session


def _not_installed(extra: str, name: str) -> CommandError:
    return CommandError(
        f"The engine {extra} needs {name}, which is not installed. "
        f"Install it with: pip install 'hepatica[{extra}]'."
    )


def _block_rows(engine: str, kind: str) -> int:
    # Polars jumps to a row of a Parquet file; a text file would be read from its start each time.
    return _BLOCK_ROWS if (engine, kind) == ("polars", "parquet") else 0


def _nothing() -> None:
    """Close nothing: the engine holds no connection."""
