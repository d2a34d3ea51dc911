"""``hepatica design``: sizes, rules and operating characteristics of trials."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

design = typer.Typer(
    name="design",
    help="Sizes and power of trials, stopping rules, dose finding, and simulated trials.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Form(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


Shown = Annotated[Form, typer.Option("--format", help="How the result is printed.")]


@design.command()
def study(
    folder: Annotated[Path, typer.Argument(help="Folder with study.yaml and its block 'design'.")],
    trials: Annotated[
        int, typer.Option("--trials", min=1, help="Trials for each scenario.")
    ] = 10_000,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write a page and the numbers into.")
    ] = None,
    shown: Shown = Form.TABLE,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print results and problems only.")
    ] = False,
) -> None:
    """Simulate the planned trial under each scenario of its protocol."""
    from hepatica.cli.records import print_records
    from hepatica.cli.terminal import Terminal
    from hepatica.single.design_study import simulate_design

    terminal = Terminal(quiet=quiet or shown is not Form.TABLE)
    with terminal.working() as progress:
        found = simulate_design(folder, trials, out, progress)
    records = [asdict(one) for one in found]
    if shown is not Form.TABLE:
        print_records(records, shown.value)
        return
    for scenario in dict.fromkeys(one.scenario for one in found):
        typer.echo(f"\n{scenario}, {trials} simulated trials")
        kept = (one for one in records if one["scenario"] == scenario)
        print_records(
            [{k: v for k, v in one.items() if k not in ("scenario", "trials")} for one in kept],
            shown.value,
        )
