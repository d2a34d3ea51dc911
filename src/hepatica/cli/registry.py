"""``hepatica registry``: records in, records out, and what changed between two accounts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hepatica.cli.result_format import Format, Shown
from hepatica.errors import CommandError

registry = typer.Typer(
    name="registry",
    help="Registry records: begin a protocol, write a record, compare two accounts.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


Record = Annotated[
    Path,
    typer.Argument(help="Registry record: JSON (API version 2), CSV export, or lines of text."),
]
Number = Annotated[
    str | None, typer.Option("--id", help="Number of the record, where the file holds several.")
]


@registry.command()
def read(
    record: Record,
    out: Annotated[Path, typer.Option("--out", help="Study folder to create.")],
    number: Number = None,
) -> None:
    """Begin a study folder from a registry record, and list what could not be taken over."""
    from hepatica.single.registry import begin_study

    skeleton = begin_study(record, out, number)
    for note in skeleton.notes:
        typer.echo(f"! {note}")
    typer.echo(f"Wrote a protocol that validates: {out / 'study.yaml'}")
    typer.echo(f"Next: hepatica simulate {out} --collected")


@registry.command()
def write(
    study: Annotated[Path, typer.Argument(help="Folder with study.yaml.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write into.")],
    shown: Shown = Format.TABLE,
) -> None:
    """Write registry.json (API version 2) and the items of the WHO data set from a protocol."""
    from hepatica.cli.records import print_records
    from hepatica.single.registry import write_registration

    items = write_registration(study, out)
    print_records([asdict(one) for one in items], shown.value)
    missing = [one.name for one in items if not one.value]
    if missing and shown is Format.TABLE:
        typer.echo(f"To be filled in: {'; '.join(missing)}.", err=True)


@registry.command()
def compare(
    before: Annotated[
        Path, typer.Argument(help="Registry record, study folder, or folder of a finished report.")
    ],
    after: Annotated[Path, typer.Argument(help="What it is compared with; the same kinds.")],
    number: Number = None,
    shown: Shown = Format.TABLE,
) -> None:
    """List outcomes added, dropped or switched, and changed time frames and sizes.

    The exit code is 1 where anything was added, dropped, switched or changed.
    """
    from hepatica.cli.records import print_records
    from hepatica.single.registry import compare_accounts

    found = compare_accounts(before, after, number)
    print_records([asdict(one) for one in found], shown.value)
    raise typer.Exit(int(any(one.verdict not in ("same", "not told") for one in found)))


@registry.command()
def fetch(
    number: Annotated[str, typer.Argument(help="Number at ClinicalTrials.gov, NCT and 8 digits.")],
    out: Annotated[Path, typer.Option("--out", help="File to write.")],
    online: Annotated[
        bool, typer.Option("--online", help="Allow this command to use the network.")
    ] = False,
) -> None:
    """Save one record of ClinicalTrials.gov; nothing but its number leaves the machine."""
    from hepatica.single.registry_fetch import fetch_record

    if not online:
        message = "This command uses the network. Add --online to allow it."
        raise CommandError(message)
    fetch_record(number, out)
    typer.echo(f"Wrote {out}")
