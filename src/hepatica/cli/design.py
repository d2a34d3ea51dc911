"""``hepatica design``: sizes, rules and operating characteristics of trials."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hepatica.cli.design_doses import boin, crm, three_plus_three
from hepatica.cli.design_proportions import (
    dropout,
    noninferiority,
    one_proportion,
    precision,
    simon,
    two_proportions,
)
from hepatica.cli.design_sequential import bop2, group_sequential, monitoring
from hepatica.cli.design_survival import landmark, one_sample_logrank, two_arm, unequal_hazards
from hepatica.cli.result_format import Format, Shown

design = typer.Typer(
    name="design",
    help="Sizes and power of trials, stopping rules, dose finding, and simulated trials.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


for _name, _command in (
    ("one-proportion", one_proportion),
    ("simon", simon),
    ("two-proportions", two_proportions),
    ("noninferiority", noninferiority),
    ("precision", precision),
    ("dropout", dropout),
    ("one-sample-logrank", one_sample_logrank),
    ("landmark", landmark),
    ("two-arm", two_arm),
    ("unequal-hazards", unequal_hazards),
    ("group-sequential", group_sequential),
    ("monitoring", monitoring),
    ("bop2", bop2),
    ("boin", boin),
    ("crm", crm),
    ("three-plus-three", three_plus_three),
):
    design.command(name=_name)(_command)


@design.command()
def study(
    folder: Annotated[Path, typer.Argument(help="Folder with study.yaml and its block 'design'.")],
    trials: Annotated[
        int, typer.Option("--trials", min=1, help="Trials for each scenario.")
    ] = 10_000,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write a page and the numbers into.")
    ] = None,
    sizes: Annotated[
        str, typer.Option("--sizes", help="Patients of each arm, for a grid: 20,24,28.")
    ] = "",
    spark: Annotated[
        bool, typer.Option("--spark", help="Spread the trials over the workers of Spark.")
    ] = False,
    master: Annotated[
        str, typer.Option("--master", help="Address of a Spark cluster; two workers here else.")
    ] = "",
    shown: Shown = Format.TABLE,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print results and problems only.")
    ] = False,
) -> None:
    """Simulate the planned trial under each scenario of its protocol."""
    from hepatica.cli.lists import counts
    from hepatica.cli.records import print_records
    from hepatica.cli.terminal import Terminal
    from hepatica.single.design_pieces import run_here, run_on_spark
    from hepatica.single.design_study import simulate_design

    terminal = Terminal(quiet=quiet or shown is not Format.TABLE)
    with terminal.working() as progress:
        found = simulate_design(
            folder,
            trials,
            out,
            progress,
            sizes=counts("--sizes", sizes),
            run=run_on_spark(master) if spark else run_here,
        )
    records = [asdict(one) for one in found]
    if shown is not Format.TABLE:
        print_records(records, shown.value)
        return
    for scenario, n in dict.fromkeys((one.scenario, one.n) for one in found):
        each = f"{n} patients in each arm, " if n is not None else ""
        typer.echo(f"\n{scenario}, {each}{trials} simulated trials")
        kept = (one for one in records if (one["scenario"], one["n"]) == (scenario, n))
        heads = ("scenario", "n", "trials")
        print_records(
            [{k: v for k, v in one.items() if k not in heads} for one in kept], shown.value
        )
