"""The commands. Heavy libraries are imported when a command runs, so that ``--help`` is quick."""

from __future__ import annotations

import signal
import sys
from enum import IntEnum, StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hepatica.cli.design import design
from hepatica.cli.registry import registry
from hepatica.cli.result_format import Format, Shown
from hepatica.cli.terminal import Terminal
from hepatica.errors import CommandError, DataError, HepaticaError, ProtocolError

app = typer.Typer(
    name="hepatica",
    help="Clinical evidence for liver cancer and other solid tumours: a study folder in, "
    "a report out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


app.add_typer(design)
app.add_typer(registry)


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    NAMED_PROBLEM = 1
    WRONG_COMMAND = 2
    FAULT = 3


class TableFormat(StrEnum):
    """How constructed tables are written."""

    CSV = "csv"
    PARQUET = "parquet"


class PooledMeasure(StrEnum):
    """What a table of extracted results measures."""

    PROPORTION = "proportion"
    RISK_RATIO = "risk_ratio"
    ODDS_RATIO = "odds_ratio"
    RISK_DIFFERENCE = "risk_difference"
    HAZARD_RATIO = "hazard_ratio"
    MEDIAN = "median"
    GENERIC = "generic"


class PoolingName(StrEnum):
    """Conventions of pooling."""

    HEPATICA = "hepatica"
    STATA = "stata"
    METAFOR = "metafor"
    META = "meta"
    REVMAN = "revman"


class Engine(StrEnum):
    """Where records are counted."""

    POLARS = "polars"
    DUCKDB = "duckdb"
    SPARK = "spark"


class ConfTypeName(StrEnum):
    """Scale of the limits of survival."""

    LOG_LOG = "log-log"
    LOG = "log"
    PLAIN = "plain"
    LOGIT = "logit"
    ARCSINE = "arcsine"


class TiesName(StrEnum):
    """Handling of tied event times."""

    EFRON = "efron"
    BRESLOW = "breslow"


Study = Annotated[Path, typer.Argument(help="Folder with study.yaml.", show_default=False)]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder to write into.", show_default=False)
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print results and problems only.")]


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"hepatica {version('hepatica')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Print the version, or show tracebacks."""


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="Folder to create.")]) -> None:
    """Write a commented study that runs, to start from."""
    from hepatica.study.new import create_study

    create_study(folder)
    Terminal().created(folder)


@app.command()
def check(
    study: Study,
    shown: Shown = Format.TABLE,
    quiet: Quiet = False,
    show_values: Annotated[
        bool,
        typer.Option("--show-values", help="Print the recorded values of failing rows, too."),
    ] = False,
) -> None:
    """Read the protocol and the tables, and list every broken rule at once."""
    from hepatica.study.check import check_study

    terminal = Terminal(quiet=quiet, show_values=show_values)
    checked = check_study(study)
    if shown is Format.TABLE:
        terminal.checked(study, checked)
    else:
        terminal.problems_as(shown.value, checked.records.problems)
    raise typer.Exit(Exit.NAMED_PROBLEM if checked.has_problems else Exit.DONE)


@app.command()
def run(
    study: Study,
    out: Out = None,
    shown: Shown = Format.TABLE,
    xpt: Annotated[
        bool, typer.Option("--xpt", help="Also write SAS transport files (version 5).")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Carry out the protocol: checked data, datasets, results, tables, figures and report."""
    from hepatica.study.run import run_study

    terminal = Terminal(quiet=quiet or shown is not Format.TABLE)
    with terminal.working() as progress:
        finished = run_study(study, out, progress, transport=xpt)
    if shown is Format.TABLE:
        terminal.ran(finished)
    else:
        terminal.rows_as(shown.value, finished.results)
    raise typer.Exit(Exit.NAMED_PROBLEM if finished.failures else Exit.DONE)


@app.command()
def plan(study: Study, out: Out = None, quiet: Quiet = False) -> None:
    """Write the statistical analysis plan: a page and a Word file, with mock tables."""
    from hepatica.study.plan import WordWriter, write_plan

    word: WordWriter | None = None
    try:
        from hepatica.present.plan.word import document_docx

        word = document_docx
    except ImportError:
        typer.echo("No Word file: install hepatica with the extra docs-out.", err=True)
    with Terminal(quiet=quiet).working() as progress:
        written = write_plan(study, out, progress, word)
    typer.echo(written)


@app.command()
def explain(
    study: Study,
    subject: Annotated[str, typer.Argument(help="USUBJID of one patient.", show_default=False)],
    reading: Annotated[
        str | None,
        typer.Option("--reading", help="A further reading of assessments.readings."),
    ] = None,
    shown: Shown = Format.TABLE,
) -> None:
    """Show one patient's path from doses and lesions to responses and times, and why."""
    from hepatica.study.explain import explain_subject

    if shown is Format.CSV:
        message = "A patient is shown as a table or as JSON: --format table or --format json."
        raise CommandError(message)
    path = explain_subject(study, subject, reading)
    Terminal().explained(path, as_json=shown is Format.JSON)


@app.command()
def simulate(
    study: Study,
    patients: Annotated[
        int | None,
        typer.Option("--patients", min=1, help="Number of patients; 100 when not given."),
    ] = None,
    out: Out = None,
    collected: Annotated[
        bool,
        typer.Option("--collected", help="As tables that a trial collects, not as datasets."),
    ] = False,
    published: Annotated[
        bool,
        typer.Option("--published", help="Patients whose margins are those of published.yaml."),
    ] = False,
    tables: Annotated[
        TableFormat, typer.Option("--tables", help="Format of the collected tables.")
    ] = TableFormat.CSV,
) -> None:
    """Write a study folder with constructed patients for a protocol, to try it before data."""
    from hepatica.study.rebuild import rebuild_study
    from hepatica.study.simulate import simulate_collected_study, simulate_study

    if published and (patients is not None or collected or tables is not TableFormat.CSV):
        message = "--published takes its patients from the courses: leave out the other options."
        raise CommandError(message)
    number = patients or 100
    if published:
        written, number = rebuild_study(study, out)
    elif collected:
        written = simulate_collected_study(study, number, out, tables=tables.value)
    else:
        written = simulate_study(study, number, out)
    Terminal().simulated(written, number)


@app.command()
def pool(
    evidence: Annotated[
        Path,
        typer.Argument(
            help="Folder with review.yaml, the plan itself, or a table.", show_default=False
        ),
    ],
    measure: Annotated[
        PooledMeasure | None,
        typer.Option("--measure", help="What a table without a plan measures."),
    ] = None,
    dialect: Annotated[
        PoolingName | None,
        typer.Option("--dialect", help="Whose conventions hold where the plan is silent."),
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Show also what each software would have said.")
    ] = False,
    out: Out = None,
    shown: Shown = Format.TABLE,
    quiet: Quiet = False,
) -> None:
    """Pool published results and runs of our own, and show how far studies differ."""
    from hepatica.single.pool import plan_of, pool_evidence

    plan = plan_of(evidence, measure.value if measure else None)
    if dialect is not None:
        plan = plan.in_dialect(dialect.value)
    terminal = Terminal(quiet=quiet or shown is not Format.TABLE)
    with terminal.working() as progress:
        pooled = pool_evidence(plan, out or plan.output, progress)
    if shown is Format.TABLE:
        terminal.pooled(pooled, compare=compare)
    else:
        terminal.rows_as(shown.value, pooled.results)


@app.command()
def survival(  # noqa: PLR0913, PLR0917 - one parameter for each option
    table: Annotated[
        str,
        typer.Argument(
            help="CSV file, Parquet file, folder of Parquet files, or a table of Spark.",
            show_default=False,
        ),
    ],
    time: Annotated[str, typer.Option("--time", help="Column of days to the event or censoring.")],
    event: Annotated[str, typer.Option("--event", help="When it is an event, such as CNSR==0.")],
    where: Annotated[
        str, typer.Option("--where", help="Records that are taken, such as PARAMCD==PFS.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Column of the groups.")] = "",
    strata: Annotated[str, typer.Option("--strata", help="Columns of the strata: A,B.")] = "",
    adjust: Annotated[str, typer.Option("--adjust", help="Covariates: AGE,AFP.")] = "",
    entry: Annotated[str, typer.Option("--entry", help="Column of the day of late entry.")] = "",
    reference: Annotated[
        str, typer.Option("--reference", help="Group that others are compared with.")
    ] = "",
    at: Annotated[str, typer.Option("--at", help="Days at which survival is given: 84,168.")] = "",
    tau: Annotated[
        float | None, typer.Option("--tau", help="Day up to which the restricted mean is taken.")
    ] = None,
    conf_type: Annotated[
        ConfTypeName, typer.Option("--conf-type", help="Scale of the limits.")
    ] = ConfTypeName.LOG_LOG,
    conf_level: Annotated[float, typer.Option("--conf-level", help="Confidence level.")] = 0.95,
    ties: Annotated[TiesName, typer.Option("--ties", help="Tied event times.")] = TiesName.EFRON,
    engine: Annotated[
        Engine, typer.Option("--engine", help="Where records are counted.")
    ] = Engine.POLARS,
    master: Annotated[str, typer.Option("--master", help="Address of a Spark cluster.")] = "",
    out: Out = None,
    shown: Shown = Format.TABLE,
    quiet: Quiet = False,
) -> None:
    """Estimate and compare survival in one table of any size."""
    from hepatica.cli.lists import days, names
    from hepatica.single.survival import survival as survival_of
    from hepatica.single.survival_request import SurvivalRequest

    asked = SurvivalRequest(
        table=table,
        time=time,
        event=event,
        where=where,
        by=by,
        strata=names(strata),
        adjust=names(adjust),
        entry=entry,
        reference=reference,
        at=days("--at", at),
        tau=tau,
        conf_type=conf_type.value,
        conf_level=conf_level,
        ties=ties.value,
        engine=engine.value,
        master=master,
    )
    terminal = Terminal(quiet=quiet or shown is not Format.TABLE)
    with terminal.working() as progress:
        found = survival_of(asked, out, progress)
    if shown is Format.TABLE:
        terminal.survived(found)
    else:
        terminal.rows_as(shown.value, found.results)


def main() -> None:
    """Run the command line and exit with its code."""
    debug = "--debug" in sys.argv
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    except HepaticaError as error:
        if debug:
            raise
        _tell(error)
        code = Exit.NAMED_PROBLEM if isinstance(error, DataError) else Exit.WRONG_COMMAND
        raise SystemExit(code) from None
    except KeyboardInterrupt:
        if debug:
            raise
        Terminal(on_error=True).refused("Stopped. Nothing was written.")
        raise SystemExit(130) from None
    # The text of an error that was not foreseen may hold a recorded value.
    except Exception as error:
        if debug:
            raise
        _fault(error)


def _tell(error: HepaticaError) -> None:
    machine = bool({Format.JSON.value, Format.CSV.value} & _formats(sys.argv))
    terminal = Terminal(on_error=machine)
    match error:
        case ProtocolError():
            terminal.protocol_problems(error)
        case DataError():
            terminal.data_problems(error)
        case _:
            terminal.refused(str(error))


def _formats(words: list[str]) -> set[str]:
    """Return what follows ``--format``, as a word of its own or after an equals sign."""
    joined = {word.removeprefix("--format=") for word in words if word.startswith("--format=")}
    return joined | {after for word, after in pairwise(words) if word == "--format"}


def _fault(error: Exception) -> NoReturn:
    terminal = Terminal(on_error=True)
    if isinstance(error, OSError):
        reason = error.strerror or "no reason is known"
        terminal.refused(f"A file or the output cannot be read or written: {reason}.")
        raise SystemExit(Exit.WRONG_COMMAND) from None
    terminal.refused(
        f"This is a fault of Hepatica ({type(error).__name__}), not of the study. With "
        "'hepatica --debug' it shows where; that text may hold recorded values of patients."
    )
    raise SystemExit(Exit.FAULT) from None


def _terminated(_signal: int, _frame: object) -> NoReturn:
    """End as an exception does, so that folders in the making are removed."""
    raise SystemExit(128 + signal.SIGTERM)
