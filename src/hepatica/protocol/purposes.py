"""What each key of the protocol is for, told when it is missing."""

from __future__ import annotations

from pydantic import BaseModel

_PURPOSES = {
    "Protocol.study": "what the study is called and where it stands, with id and title.",
    "Protocol.data": "where the tables are, for example tables: {ADSL: {file: adsl.csv}}.",
    "Protocol.arms": "the arms or cohorts, each with id and label.",
    "Protocol.analysis_sets": "the patients that count, for example [{like: full, id: full}].",
    "Protocol.analyses": "the planned analyses, each with id, kind and set.",
    "Identification.id": "the short name of the study, for example ALTER-0802.",
    "Identification.title": "the title of the study in one line.",
    "DataSource.tables": "one file for each table, for example {ADSL: {file: adsl.csv}}.",
    "Accepted.table": "the table whose rule is broken, for example SV.",
    "Accepted.rule": "the rule as 'hepatica check' words it.",
    "Accepted.reason": "why it cannot be corrected; the report prints it.",
    "TableSource.file": "the name of the file below the data folder, for example adsl.csv.",
    "ColumnSource.name": "the name of the column in the file.",
    "SheetAnswer.yes": "who has the endpoint, for example {ALIVE1Y: 1}.",
    "SheetAnswer.no": "who has it not, for example {ALIVE1Y: 0}.",
    "FolderFromEnvironment.environment": "the environment variable that names the folder.",
    "HazardStep.start": "the month from which the hazard holds, for example 0.",
    "HazardStep.monthly": "events per patient and month, for example 0.1.",
    "AssumedArm.pfs": "progression assumed, for example {median: 6 months}.",
    "AssumedArm.os": "survival assumed, for example {median: 12 months}.",
    "Scenario.arms": "what is assumed of each arm, by its id.",
    "Loss.share": "the share of patients lost, for example 0.1.",
    "Loss.by": "the time by which they are lost, for example 12 months.",
    "DesignAssumptions.scenarios": "the sets of assumptions, each with id, label and arms.",
    "DesignAssumptions.accrual": "the time of enrolment, for example 12 months.",
    "DesignAssumptions.follow_up": "the time after the last enrolment, for example 18 months.",
    "Outcome.role": "primary, secondary or other.",
    "Outcome.measure": "what is measured.",
    "TimeFrame.text": "the words of the registry.",
    "RegisteredDate.date": "the day or month, for example 2020-05.",
    "RegisteredArm.label": "the name of the arm.",
    "Intervention.name": "the name of the drug or procedure.",
    "Arm.label": "what readers call the arm, for example Cohort 1.",
    "Treatment.drug": "the name of the drug, for example Anlotinib.",
    "Treatment.schedule": (
        "the days of a cycle, for example {first_day: 1, last_day: 14, cycle_days: 21}."
    ),
    "Schedule.first_day": "the first day of the cycle on which the drug is taken, counted from 1.",
    "Schedule.last_day": "the last day of the cycle on which the drug is taken.",
    "Schedule.cycle_days": "the length of a cycle in days, for example 21.",
    "Dose.amount": "how much of the drug, for example 12.",
    "Dose.unit": "the unit of the dose, for example mg.",
    "DoseByWeight.dose": "the dose in this range of weight, for example {amount: 8, unit: mg}.",
    "Reduction.dose": "the reduced dose, for example {amount: 10, unit: mg}.",
    "AnalysisSet.flag": "the flag of ADSL that is Y for its patients, for example FASFL.",
    "AnalysisSet.label": "what readers call the set, for example Full analysis set.",
    "Criterion.kind": "inclusion or exclusion.",
    "Criterion.text": "the criterion as the protocol words it.",
    "Screening.failure": "which records of ADSL were not enrolled, for example {ENRLFL: N}.",
    "Assessments.every_days": "the days between two tumour assessments, for example 42.",
    "Assessments.window_days": "how many days an assessment may be early or late, for example 7.",
    "Assessments.criteria": "the response criteria, for example RECIST 1.1.",
    "AdverseEvents.version": 'the version of the dictionary, for example "5.0".',
    "AdverseEvents.follow_up_days": "the days after the last dose on which events count, often 30.",
    "TimeToEvent.parameter": "the value of PARAMCD in ADTTE, for example PFS.",
    "TimeToEvent.origin": (
        "what time counts from, for example {label: first dose, variable: TRTSDT}."
    ),
    "TimeToEvent.events": "the events in order, each with id, sentence and description.",
    "Response.counted": "the responses that count, for example [CR, PR].",
    "TimeOrigin.label": "what time counts from, in words, for example first dose.",
    "TimeOrigin.variable": "the date of ADSL that time counts from, for example TRTSDT.",
    "TimeRule.sentence": "the rule as a clinician reads it.",
    "TimeRule.description": "what EVNTDESC or CNSDTDSC says, for example Death.",
    "Occurrence.dataset": "the analysis dataset whose records are looked at, for example ADCM.",
    "Occurrence.date": "the date variable of these records, for example ASTDT.",
    "Occurs.dataset": "the analysis dataset whose records are looked at, for example ADCM.",
    "Occurs.date": "the date variable of these records, for example ASTDT.",
    "Entry.label": "from when patients are at risk, in words, for example first dose.",
    "Entry.variable": "the date of ADSL from which they are at risk, for example TRTSDT.",
    "SheetTimes.time": "the column that holds the time.",
    "SheetTimes.unit": "the unit of the time: days, weeks, months or years.",
    "SheetTimes.event": "which status is an event, for example {OS_STATUS: DECEASED}.",
    "SheetTimes.censored": "which status is no event, for example {OS_STATUS: LIVING}.",
    "Historical.rates": "the rate before the study for each arm, for example {cohort-1: 0.65}.",
    "Historical.source": "where the rates come from.",
    "Historical.test": "the planned test: kaplan_meier_log_log or binomial_exact.",
    "Variable.column": "the column of ADSL, for example AGE.",
    "Variable.kind": "measured (a number) or categorical (one of several words).",
    "Level.label": "what readers call the category.",
    "Biomarker.column": "the column of ADSL that holds the marker, for example AFPBL.",
    "Biomarker.unit": "the unit of the marker, for example ng/mL.",
    "Choice.by": "the rule that chooses the cut-point: median, roc or logrank.",
    "Choice.set": "the id of the analysis set whose patients choose the cut-point.",
    "CutPoint.below": "what readers call patients below it, for example Below 400 ng/mL.",
    "CutPoint.at_or_above": "what readers call the others, for example 400 ng/mL or more.",
    "CutPoint.source": "where the threshold comes from.",
    "MultipleImputation.variables": (
        "the variables that are imputed or predict, for example [age, ecog, afp]."
    ),
    "BiomarkerChangeAnalysis.biomarkers": "the ids of the biomarkers, for example [cxcl1].",
    "BaselineAnalysis.variables": "the variables and biomarkers to describe, by id.",
    "MissingDataAnalysis.variables": "the variables whose missing values are counted, by id.",
    "TimeToEventAnalysis.endpoint": "the id of the endpoint, for example pfs.",
    "SubgroupsAnalysis.endpoint": "the id of a time to an event, for example os.",
    "SubgroupsAnalysis.reference": "the label of the group that the other is compared with.",
    "ResponseComparison.reference": "the label of the group that the others are compared with.",
    "CoxAnalysis.endpoint": "the id of a time to an event, for example os.",
    "CoxAnalysis.covariates": "arm, or ids of variables and cut-points: [arm, age, sex, afp-400].",
    "LogisticAnalysis.endpoint": "the id of a response endpoint, for example dcr.",
    "LogisticAnalysis.covariates": (
        "arm, or ids of variables and cut-points: [arm, age, sex, afp-400]."
    ),
    "Selected.p_below": "the P value below which a covariate is selected, for example 0.05.",
    "Centre.variable": "the id of the variable that holds the centre, for example centre.",
    "Centre.as": "one or several of stratum, cluster and frailty, for example [stratum].",
    "TherapiesAnalysis.when": "prior or subsequent: before the first dose, or after the last.",
    "ResponseAnalysis.endpoints": "the ids of the response endpoints, for example [orr, dcr].",
    "SensitivityAnalysis.endpoints": (
        "the ids of two or more times to events, the main one first, for example [pfs, pfs-ema]."
    ),
    "Cause.label": "what readers call the cause, for example Death without progression.",
    "CompetingRisksAnalysis.endpoint": "the id of a time to the first of the causes, often pfs.",
    "CompetingRisksAnalysis.causes": (
        "two causes or more, for example [{label: Progression, events: [Disease progression]}, "
        "{label: Death, events: [Death]}]."
    ),
    "PrognosticModelAnalysis.endpoint": "the id of the time that is predicted, for example os.",
    "PrognosticModelAnalysis.covariates": "what predicts, by id, for example [ecog, afp-400].",
    "PrognosticModelAnalysis.at": "when survival is predicted, for example [6 months, 1 year].",
    "AgreementAnalysis.readings": "the ids of two readings, for example [main, irc].",
    "EarlyResponseAnalysis.marker": "the id of the biomarker, for example afp.",
    "EarlyResponseAnalysis.at": "when the marker is measured again, for example 4 weeks.",
    "LaterValue.column": "the column that holds the later value, for example AFPWK4.",
    "TimeVaryingAnalysis.endpoint": "the id of the time to an event, for example os.",
    "TimeVaryingAnalysis.exposure": (
        "what starts during follow-up, for example {label: TACE, day: TACEDY}."
    ),
    "StudyDay.day": "the column of the study day on which it starts, empty where it never did.",
    "CloneCensorWeightAnalysis.endpoint": "the id of the time to an event, for example os.",
    "CloneCensorWeightAnalysis.from": (
        "the event that time is counted from, for example {label: progression, day: PROGDY}."
    ),
    "CloneCensorWeightAnalysis.treatment": (
        "the treatment after it, for example {label: systemic therapy, day: NEXTDY}."
    ),
    "CloneCensorWeightAnalysis.grace": "how long the start may take, for example 60 days.",
    "CloneCensorWeightAnalysis.at": "the times of comparison, for example [6 months, 12 months].",
    "AdverseEventsAnalysis.severity": (
        "what is severe, for example {column: ATOXGR, at_least: 3, label: Grade 3 or higher}."
    ),
    "Severity.column": "the column of ADAE with the grade, for example ATOXGR.",
    "Severity.at_least": "the grade from which an event counts, for example 3.",
    "Severity.label": "what readers call such events, for example Grade 3 or higher.",
}
_GENERAL = {
    "id": "a short name that is its own, for example pfs.",
    "label": "what readers call it.",
    "set": "the id of the analysis set whose patients count, for example full.",
    "title": "the title in one line.",
}


def purpose(model: type[BaseModel] | None, key: str) -> str:
    """Return what a required key is for, as the end of a sentence.

    Examples
    --------
    >>> from hepatica.protocol.treatment import Arm
    >>> purpose(Arm, "label")
    'what readers call the arm, for example Cohort 1.'
    """
    name = model.__name__ if model is not None else ""
    return _PURPOSES.get(f"{name}.{key}") or _GENERAL.get(key) or f"the key '{key}' is needed here."
