"""What must hold between the parts of a protocol: references, order, and what belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hepatica.protocol.analyses import AgreementAnalysis, ResponseAnalysis
from hepatica.protocol.analysis_checks import check_analyses
from hepatica.protocol.biomarker_checks import check_biomarkers
from hepatica.protocol.conditions import Condition, condition_columns
from hepatica.protocol.data import ColumnSource
from hepatica.protocol.design_checks import check_design
from hepatica.protocol.eligibility_checks import check_eligibility
from hepatica.protocol.endpoint_checks import check_endpoints
from hepatica.protocol.findings import Finding, not_among, repeated, unknown_id
from hepatica.protocol.imputation_checks import check_imputation
from hepatica.protocol.model import AdverseEvents, Assessments, Protocol
from hepatica.protocol.names import Names
from hepatica.protocol.nodes import Path, path_text
from hepatica.protocol.occurrence import RECORDS
from hepatica.protocol.purposes import purpose
from hepatica.protocol.reading import MAIN
from hepatica.protocol.sheet_checks import check_best_responses, check_response_readings
from hepatica.protocol.treatment import DoseByWeight, Treatment
from hepatica.protocol.variables import Variable


def check_protocol(protocol: Protocol, names: Names) -> Iterator[Finding]:
    """Check what must hold between the parts of a protocol.

    Parameters
    ----------
    protocol : Protocol
        A protocol, or what could be read of one.
    names : Names
        All ids of the file.

    Returns
    -------
    iterator of (path, str)
        Place and sentence of everything that does not hold.
    """
    yield from _identification(protocol)
    yield from _data(protocol)
    yield from _arms(protocol, names)
    for position, treatment in enumerate(protocol.treatments):
        yield from _treatment(treatment, ("treatments", position))
    yield from _analysis_sets(protocol)
    yield from _made_later(protocol)
    yield from check_eligibility(protocol)
    yield from _assessments(protocol)
    yield from _adverse_events(protocol)
    yield from check_best_responses(protocol)
    yield from check_endpoints(protocol, names)
    yield from _variables(protocol)
    yield from check_biomarkers(protocol, names)
    yield from check_imputation(protocol.imputation, protocol.biomarkers, names)
    yield from check_design(protocol, names)
    yield from check_analyses(protocol, names)
    yield from check_response_readings(protocol)
    listings = ((name, ("listings", n)) for n, name in enumerate(protocol.listings))
    yield from repeated("listing", listings, "List it once.")


def check_names(names: Names) -> Iterator[Finding]:
    """Find ids that stand for two things; the places are those of the file.

    Examples
    --------
    >>> places = [("a", ("arms", 0, "id")), ("a", ("arms", 1, "id"))]
    >>> list(check_names(Names({"arm": places})))
    [(('arms', 1, 'id'), "The id 'a' already names an arm, arms[0]. Choose another.")]
    """
    for kind, name, path, first in names.repeated():
        article = "an" if kind[0] in "ae" else "a"
        place = path_text(first[:-1])
        yield path, f"The id '{name}' already names {article} {kind}, {place}. Choose another."


def _identification(protocol: Protocol) -> Iterator[Finding]:
    study = protocol.study
    if study.data_status == "constructed" and not study.status_note:
        yield (
            ("study", "status_note"),
            "Missing: what the constructed patients are, as sentences printed on every page.",
        )


def _data(protocol: Protocol) -> Iterator[Finding]:
    tables = protocol.data.tables
    sheet = tables.get("PATIENTS")
    if not {"ADSL", "PATIENTS", "DM"} & set(tables):
        message = "One row for each subject is needed: add the table ADSL, PATIENTS or DM."
        yield ("data", "tables"), message
    for name, table in tables.items():
        for ours, column in table.columns.items():
            place = ("data", "tables", name, "columns", ours, "name")
            if column.type == "row" and column.name:
                yield place, "The number of the row has no name in the file. Remove the key."
            elif column.type != "row" and not column.name:
                yield place, f"Missing: {purpose(ColumnSource, 'name')}"
    if sheet is not None and "USUBJID" not in sheet.columns:
        yield (
            ("data", "tables", "PATIENTS", "columns"),
            "Name the column that identifies the patient, for example {USUBJID: PATIENT_ID}.",
        )


def _arms(protocol: Protocol, names: Names) -> Iterator[Finding]:
    for position, arm in enumerate(protocol.arms):
        for n, name in enumerate(arm.treatments):
            place = ("arms", position, "treatments", n)
            yield from unknown_id(names, "treatment", name, place)
    labels = ((arm.label, ("arms", n, "label")) for n, arm in enumerate(protocol.arms))
    yield from repeated("label", labels)
    values = (
        (str(arm.value), ("arms", n, "value"))
        for n, arm in enumerate(protocol.arms)
        if arm.value is not None
    )
    yield from repeated("value", values)


def _treatment(treatment: Treatment, path: Path) -> Iterator[Finding]:
    schedule = treatment.schedule
    if schedule.last_day < schedule.first_day:
        message = f"The last day comes before first_day, which is {schedule.first_day}."
        yield (*path, "schedule", "last_day"), message
    elif schedule.last_day > schedule.cycle_days:
        message = f"The last day lies after the end of the cycle, day {schedule.cycle_days}."
        yield (*path, "schedule", "last_day"), message
    if treatment.dose is None and not treatment.dose_by_weight:
        yield path, "Give the dose: dose, or dose_by_weight."
    if treatment.dose is not None and treatment.dose_by_weight:
        yield (*path, "dose_by_weight"), "Give dose or dose_by_weight, not both."
    if treatment.dose_by_weight:
        yield from _weights(treatment.dose_by_weight, (*path, "dose_by_weight"))
    yield from _reductions(treatment, path)


def _weights(bands: tuple[DoseByWeight, ...], path: Path) -> Iterator[Finding]:
    """Find gaps and overlaps of weight bands, which together cover every body weight."""
    ordered = sorted(bands, key=lambda band: band.at_least or 0.0)
    if ordered[0].at_least is not None:
        yield path, f"No dose is given below {ordered[0].at_least:g} kg. Leave out its at_least."
    for lower, upper in pairwise(ordered):
        start = upper.at_least or 0.0
        if lower.below is None or lower.below > start:
            yield (
                path,
                f"Two doses are given at {start:g} kg. Let one band end where the next begins.",
            )
        elif lower.below < start:
            yield path, f"No dose is given from {lower.below:g} to {start:g} kg."
    if ordered[-1].below is not None:
        yield path, f"No dose is given from {ordered[-1].below:g} kg on. Leave out its below."


def _reductions(treatment: Treatment, path: Path) -> Iterator[Finding]:
    before = treatment.dose
    for position, reduction in enumerate(treatment.reductions):
        dose = reduction.dose
        place = (*path, "reductions", position, "dose")
        if before is not None and dose.unit != before.unit:
            yield (*place, "unit"), f"The dose before it is in {before.unit}. Use the same unit."
        elif before is not None and dose.amount >= before.amount:
            message = f"A reduction is below the dose before it, {before.amount:g} {before.unit}."
            yield (*place, "amount"), message
        before = dose


def _analysis_sets(protocol: Protocol) -> Iterator[Finding]:
    sets = enumerate(protocol.analysis_sets)
    yield from repeated("flag", ((one.flag, ("analysis_sets", n, "flag")) for n, one in sets))


def _made_later(protocol: Protocol) -> Iterator[Finding]:
    """Find sets that wait for a column which is made from datasets that wait for the sets."""
    made = {one.column: one.id for one in protocol.variables if one.occurs is not None}
    conditions: list[tuple[Path, Condition | None]] = [
        (("analysis_sets", n, "where"), one.where) for n, one in enumerate(protocol.analysis_sets)
    ]
    if protocol.screening is not None:
        conditions.append((("screening", "failure"), protocol.screening.failure))
    conditions += [
        (("eligibility", n, "where"), one.where) for n, one in enumerate(protocol.eligibility)
    ]
    for path, condition in conditions:
        for column in condition_columns(condition) if condition is not None else ():
            if column in made:
                message = f"{column} is made by the variable {made[column]}, after the sets."
                yield path, f"{message} Use a column of the subject-level records."


def _assessments(protocol: Protocol) -> Iterator[Finding]:
    plan = protocol.assessments
    if plan is None:
        pass
    elif not plan.has_visits and not plan.best_responses:
        yield ("assessments", "every_days"), f"Missing: {purpose(Assessments, 'every_days')}"
    elif plan.has_visits and plan.window_days >= plan.every_days:
        message = f"The window has to be shorter than the interval of {plan.every_days} days."
        yield ("assessments", "window_days"), message
    yield from _readings(protocol)


def _adverse_events(protocol: Protocol) -> Iterator[Finding]:
    coding = protocol.adverse_events
    if coding is None or "PATIENTS" in protocol.data.tables:
        return
    if coding.follow_up_days is None:
        message = f"Missing: {purpose(AdverseEvents, 'follow_up_days')}"
        yield ("adverse_events", "follow_up_days"), message


def _readings(protocol: Protocol) -> Iterator[Finding]:
    """Check that further readings have different ids, and that those asked for are there."""
    known = protocol.assessments.readings if protocol.assessments else ()
    path: Path = ("assessments", "readings")
    yield from repeated("reading", ((one.id, (*path, n, "id")) for n, one in enumerate(known)))
    for n, one in enumerate(known):
        if one.id == MAIN:
            message = f"The id {MAIN} is that of the assessments themselves. Choose another."
            yield (*path, n, "id"), message
    names = [one.id for one in known]
    for place, wanted, allowed in _readings_asked_for(protocol, names):
        yield from not_among("reading", wanted, allowed, place)


def _readings_asked_for(
    protocol: Protocol, names: list[str]
) -> Iterator[tuple[Path, str, list[str]]]:
    for n, endpoint in enumerate(protocol.endpoints):
        if endpoint.reading is not None:
            yield ("endpoints", n, "reading"), endpoint.reading, names
    for n, analysis in enumerate(protocol.analyses):
        if isinstance(analysis, ResponseAnalysis) and analysis.reading is not None:
            yield ("analyses", n, "reading"), analysis.reading, names
        elif isinstance(analysis, AgreementAnalysis):
            for place, one in enumerate(analysis.readings):
                yield ("analyses", n, "readings", place), one, [MAIN, *names]


def _occurs(variable: Variable, path: Path) -> Iterator[Finding]:
    if variable.occurs is None:
        return
    place = (*path, "occurs")
    yield from not_among("analysis dataset", variable.occurs.dataset, RECORDS, (*place, "dataset"))
    if variable.kind == "measured":
        yield place, "What occurs is Y or N: only a categorical variable has it."


def _variables(protocol: Protocol) -> Iterator[Finding]:
    for position, variable in enumerate(protocol.variables):
        path: Path = ("variables", position)
        if variable.kind == "categorical" and not variable.levels:
            yield path, "Missing: the levels of the categories in order, for example [A, B]."
        if variable.kind == "measured" and variable.levels:
            yield (*path, "levels"), "Only a categorical variable has levels."
        yield from repeated(
            "label", ((one.label, (*path, "levels", n)) for n, one in enumerate(variable.levels))
        )
        yield from _occurs(variable, path)
        for n, level in enumerate(variable.levels):
            if level.where is not None and level.value is not None:
                yield (*path, "levels", n), "Give value or where, not both."
            if level.label == "Missing":
                message = "The label 'Missing' is kept for patients without a value."
                yield (*path, "levels", n), message
