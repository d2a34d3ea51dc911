"""The lines of a forest plot of subgroups, read from result rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.format import (
    NOT_ESTIMABLE,
    format_interval,
    format_limits,
    format_p,
    format_row,
)
from hepatica.present.lookup import subset_of
from hepatica.results import ResultRow, Results

#: Shown where a level has too few events for a hazard ratio.
TOO_FEW = "too few"


@dataclass(frozen=True, slots=True)
class SubgroupTitle:
    """A subgroup variable as readers see it.

    Attributes
    ----------
    id, label : str
        Id in the rows, and name.
    levels : tuple of str
        Its levels in order.
    """

    id: str
    label: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubgroupBlock:
    """One subgroup variable, or all patients.

    Attributes
    ----------
    label : str
        Head of the block; empty for all patients.
    lines : tuple of ForestLine
        Levels; the weight of a line is its number of patients.
    interaction : ResultRow or None
        The P value of the interaction.
    missing : ResultRow or None
        Patients without a known level.
    """

    label: str
    lines: tuple[ForestLine, ...]
    interaction: ResultRow | None = None
    missing: ResultRow | None = field(default=None)

    @property
    def interaction_text(self) -> str:
        """The P value as it stands in its column."""
        return format_row(self.interaction) if self.interaction is not None else ""

    @property
    def interaction_sentence(self) -> str:
        """The P value with its sign."""
        row = self.interaction
        if row is None:
            return ""
        return format_p(row.value) if row.value is not None else f"P {NOT_ESTIMABLE}"


def subgroup_blocks(
    results: Results,
    analysis: str,
    group: str,
    reference: str,
    titles: Sequence[SubgroupTitle],
) -> list[SubgroupBlock]:
    """Return all patients, then each subgroup variable with its levels.

    Parameters
    ----------
    results : Results
        Rows of the analysis.
    analysis : str
        Its id.
    group, reference : str
        Labels of the group and of the one that it is compared with.
    titles : sequence of SubgroupTitle
        Subgroup variables in order.
    """
    rows = results.where(analysis=analysis, variable="subgroups")
    found = {(*subset_of(r), r.level, r.reference, r.statistic): r for r in rows}
    blocks = [SubgroupBlock("", (_line(found, ("", ""), (group, reference), "All patients"),))]
    for title in titles:
        lines = tuple(
            _line(found, (title.id, level), (group, reference), level) for level in title.levels
        )
        blocks.append(
            SubgroupBlock(
                title.label,
                lines,
                found.get((title.id, "", "", "", "interaction_p_value")),
                found.get((title.id, "Missing", "", "", "n")),
            )
        )
    return blocks


_Found = dict[tuple[str, str, str, str, str], ResultRow]


def _line(found: _Found, subset: tuple[str, str], pair: tuple[str, str], label: str) -> ForestLine:
    group, reference = pair
    counts, patients, ids = [], 0.0, []
    for level in pair:
        n, events = (found.get((*subset, level, "", one)) for one in ("n", "events"))
        counts.append(
            f"{format_row(events)}/{format_row(n)}" if n is not None and events is not None else "–"
        )
        patients += (n.value or 0.0) if n is not None else 0.0
        ids += [one.id for one in (events, n) if one is not None]
    value, lower, upper = (
        found.get((*subset, group, reference, f"hazard_ratio{suffix}"))
        for suffix in ("", "_lower", "_upper")
    )
    kind = "study" if subset[0] else "total"
    if value is None or value.value is None or lower is None or upper is None:
        few = value is not None and value.message.startswith("Too few")
        return ForestLine(
            kind=kind,  # type: ignore[arg-type]
            label=label,
            counts=tuple(counts),
            shown=TOO_FEW if few else NOT_ESTIMABLE,
            row_ids=(*((value.id,) if value is not None else ()), *ids),
        )
    limits = format_interval(*format_limits(lower, upper))
    return ForestLine(
        kind=kind,  # type: ignore[arg-type]
        label=label,
        counts=tuple(counts),
        estimate=value.value,
        lower=lower.value,
        upper=upper.value,
        shown=f"{format_row(value)} ({limits})",
        weight=patients,
        row_ids=(value.id, lower.id, upper.id, *ids),
    )
