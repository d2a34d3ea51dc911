"""Labels of the datasets and their variables, each at most 40 characters long."""

from __future__ import annotations

from collections.abc import Mapping

#: Longest label of a variable or dataset in a transport file of version 5.
LONGEST_LABEL = 40

#: Labels of datasets; short enough to stand after the status of the data.
DATASET_LABELS: Mapping[str, str] = {
    "ADSL": "Subject-level analysis",
    "ADTR": "Tumour results",
    "ADRS": "Disease response",
    "ADTTE": "Time to event",
    "ADEX": "Exposure",
    "ADAE": "Adverse events",
    "ADLB": "Laboratory results",
    "ADCM": "Therapies and procedures",
    "ADBM": "Biomarker results",
    "ADDV": "Protocol deviations",
}

_SHARED = {
    "STUDYID": "Study identifier",
    "DOMAIN": "Domain of the record",
    "USUBJID": "Unique subject identifier",
    "SUBJID": "Subject identifier in the study",
    "SITEID": "Study site identifier",
    "PARAMCD": "Parameter code",
    "PARAM": "Parameter",
    "AVAL": "Analysis value",
    "AVALC": "Analysis value in words",
    "AVALU": "Unit of the analysis value",
    "ADT": "Analysis date",
    "ADTF": "Analysis date imputation flag",
    "ASTDT": "Analysis start date",
    "ASTDTF": "Start date imputation flag",
    "AENDT": "Analysis end date",
    "AENDTF": "End date imputation flag",
    "AVISIT": "Analysis visit",
    "AVISITN": "Analysis visit number",
    "VISIT": "Visit name",
    "VISITNUM": "Visit number",
    "ABLFL": "Baseline record flag",
    "BASE": "Baseline value",
    "BASEC": "Baseline value in words",
    "BASEU": "Unit of the baseline value",
    "CHG": "Change from baseline",
    "PCHG": "Per cent change from baseline",
    "ANL01FL": "Analysis flag 01",
    "RULEID": "Identifier of the rule applied",
    "RULE": "Rule applied, as a sentence",
    "SRCDOM": "Source domain",
    "SRCVAR": "Source variable",
    "SRCSEQ": "Source sequence number",
}

_ADSL = {
    "RFICDTC": "Date of informed consent as collected",
    "RFSTDTC": "Reference start as collected",
    "RFENDTC": "Reference end as collected",
    "RFXSTDTC": "First study treatment as collected",
    "RFXENDTC": "Last study treatment as collected",
    "RFPENDTC": "End of participation as collected",
    "DTHDTC": "Date of death as collected",
    "AGE": "Age",
    "AGEU": "Age unit",
    "SEX": "Sex",
    "RACE": "Race",
    "ETHNIC": "Ethnicity",
    "COUNTRY": "Country",
    "ARM": "Planned arm",
    "ARMCD": "Planned arm code",
    "ACTARM": "Actual arm",
    "ACTARMCD": "Actual arm code",
    "TRT01P": "Planned treatment",
    "TRT01A": "Actual treatment",
    "RANDDT": "Date of randomisation",
    "TRTSDT": "Date of first study treatment",
    "TRTEDT": "Date of last study treatment",
    "TRTDURD": "Treatment duration (days)",
    "ENRLFL": "Enrolled flag",
    "FASFL": "Full analysis set flag",
    "SAFFL": "Safety analysis set flag",
    "EOTSTT": "End of treatment status",
    "EOTDT": "Date of end of treatment",
    "DCTREAS": "Reason for end of treatment",
    "EOSSTT": "End of study status",
    "EOSDT": "Date of end of study",
    "DCSREAS": "Reason for end of study",
    "DTHDT": "Date of death",
    "DTHDTF": "Date of death imputation flag",
    "DTHDOM": "Domain of the date of death",
    "DTHSEQ": "Sequence number of the record of death",
    "DTHCAUS": "Cause of death",
    "DTHFL": "Death flag",
    "LSTALVDT": "Date last known alive",
    "SCRFREAS": "Reason for screen failure",
    "CUTOFFFL": "Followed to the data cut-off flag",
}

_ADTR = {
    "AVALH": "Value in hundredths of a millimetre",
    "BASEH": "Baseline in hundredths of a millimetre",
    "NADIRH": "Nadir in hundredths of a millimetre",
    "NADIR": "Smallest earlier sum",
    "PCHGNAD": "Per cent change from nadir",
    "LSEXP": "Lesions expected",
    "LSASS": "Lesions assessed",
}

_ADRS = {"RSEVAL": "Evaluator", "RSEVALID": "Evaluator identifier"}

_ADTTE = {
    "STARTDT": "Time origin",
    "ENTRYDT": "Entry, from when at risk",
    "AENTRY": "Days from origin to entry",
    "AVAL": "Time to event or censoring (days)",
    "CNSR": "Censored (0 is an event)",
    "EVNTDESC": "Event",
    "CNSDTDSC": "Reason for censoring",
}

_ADEX = {"EXTRT": "Drug"}

_ADAE = {
    "AETERM": "Reported term",
    "AEDECOD": "Dictionary-derived term",
    "AEBODSYS": "Body system or organ class",
    "AETOXGR": "Toxicity grade as collected",
    "AESEV": "Severity as collected",
    "AESER": "Serious event",
    "AEREL": "Causality",
    "AEACN": "Action taken with study treatment",
    "AEOUT": "Outcome",
    "AESDTH": "Results in death",
    "AESTDTC": "Start as collected",
    "AESTDT": "First start date that is possible",
    "AESTDTP": "Precision of the start date",
    "AEENDTC": "End as collected",
    "AEENDT": "First end date that is possible",
    "AEENDTP": "Precision of the end date",
    "AESEQ": "Sequence number",
    "TRTEMFL": "Treatment-emergent flag",
    "ATOXGR": "Toxicity grade (5 when fatal)",
    "ASEV": "Severity",
    "ASEVN": "Severity (1 mild to 3 severe)",
    "AOCCFL": "First worst event of the subject flag",
    "AOCCPFL": "First worst event of the term flag",
}

_ADLB = {
    "LBTESTCD": "Test code",
    "LBTEST": "Test",
    "LBCAT": "Category of the test",
    "LBSTRESN": "Result as a number",
    "LBSTRESC": "Result in words",
    "LBSTRESU": "Unit of the result",
    "LBSTNRLO": "Lower reference limit as collected",
    "LBSTNRHI": "Upper reference limit as collected",
    "LBNRIND": "Reference range as collected",
    "LBBLFL": "Baseline flag as collected",
    "LBDTC": "Date and time as collected",
    "LBDT": "First date that is possible",
    "LBDTP": "Precision of the date",
    "LBSEQ": "Sequence number",
    "ANRLO": "Lower reference limit",
    "ANRHI": "Upper reference limit",
    "ANRIND": "Reference range indicator",
}

_ADCM = {
    "CMTRT": "Therapy or procedure as reported",
    "CMDECOD": "Standardised name",
    "CMCAT": "Category",
    "CMSCAT": "Subcategory",
    "CMINDC": "Indication",
    "CMSTDTC": "Start as collected",
    "CMENDTC": "End as collected",
    "PREFL": "Before the first dose flag",
    "ONTRTFL": "During treatment flag",
    "SUBSFL": "After the last dose flag",
    "NEWTHFL": "Subsequent anticancer therapy flag",
    "ANTICFL": "Anticancer therapy flag",
}

_ADDV = {
    "DVTERM": "Deviation as reported",
    "DVDECOD": "Standardised name",
    "DVCAT": "Category",
    "DVSTDTC": "Start as collected",
}

_ADBM = {
    "BMTESTCD": "Marker code",
    "BMTEST": "Marker",
    "BMSTRESN": "Result as a number",
    "BMSTRESC": "Result in words",
    "BMSTRESU": "Unit of the result",
    "BMLLOQ": "Lower limit as collected",
    "BMDTC": "Date and time as collected",
    "BMDT": "First date that is possible",
    "BMDTP": "Precision of the date",
    "BMBLFL": "Baseline flag as collected",
    "BMSEQ": "Sequence number",
    "LLOQ": "Lower limit of quantification",
    "BLOQFL": "Below the limit flag",
    "PAIRFL": "Result at progression, paired, flag",
}

_OWN = {
    "ADSL": _ADSL,
    "ADTR": _ADTR,
    "ADRS": _ADRS,
    "ADTTE": _ADTTE,
    "ADEX": _ADEX,
    "ADAE": _ADAE,
    "ADLB": _ADLB,
    "ADCM": _ADCM,
    "ADBM": _ADBM,
    "ADDV": _ADDV,
}

#: Labels of the variables of each dataset.
VARIABLE_LABELS: Mapping[str, Mapping[str, str]] = {
    name: {**_SHARED, **own} for name, own in _OWN.items()
}


def of_main_reading(dataset: str) -> str:
    """Return the dataset of the main reading that a dataset is made like: ADRS for ADRSIRC."""
    return dataset if dataset in VARIABLE_LABELS else dataset[:4]


def variable_label(dataset: str, variable: str) -> str:
    """Return the label of a variable; of one that has none its name, cut at 40 bytes.

    Examples
    --------
    >>> variable_label("ADAE", "TRTEMFL"), variable_label("ADSL", "AFP_400_CAT")
    ('Treatment-emergent flag', 'AFP_400_CAT')
    """
    labels = VARIABLE_LABELS.get(dataset, _SHARED)
    return labels.get(variable) or cut_label(variable)


def cut_label(text: str) -> str:
    """Return as much of a text as a label holds, whole characters only.

    Examples
    --------
    >>> cut_label("Vascular invasion or extrahepatic spread (yes or no)")
    'Vascular invasion or extrahepatic spread'
    """
    return text.encode()[:LONGEST_LABEL].decode(errors="ignore").strip()
