"""Simulated trials in pieces: the same blocks, carried out here or on the workers of Spark."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from hepatica.records.engines import spark_session
from hepatica.stats.design import (
    SingleArmTrials,
    SurvivalShape,
    TrialPlan,
    TwoArmTrials,
    analyse_single_arm,
    analyse_two_arms,
    block_sizes,
    trial_block,
)

#: Called with the share of the work that is done.
Done = Callable[[float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One trial that is simulated many times, and how it is analysed.

    Attributes
    ----------
    plan : TrialPlan
        What is assumed.
    seed : int
        Seed of all blocks.
    conf_level : float
        Confidence level of limits.
    null : SurvivalShape, optional
        What a single arm is tested against; without it two arms are compared.
    landmark : float
        Day at which the rate is read.
    null_response : float, optional
        Response rate before.
    """

    plan: TrialPlan
    seed: int
    conf_level: float
    null: SurvivalShape | None = None
    landmark: float = 1.0
    null_response: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Analysed:
    """The results of a block: of a single arm, or of two arms for both endpoints."""

    alone: SingleArmTrials | None = None
    pfs: TwoArmTrials | None = None
    os: TwoArmTrials | None = None


#: A block of a task: the task, its number and its trials.
Piece = tuple[Task, int, int]
#: Carries out all blocks of all tasks, and returns them task by task.
Runner = Callable[[list[Task], int, Done], list[list[Analysed]]]


def run_here(tasks: list[Task], trials: int, done: Done) -> list[list[Analysed]]:
    """Carry out the blocks one after the other in this process."""
    pieces = _pieces(tasks, trials)
    found = []
    for number, piece in enumerate(pieces, start=1):
        found.append(analysed_piece(piece))
        done(number / len(pieces))
    return _by_task(found, len(tasks))


def run_on_spark(master: str = "") -> Runner:
    """Return what carries out the blocks on the workers of Spark.

    Parameters
    ----------
    master : str
        Address of a cluster, whose workers have Hepatica installed; two workers in this process
        when not given.
    """

    def run(tasks: list[Task], trials: int, done: Done) -> list[list[Analysed]]:
        pieces = _pieces(tasks, trials)
        session, close = spark_session(master)
        context = session.sparkContext
        if not master:
            # Workers of this machine run the Python that has Hepatica, not the one found first.
            context.pythonExec = sys.executable
        try:
            spread = context.parallelize(pieces, len(pieces))
            found: list[Analysed] = spread.map(analysed_piece).collect()
        finally:
            close()
        done(1.0)
        return _by_task(found, len(tasks))

    return run


def analysed_piece(piece: Piece) -> Analysed:
    """Return the analysed trials of one block."""
    task, number, trials = piece
    records = trial_block(task.plan, trials, task.seed, number)
    if task.null is not None:
        return Analysed(
            alone=analyse_single_arm(
                records,
                task.null,
                landmark=task.landmark,
                null_response=task.null_response,
                conf_level=task.conf_level,
            )
        )
    return Analysed(
        pfs=analyse_two_arms(records, endpoint="pfs", conf_level=task.conf_level),
        os=analyse_two_arms(records, endpoint="os", conf_level=task.conf_level),
    )


def _pieces(tasks: list[Task], trials: int) -> list[Piece]:
    return [
        (task, number, size) for task in tasks for number, size in enumerate(block_sizes(trials))
    ]


def _by_task(found: list[Analysed], tasks: int) -> list[list[Analysed]]:
    each = len(found) // tasks
    return [found[at * each : (at + 1) * each] for at in range(tasks)]
