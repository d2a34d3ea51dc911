"""What the terminal shows. Signs, words and colours together; plain where colours are not had."""

from __future__ import annotations

import csv
import io
import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from hepatica.errors import DataError, Problem, ProtocolError, counted

if TYPE_CHECKING:
    from rich.console import Console

    from hepatica.present.explain import PatientPath
    from hepatica.results import Results
    from hepatica.single.pool import PooledEvidence
    from hepatica.single.survival import SurvivalFound
    from hepatica.study.check import Checked
    from hepatica.study.run import Finished

_WIDTH = 80
_SHOWN = 5
_LABEL = 9


class Terminal:
    """Renders answers on standard output and progress on the error stream.

    Parameters
    ----------
    quiet : bool
        Leave out everything but results and problems.
    on_error : bool
        Answer on the error stream, so that standard output holds nothing but JSON or CSV.
    show_values : bool
        Print the recorded values of failing rows, too.
    """

    def __init__(
        self, *, quiet: bool = False, on_error: bool = False, show_values: bool = False
    ) -> None:
        from rich.console import Console

        self._quiet = quiet
        self._show_values = show_values
        stream = sys.stderr if on_error else sys.stdout
        encoding = (getattr(stream, "encoding", None) or "ascii").lower()
        if not encoding.startswith("utf"):
            _reconfigure(stream, errors="backslashreplace")
        self._out: Console = Console(highlight=False, markup=True, soft_wrap=True, stderr=on_error)
        self._err: Console = Console(stderr=True, highlight=False)
        self._signs = (
            {"ok": "✓", "problem": "✗", "note": "!"}
            if encoding.startswith("utf")
            else {"ok": "ok", "problem": "x", "note": "!"}
        )
        self._none = "·" if encoding.startswith("utf") else "-"

    @contextmanager
    def working(self) -> Iterator[Callable[[str, float], None]]:
        """Show what is being done: a bar on a terminal, plain lines elsewhere."""
        if self._quiet:
            yield lambda _text, _share: None
        elif self._err.is_terminal:
            from rich.progress import BarColumn, Progress, TextColumn

            columns = (BarColumn(bar_width=24), TextColumn("{task.description}", markup=False))
            with Progress(*columns, console=self._err, transient=True) as bar:
                task = bar.add_task("", total=1.0)
                yield lambda text, share: bar.update(
                    task, description=_printable(text), completed=share
                )
        else:
            yield lambda text, _share: print(text, file=sys.stderr)  # noqa: T201

    def created(self, folder: Path) -> None:
        """Say which study was written, and the next command."""
        self._line(f"Wrote a study that runs: [bold]{_safe(folder)}/study.yaml[/]")
        self._next(f"hepatica run {folder}")

    def simulated(self, folder: Path, patients: int) -> None:
        """Say where the constructed patients are, and the next command."""
        self._line(f"Wrote {counted(patients, 'constructed patient')}: [bold]{_safe(folder)}[/]")
        self._next(f"hepatica run {folder}")

    def checked(self, study: Path, checked: Checked) -> None:
        """Show each table with its checks, every problem, and the next command."""
        if not self._quiet:
            self._study_line(checked)
            self._table_lines(checked)
        self._problem_blocks(checked.records.problems)
        self._rule()
        self._line(_tally(checked.records.problems, checked.passed, checked.checks))
        if checked.has_problems:
            self._line("[dim]Nothing was changed. After the corrections:[/]", end=" ")
        self._next(f"hepatica run {study}")

    def ran(self, finished: Finished) -> None:
        """Show what was found and where the report is."""
        if not self._quiet:
            self._problem_blocks(finished.notes)
            for failure in finished.failures:
                self._line(f"[red]{self._signs['problem']} analysis[/] {_safe(failure)}")
            self._line(_safe(finished.summary))
            self._line("")
        self._line(f"[bold]{_safe(finished.report)}[/]")

    def problems_as(self, form: str, problems: tuple[Problem, ...]) -> None:
        """Print problems as JSON or CSV."""
        rows = [
            asdict(problem) | {"subjects": list(problem.subjects), "values": list(problem.values)}
            for problem in problems
        ]
        names = [field.name for field in fields(Problem)]
        if not self._show_values:
            names.remove("values")
            rows = [{name: row[name] for name in names} for row in rows]
        if form == "json":
            self._raw(json.dumps(rows, ensure_ascii=False, indent=1))
            return
        text = io.StringIO()
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        joint = {"subjects": " ", "values": "; "}
        for row in rows:
            lists = {name: joint[name].join(row[name]) for name in joint if name in row}
            writer.writerow(row | lists)
        self._raw(text.getvalue().rstrip("\r\n"))

    def rows_as(self, form: str, results: Results) -> None:
        """Print result rows as JSON or CSV."""
        frame = results.to_polars()
        self._raw(frame.write_json() if form == "json" else frame.write_csv().rstrip("\n"))

    def explained(self, path: PatientPath, *, as_json: bool) -> None:
        """Show the path of one patient."""
        from hepatica.present.explain_text import path_json, path_lines

        if as_json:
            self._raw(json.dumps(path_json(path), ensure_ascii=False, indent=1))
            return
        for line in path_lines(path):
            heading = bool(line) and not line.startswith(" ")
            self._line(f"[bold]{_safe(line)}[/]" if heading else _safe(line))

    def pooled(self, pooled: PooledEvidence, *, compare: bool = False) -> None:
        """Show each outcome with its studies and pooled estimate, and where the outputs are."""
        from hepatica.present.dialects_text import dialect_lines
        from hepatica.present.pooling_text import pooled_lines

        if not self._quiet:
            self._problem_blocks(pooled.notes)
        lines = list(pooled_lines(pooled.results, pooled.review))
        if compare:
            lines += dialect_lines(pooled.results, pooled.review)
        for line in lines:
            heading = bool(line) and not line.startswith(" ")
            self._line(f"[bold]{_safe(line)}[/]" if heading else _safe(line))
        if pooled.out is not None:
            self._line(f"[bold]{_safe(pooled.out)}[/]")

    def survived(self, found: SurvivalFound) -> None:
        """Show the groups of a table and how they compare."""
        from hepatica.present.survival_text import survival_lines

        self._problem_blocks(found.notes)
        lines = list(survival_lines(found.results, analysis="survival", event=found.asked.event))
        last = max(place for place, line in enumerate(lines) if not line)
        for place, line in enumerate(lines):
            style = "bold" if not place else "dim" if place > last else ""
            self._line(f"[{style}]{_safe(line)}[/]" if style else _safe(line))
        if found.out is not None:
            self._line("")
            self._line(f"[bold]{_safe(found.out)}[/]")

    def protocol_problems(self, error: ProtocolError) -> None:
        """Show every fault of the protocol with its place."""
        head = counted(len(error.problems), "problem")
        self._line(
            f"[red]{self._signs['problem']} protocol[/] [bold]{_safe(error.file)}[/]  {head}"
        )
        for problem in error.problems:
            at = f"  [dim]line {problem.line}[/]" if problem.line else ""
            self._line(f"  [bold]{_safe(problem.path)}[/]{at}")
            self._wrapped(problem.message, indent=4)
        self._line("")
        self._line("[dim]Nothing was read and nothing was written.[/]")

    def data_problems(self, error: DataError) -> None:
        """Show every problem of the tables."""
        self._problem_blocks(error.problems)
        self._rule()
        self._line(_tally(error.problems, None, None))
        self._line("[dim]Nothing was written.[/]")

    def refused(self, message: str) -> None:
        """Say why a command was not carried out."""
        self._line(f"[red]{self._signs['problem']} stopped[/]", end="  ")
        self._line(_safe(message))

    def _study_line(self, checked: Checked) -> None:
        study = checked.protocol.study
        words = [f"phase {study.phase}"] if study.phase else []
        words.append(counted(len(checked.protocol.arms), "arm"))
        badge = "" if study.data_status == "confirmed" else f"[reverse yellow] {study.data_status} "
        badge += "patients [/]" if study.data_status == "constructed" else ("[/]" if badge else "")
        self._line(f"[bold]{_safe(study.id)}[/]  {', '.join(words)}  {badge}")
        self._line("")

    def _table_lines(self, checked: Checked) -> None:
        head = f"{'':4}{'table':10}{'rows':>8}{'checks':>9}{'problems':>11}{'notes':>8}"
        self._line(f"[dim]{head}[/]")
        for name, table in checked.records.tables.items():
            own = [one for one in checked.records.problems if one.table == name]
            problems = sum(one.severity == "problem" for one in own)
            notes = len(own) - problems
            sign = "problem" if problems else "note" if notes else "ok"
            colour = {"problem": "red", "note": "yellow", "ok": "green"}[sign]
            self._line(
                f"[{colour}]{self._signs[sign]:4}[/]{name:10}{table.rows:>8}{table.checks:>9}"
                f"{problems or self._none:>11}{notes or self._none:>8}"
            )
        self._line("")

    def _problem_blocks(self, problems: tuple[Problem, ...]) -> None:
        for problem in problems:
            colour = "red" if problem.severity == "problem" else "yellow"
            sign = self._signs[problem.severity]
            place = problem.table + (f".{problem.column}" if problem.column else "")
            self._line(f"[{colour}]{sign} {problem.severity}[/] [bold]{_safe(place)}[/]")
            self._wrapped(problem.rule, indent=2)
            for label, text in (
                ("found", problem.found),
                ("who", shown_subjects(problem.subjects)),
                ("where", problem.where),
                ("do", problem.do),
            ):
                if text:
                    self._labelled(label, text)
            if self._show_values:
                for number, value in enumerate(problem.values):
                    self._labelled("" if number else "values", value)
            self._line("")

    def _labelled(self, label: str, text: str) -> None:
        lines = textwrap.wrap(
            _printable(text), _WIDTH - _LABEL - 2, break_on_hyphens=False, break_long_words=False
        )
        for place, line in enumerate(lines):
            shown = f"[dim]{label:{_LABEL}}[/]" if place == 0 else " " * _LABEL
            self._line(f"  {shown}{_safe(line)}")

    def _wrapped(self, text: str, indent: int) -> None:
        for line in textwrap.wrap(_printable(text), _WIDTH - indent, break_on_hyphens=False):
            self._line(" " * indent + _safe(line))

    def _rule(self) -> None:
        self._line("[dim]" + ("─" if self._none == "·" else "-") * (_WIDTH - 8) + "[/]")

    def _next(self, command: str) -> None:
        if not self._quiet:
            self._line(f"[dim]Next:[/] [bold]{_safe(command)}[/]")

    def _line(self, text: str, end: str = "\n") -> None:
        self._out.print(text, end=end)

    def _raw(self, text: str) -> None:
        # JSON and CSV are files in the making: UTF-8 whatever the terminal can show.
        _reconfigure(sys.stdout, encoding="utf-8")
        self._out.out(text, highlight=False)


def _reconfigure(stream: object, *, encoding: str | None = None, errors: str | None = None) -> None:
    """Change how a stream encodes; streams that stand in for one in a test may not know how."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding=encoding, errors=errors)


def shown_subjects(subjects: tuple[str, ...]) -> str:
    """Return the first subjects and how many more there are.

    Examples
    --------
    >>> shown_subjects(("S1", "S2", "S3", "S4", "S5", "S6"))
    'S1, S2, S3, S4, S5 and 1 more'
    """
    more = f" and {len(subjects) - _SHOWN} more" if len(subjects) > _SHOWN else ""
    return ", ".join(subjects[:_SHOWN]) + more


def _tally(problems: tuple[Problem, ...], passed: int | None, checks: int | None) -> str:
    bad = sum(one.severity == "problem" for one in problems)
    words = [counted(bad, "problem") if bad else "No problems"]
    if len(problems) > bad:
        words.append(counted(len(problems) - bad, "note"))
    if passed is not None:
        words.append(f"{passed} of {checks} checks passed")
    return ", ".join(words)


def _printable(text: object) -> str:
    """Drop control characters, which a file name or label could hold."""
    return "".join(sign if sign.isprintable() else " " for sign in str(text))


def _safe(text: object) -> str:
    """Return the text with brackets that rich would read as markup made plain."""
    from rich.markup import escape

    return escape(_printable(text))
