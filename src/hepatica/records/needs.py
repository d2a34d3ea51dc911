"""Which columns of which table a protocol needs, and what they have to hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hepatica.protocol.analyses import (
    AdverseEventsAnalysis,
    Analysis,
    BaselineAnalysis,
    DeathsAnalysis,
    DispositionAnalysis,
    ResponseAnalysis,
    SensitivityAnalysis,
    TimeToEventAnalysis,
)
from hepatica.protocol.baseline_analysis import MissingDataAnalysis
from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.conditions import All, AnyOf, Bound, Condition, Not, OneOf
from hepatica.protocol.endpoints import Response, TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis
from hepatica.protocol.subgroups_analysis import SubgroupsAnalysis
from hepatica.protocol.time_traps import (
    Adjusted,
    CloneCensorWeightAnalysis,
    EarlyResponseAnalysis,
    TimeVaryingAnalysis,
)
from hepatica.protocol.variables import Biomarker, Variable
from hepatica.records.cast import Kind
from hepatica.records.domains import DOMAINS
from hepatica.records.ways import has_dataset

#: From the least to the most definite: where two places need a column, the later kind wins.
_ORDER: tuple[Kind, ...] = ("any", "text", "number", "whole", "date", "dtc")
#: Columns of ADSL that are derived from the collected domains, so that DM can do without them.
_DERIVED = frozenset(
    (
        *("TRT01P", "TRT01A", "RANDDT", "TRTSDT", "TRTEDT", "TRTDURD", "ENRLFL", "EOTSTT"),
        *("EOTDT", "DCTREAS", "EOSSTT", "EOSDT", "DCSREAS", "DTHDT", "DTHDTF", "DTHFL", "LSTALVDT"),
        *("SCRFREAS", "CUTOFFFL", "DTHCAUS"),
    )
)


@dataclass(frozen=True, slots=True)
class Need:
    """What a column has to hold, and whether the table can do without it."""

    kind: Kind
    required: bool


Needs = dict[str, Need]


def base_table(protocol: Protocol) -> str:
    """Return the table with one row for each subject: ADSL, else PATIENTS, else DM."""
    tables = protocol.data.tables
    return next((name for name in ("ADSL", "PATIENTS", "DM") if name in tables), "ADSL")


def needed_columns(protocol: Protocol, table: str) -> Needs:
    """Return the columns that a protocol needs of a table.

    Parameters
    ----------
    protocol : Protocol
        The study.
    table : str
        ADSL, ADTTE, ADRS, ADAE, PATIENTS or a collected domain.

    Returns
    -------
    dict of str to Need
        In the order in which the protocol names them; columns that are used only if they are
        there are not required.
    """
    needs: Needs = {"USUBJID": Need("text", required=True)}
    entries = [*_declared(protocol, table), *_of_domain(table)]
    if table == base_table(protocol):
        of_subjects = [*_of_subjects(protocol, table)]
        if table == "DM":
            flags = {one.flag for one in protocol.analysis_sets}
            of_subjects = [one for one in of_subjects if one[0] not in _DERIVED | flags]
        entries += of_subjects
    entries += [*_of_table(protocol, table)]
    for column, kind, required in entries:
        known = needs.get(column, Need("any", required=False))
        stronger = max(kind, known.kind, key=_ORDER.index)
        needs[column] = Need(stronger, required or known.required)
    return needs


_Entry = tuple[str, Kind, bool]

#: Dates of ADSL that figures and rules read where they are there.
_DATES = ("TRTSDT", "TRTEDT", "RANDDT", "EOTDT", "EOSDT", "LSTALVDT", "DTHDT")


def _declared(protocol: Protocol, table: str) -> Iterator[_Entry]:
    """Columns that the mapping names: each has to be there; text is the type when none is given."""
    for name, column in protocol.data.tables[table].columns.items():  # type: ignore[index]
        kinds: dict[str, Kind] = {"text": "any", "row": "text", "number": "number", "date": "date"}
        yield name, kinds[column.type], True


def _of_domain(table: str) -> Iterator[_Entry]:
    """Columns of a collected domain, as its schema says."""
    if table not in DOMAINS:
        return
    for name, told in DOMAINS[table].columns().items():
        kind: Kind = "whole" if told["kind"] == "sequence" else told["kind"]
        yield name, kind, bool(told.get("required"))


def _of_subjects(protocol: Protocol, table: str) -> Iterator[_Entry]:
    yield from _of_sets(protocol, table)
    conditions = [one.where for one in protocol.analyses if one.where is not None]
    conditions += [
        cause.where
        for one in protocol.analyses
        if isinstance(one, CompetingRisksAnalysis)
        for cause in one.causes
        if cause.where is not None
    ]
    conditions += [one.where for one in protocol.eligibility if one.where is not None]
    made = _made_columns(protocol) | _measured_columns(protocol)
    if protocol.screening is not None:
        conditions.append(protocol.screening.failure)
    for condition in conditions:
        for column, kind, required in _of_condition(condition):
            yield column, kind, required and column not in made
    used = (*used_variables(protocol), *used_biomarkers(protocol))
    for variable in protocol.variables:
        for column, kind, required in _of_variable(variable, required=variable in used):
            yield column, kind, required and column not in made
    measured = table == "DM" and not {"BM", "LB"}.isdisjoint(protocol.data.tables)
    for biomarker in protocol.biomarkers:
        tested = biomarker.parameter is not None and "BM" in protocol.data.tables
        yield biomarker.column, "number", biomarker in used and not (measured or tested)
    yield from ((name, "date", False) for name in (*_own_dates(protocol), *_DATES))
    for one in protocol.analyses:
        yield from _of_later_events(one)
    kinds = {type(one) for one in protocol.analyses}
    yield "DTHFL", "text", DeathsAnalysis in kinds
    if DispositionAnalysis in kinds:
        yield "EOTSTT", "text", True
        for name in ("DCTREAS", "EOSSTT", "DCSREAS"):
            yield name, "text", False


def _of_later_events(analysis: Analysis) -> Iterator[_Entry]:
    """Columns with what happened after baseline: days, and a marker measured again."""
    match analysis:
        case EarlyResponseAnalysis():
            if analysis.value is not None:
                yield analysis.value.column, "number", True
                if analysis.value.day is not None:
                    yield analysis.value.day, "number", True
            if analysis.judged is not None:
                yield analysis.judged, "text", True
        case TimeVaryingAnalysis():
            yield analysis.exposure.day, "number", True
        case CloneCensorWeightAnalysis():
            yield analysis.start.day, "number", True
            yield analysis.treatment.day, "number", True
        case _:
            pass


def _own_dates(protocol: Protocol) -> Iterator[str]:
    """Dates of ADSL that endpoints name: their origins and entries."""
    for endpoint in protocol.endpoints:
        if isinstance(endpoint, TimeToEvent):
            yield endpoint.origin.variable
            # The entry of a sheet is a number of its own, see `_of_sheet`.
            if endpoint.entry is not None and endpoint.sheet is None:
                yield endpoint.entry.variable


def _made_columns(protocol: Protocol) -> set[str]:
    """Columns that the records of another dataset give, so that no table has to hold them."""
    return {
        one.column
        for one in protocol.variables
        if one.occurs is not None
        and (base_table(protocol) == "DM" or has_dataset(protocol, one.occurs.dataset))
    }


def _measured_columns(protocol: Protocol) -> set[str]:
    """Columns of ADSL that baseline results of BM fill."""
    if "BM" not in protocol.data.tables:
        return set()
    return {one.column for one in protocol.biomarkers if one.parameter is not None}


def _of_sets(protocol: Protocol, table: str) -> Iterator[_Entry]:
    for one in protocol.analysis_sets:
        if one.where is None:
            # Without a flag in its mapping, everybody in a sheet belongs to the set.
            yield one.flag, "text", table == "ADSL"
        else:
            yield from _of_condition(one.where)
        # The only arm of a sheet needs no column: all patients belong to it.
        if table == "ADSL" or len(protocol.arms) > 1:
            yield one.arm_variable, "any", True


def _of_variable(variable: Variable, *, required: bool) -> Iterator[_Entry]:
    yield variable.column, "number" if variable.kind == "measured" else "any", required
    for level in variable.levels:
        if level.where is not None:
            for column, kind, _ in _of_condition(level.where):
                yield column, kind, required


def _of_table(protocol: Protocol, table: str) -> Iterator[_Entry]:
    match table:
        case "ADTTE":
            for column in ("PARAMCD", "EVNTDESC", "CNSDTDSC"):
                yield column, "text", column == "PARAMCD"
            yield "AVAL", "number", True
            yield "CNSR", "whole", True
            yield from (("ADT", "date", False), ("STARTDT", "date", False))
            if any(one.entry is not None for one in table_endpoints(protocol)):
                yield from (("AENTRY", "number", True), ("ENTRYDT", "date", False))
        case "ADRS":
            yield from (("PARAMCD", "text", True), ("AVALC", "text", True), ("ADT", "date", False))
        case "ADAE":
            for analysis in _event_analyses(protocol):
                yield analysis.term, "text", True
                yield analysis.severity.column, "whole", True
            yield from (("TRTEMFL", "text", False), ("ASTDT", "date", False))
        case "AE":
            yield from _of_events(protocol)
        case "PATIENTS":
            yield from _of_sheet(protocol)


def _of_sheet(protocol: Protocol) -> Iterator[_Entry]:
    for response in protocol.endpoints:
        if isinstance(response, Response) and response.sheet is not None:
            yield from _of_condition(response.sheet.yes)
            yield from _of_condition(response.sheet.no)
    for endpoint in sheet_endpoints(protocol):
        if endpoint.sheet is not None:
            yield endpoint.sheet.time, "number", True
            if endpoint.sheet.entry is not None:
                yield endpoint.sheet.entry, "number", True
            yield from _of_condition(endpoint.sheet.any_event)
            yield from _of_condition(endpoint.sheet.any_censoring)
    if protocol.assessments is not None:
        yield from ((one, "text", True) for one in protocol.assessments.best_responses.values())


def _of_events(protocol: Protocol) -> Iterator[_Entry]:
    """Columns of AE that analyses name; ATOXGR comes from AETOXGR, and other A-- are derived."""
    for analysis in _event_analyses(protocol):
        if analysis.term.startswith("AE"):
            yield analysis.term, "text", True
        column = analysis.severity.column
        if column in ("ATOXGR", "AETOXGR"):
            yield "AETOXGR", "whole", True
        elif column.startswith("AE"):
            yield column, "any" if column == "AESEV" else "whole", True


def _event_analyses(protocol: Protocol) -> list[AdverseEventsAnalysis]:
    return [one for one in protocol.analyses if isinstance(one, AdverseEventsAnalysis)]


def _of_condition(condition: Condition) -> Iterator[_Entry]:
    match condition:
        case OneOf(column=column):
            yield column, "any", True
        case Bound(column=column, value=value):
            yield column, "date" if isinstance(value, str) else "number", True
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from _of_condition(part)
        case Not(part=part):
            yield from _of_condition(part)


def used_endpoints(protocol: Protocol) -> tuple[TimeToEvent, ...]:
    """Return the times to event that an analysis estimates, or that a cut-point is chosen by."""
    timed = (
        TimeToEventAnalysis
        | SubgroupsAnalysis
        | CompetingRisksAnalysis
        | PrognosticModelAnalysis
        | CoxAnalysis
    )
    used = {one.endpoint for one in protocol.analyses if isinstance(one, timed)}
    used |= {
        name
        for one in protocol.analyses
        if isinstance(one, SensitivityAnalysis | EarlyResponseAnalysis)
        for name in one.endpoints
    }
    used |= {
        one.endpoint
        for one in protocol.analyses
        if isinstance(one, TimeVaryingAnalysis | CloneCensorWeightAnalysis)
    }
    cuts = (cut for one in used_biomarkers(protocol) for cut in one.cut_points)
    used |= {cut.choose.endpoint for cut in cuts if cut.choose and cut.choose.endpoint}
    return tuple(
        one for one in protocol.endpoints if isinstance(one, TimeToEvent) and one.id in used
    )


def sheet_endpoints(protocol: Protocol) -> tuple[TimeToEvent, ...]:
    """Return the times to event that stand in the sheet of patients."""
    if "PATIENTS" not in protocol.data.tables:
        return ()
    return tuple(one for one in used_endpoints(protocol) if one.sheet is not None)


def table_endpoints(protocol: Protocol) -> tuple[TimeToEvent, ...]:
    """Return the times to event that stand in ADTTE."""
    sheet = {one.id for one in sheet_endpoints(protocol)}
    return tuple(one for one in used_endpoints(protocol) if one.id not in sheet)


def used_responses(protocol: Protocol) -> tuple[Response, ...]:
    """Return the response endpoints that an analysis counts."""
    used = {
        name
        for one in protocol.analyses
        if isinstance(one, ResponseAnalysis)
        for name in one.endpoints
    }
    used |= {one.endpoint for one in protocol.analyses if isinstance(one, LogisticAnalysis)}
    return tuple(one for one in protocol.endpoints if isinstance(one, Response) and one.id in used)


def _used_ids(protocol: Protocol) -> Iterable[str]:
    yield from protocol.subgroups
    yield from _listed_ids(protocol)
    for analysis in protocol.analyses:
        yield analysis.by
        if isinstance(analysis, TimeToEventAnalysis) and analysis.compare is not None:
            yield from analysis.compare.variables
        if isinstance(analysis, ResponseAnalysis) and analysis.compare is not None:
            yield from analysis.compare.strata
        if isinstance(analysis, SubgroupsAnalysis):
            yield from analysis.subgroups
        if isinstance(analysis, Adjusted):
            yield from analysis.covariates
        if isinstance(analysis, CoxAnalysis) and analysis.centre is not None:
            yield analysis.centre.variable
        if isinstance(analysis, EarlyResponseAnalysis):
            yield analysis.marker
            yield analysis.strata or analysis.marker
        if isinstance(analysis, CompetingRisksAnalysis | PrognosticModelAnalysis):
            yield from analysis.covariates


def _listed_ids(protocol: Protocol) -> Iterable[str]:
    if protocol.imputation is not None:
        yield from protocol.imputation.variables
    for analysis in protocol.analyses:
        if isinstance(analysis, BaselineAnalysis | MissingDataAnalysis):
            yield from analysis.variables


def used_variables(protocol: Protocol) -> tuple[Variable, ...]:
    """Return the baseline variables that an analysis names."""
    used = set(_used_ids(protocol))
    return tuple(one for one in protocol.variables if one.id in used)


def used_biomarkers(protocol: Protocol) -> tuple[Biomarker, ...]:
    """Return the biomarkers that an analysis names, themselves or by a cut-point."""
    used = set(_used_ids(protocol))
    return tuple(
        one
        for one in protocol.biomarkers
        if one.id in used or any(cut.id in used for cut in one.cut_points)
    )
