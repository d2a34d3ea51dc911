"""Options that the design commands share, and how their answers are shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hepatica.cli.lists import names
from hepatica.cli.result_format import Format
from hepatica.errors import CommandError

if TYPE_CHECKING:
    from hepatica.present.design_answer import DesignAnswer, Record


Out = Annotated[
    Path | None,
    typer.Option("--out", help="Folder to write design.json, a page and a figure into."),
]
Null = Annotated[float, typer.Option("--null", help="Rate to be exceeded, such as 0.65.")]
Alternative = Annotated[float, typer.Option("--alternative", help="Rate that is hoped for.")]
Alpha = Annotated[float, typer.Option("--alpha", help="Significance level, of all sides.")]
Power = Annotated[float, typer.Option("--power", help="Power that is wanted.")]
Sides = Annotated[int, typer.Option("--sides", help="Sides of the test: 2 or 1.")]
Also = Annotated[
    str, typer.Option("--also", help="Further alternatives in the figure, such as 0.75,0.85.")
]
Allocation = Annotated[
    float, typer.Option("--allocation", help="Treatment patients for each control patient.")
]
Accrual = Annotated[
    float, typer.Option("--accrual", help="Months of enrolment; 0 when all come at once.")
]
FollowUpTime = Annotated[
    float, typer.Option("--follow-up", help="Months from the last patient to the analysis.")
]
Dropout = Annotated[float, typer.Option("--dropout", help="Share lost by --dropout-at, such as .1")]
DropoutAt = Annotated[
    float, typer.Option("--dropout-at", help="Months by which the share is lost.")
]
Ramp = Annotated[
    str,
    typer.Option("--ramp", help="Speeds of enrolment from months on: 0:1,6:2. Even without it."),
]
Looks = Annotated[str, typer.Option("--looks", help="Patients at each look: 10,20,30,40.")]
Prior = Annotated[str, typer.Option("--prior", help="Beta prior: events,others.")]
TrueRates = Annotated[
    str, typer.Option("--rates", help="True toxicity rates of the doses, rising: 0.05,0.15,0.3.")
]
Cohorts = Annotated[int, typer.Option("--cohorts", min=1, help="Most cohorts of a trial.")]
CohortSize = Annotated[int, typer.Option("--cohort-size", min=1, help="Patients of a cohort.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of the simulated trials.")]


def numbers(option: str, text: str) -> tuple[float, ...]:
    """Return the numbers of a list.

    Examples
    --------
    >>> numbers("--also", "0.75, 0.85"), numbers("--also", "")
    ((0.75, 0.85), ())
    """
    try:
        return tuple(float(one) for one in names(text))
    except ValueError:
        message = f"{option} takes numbers parted by commas, such as {option} 0.75,0.85."
        raise CommandError(message) from None


def counts(option: str, text: str) -> tuple[int, ...]:
    """Return the whole numbers of a list.

    Examples
    --------
    >>> counts("--looks", "10,20")
    (10, 20)
    """
    try:
        return tuple(int(one) for one in names(text))
    except ValueError:
        message = f"{option} takes whole numbers parted by commas, such as {option} 10,20,30."
        raise CommandError(message) from None


def pair(option: str, text: str) -> tuple[float, float]:
    """Return two numbers.

    Examples
    --------
    >>> pair("--weights", "0,1")
    (0.0, 1.0)
    """
    found = numbers(option, text)
    if len(found) != 2:
        message = f"{option} takes two numbers parted by a comma, such as {option} 0,1."
        raise CommandError(message)
    return found[0], found[1]


def show(answer: DesignAnswer, shown: Format, out: Path | None) -> None:
    """Print a design and write its files where a folder is named."""
    from hepatica.cli.records import print_records
    from hepatica.single.design import answer_record, write_answer

    if out is not None:
        write_answer(answer, out)
    if shown is Format.JSON:
        typer.echo(json.dumps(answer_record(answer), ensure_ascii=False, indent=1))
    elif shown is Format.CSV:
        print_records(answer.rows or (answer.found,), shown.value)
    else:
        _table(answer)
        if out is not None:
            typer.echo(f"Wrote {out}")


def _table(answer: DesignAnswer) -> None:
    from hepatica.cli.records import print_records
    from hepatica.present.design_words import words_of

    def listed(record: Record) -> list[dict[str, object]]:
        return [{"what": words_of(name), "value": value} for name, value in record.items()]

    typer.echo(answer.title)
    if answer.found:
        typer.echo("")
        print_records(listed(answer.found), Format.TABLE.value)
    if answer.rows:
        typer.echo("")
        # Long heads would be broken within a word.
        short = [
            {name.replace("_alternative", "_alt."): value for name, value in row.items()}
            for row in answer.rows
        ]
        print_records(short, Format.TABLE.value)
    typer.echo("\nAssumed")
    print_records(listed(answer.asked), Format.TABLE.value)
    for note in answer.notes:
        typer.echo(f"\n{note}")
