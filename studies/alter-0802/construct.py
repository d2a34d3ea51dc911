"""Construct the patients of this folder: margins as printed, joint distribution invented.

Run ``python studies/alter-0802/construct.py``; it writes the four tables of ``data/`` beside it,
the same bytes every time. Margins are those of Tables 1, 2 and 4 of Hepatology International
2021;15:621-629. The order of events and censorings in progression-free survival is the one that
gives the printed rates (cohort 1) or comes nearest (cohort 2, where no order of 24 patients gives
the printed lower limit 48.7); overall survival was found by random search under the conditions
that nobody dies before progression-free survival ends and that a death without progression is the
death of overall survival.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

SEED = 802
CUT_OFF = date(2019, 12, 18)
ENROLMENT = (date(2016, 10, 10), date(2019, 4, 26))

#: Days and what ended them: P progression, D death, + censored. One entry a patient.
PROGRESSION_FREE = {
    1: "24P 27P 41P 43P 59P 88+ 92+ 108P 109D 123+ 141D 147P 150P 152P 173P 178P 178+ 180P 184P "
    "207P 209P 220P 237+ 305P 307P 320P",
    2: "1+ 41P 45P 48+ 60P 62P 64+ 78P 81P 89+ 97P 115P 116P 118P 140P 211D 214P 244P 277D 305P "
    "321P 347P 353+ 358D",
}
OVERALL = {
    1: "391D 232D 730+ 425D 297+ 498D 93D 269+ 109D 232+ 141D 518D 613D 232+ 350+ 655D 261+ 379D "
    "240D 221D 223D 234D 727+ 305+ 307+ 346D",
    2: "225D 559+ 877+ 468+ 583+ 651D 699D 250D 258D 232+ 548D 276+ 322D 564+ 626+ 211D 228D 258D "
    "277D 709D 405D 426D 653D 358D",
}
#: Best overall response in the order of the patients above.
RESPONSE = {
    1: ["PD"] * 4 + ["SD"] * 20 + ["PR"] + ["SD"],
    2: ["NE", "PD", "PD", "SD", "PD", "PD", "SD", "PD"] + ["SD"] * 12 + ["PR", "PR", "SD", "SD"],
}
AGE = {
    1: "36 38 41 43 45 46 47 48 49 50 51 52 53 53 54 55 56 57 58 59 60 61 62 63 65 66",
    2: "27 33 37 40 43 45 47 49 51 52 53 53 55 56 57 58 59 60 62 63 65 66 68 70",
}
AFP = {
    1: "1.8 2.9 3.6 4.4 6.1 8.7 12.5 23.4 41.0 66.3 98.7 143.2 187.4 190.6 412.0 655.0 980.0 "
    "1210.0 2345.0 4120.0 6580.0 9870.0 14500.0 26300.0 60500.0 82630.0",
    2: "2.4 3.1 5.2 7.7 11.8 19.6 35.9 58.2 84.4 120.5 151.0 176.3 1821.3 2460.0 3975.0 5310.0 "
    "8840.0 12400.0 21900.0 38700.0 60500.0 110000.0 240000.0 441231.0",
}
#: Column: recorded values with their numbers in cohort 1 and cohort 2.
CATEGORIES: dict[str, list[tuple[str, int, int]]] = {
    "SEX": [("M", 25, 22), ("F", 1, 2)],
    "ECOGBL": [("0", 14, 15), ("1", 12, 9)],
    "CPSBL": [("5", 19, 15), ("6", 7, 6), ("7", 0, 3)],
    "BCLCBL": [("B", 5, 4), ("C", 21, 20)],
    "HBVFL": [("Y", 20, 20), ("N", 6, 4)],
    "HCVFL": [("Y", 5, 5), ("N", 21, 19)],
    "PRSURGFL": [("Y", 15, 11), ("N", 11, 13)],
    "MVIFL": [("Y", 3, 3), ("N", 23, 21)],
    "EHSFL": [("Y", 19, 20), ("N", 7, 4)],
}
#: What every patient of BCLC stage B has; these categories are drawn together.
STAGE_B_HAS = {"BCLCBL": "B", "ECOGBL": "0", "MVIFL": "N", "EHSFL": "N"}
#: Event, system, patients in cohorts 1 and 2, of them with grade 3 or higher.
EVENTS = [
    ("Hypertension", "Vascular disorders", 19, 12, 3, 1),
    ("Hand-foot syndrome", "Skin and subcutaneous tissue disorders", 14, 13, 2, 1),
    ("Blood bilirubin increased", "Investigations", 15, 11, 1, 1),
    ("Fatigue", "General disorders", 16, 12, 0, 0),
    ("Proteinuria", "Renal and urinary disorders", 13, 12, 0, 1),
    ("Diarrhoea", "Gastrointestinal disorders", 16, 10, 4, 0),
    ("Alanine aminotransferase increased", "Investigations", 4, 5, 1, 0),
    ("Hoarseness", "Respiratory, thoracic and mediastinal disorders", 6, 5, 0, 0),
    ("Hypertriglyceridaemia", "Metabolism and nutrition disorders", 7, 6, 0, 0),
    ("Hypercholesterolaemia", "Metabolism and nutrition disorders", 5, 5, 0, 0),
    ("Aspartate aminotransferase increased", "Investigations", 9, 5, 1, 0),
    ("Anorexia", "Metabolism and nutrition disorders", 10, 8, 0, 0),
    ("Bleeding", "Vascular disorders", 10, 3, 2, 0),
    ("Leukopenia", "Blood and lymphatic system disorders", 8, 9, 0, 0),
    ("Thrombocytopenia", "Blood and lymphatic system disorders", 8, 9, 0, 0),
    ("Abdominal pain", "Gastrointestinal disorders", 10, 10, 1, 1),
    ("Hypothyroidism", "Endocrine disorders", 16, 15, 0, 0),
    ("Electrocardiogram QT prolonged", "Investigations", 10, 8, 1, 0),
    ("Low-density lipoprotein increased", "Investigations", 9, 7, 0, 0),
    ("Nausea", "Gastrointestinal disorders", 3, 1, 0, 0),
    ("Fever", "General disorders", 1, 2, 0, 0),
    ("Hepatalgia", "Hepatobiliary disorders", 2, 0, 0, 0),
    ("Cough", "Respiratory, thoracic and mediastinal disorders", 6, 3, 0, 0),
    ("Vomiting", "Gastrointestinal disorders", 3, 3, 0, 0),
    ("Anaemia", "Blood and lymphatic system disorders", 1, 2, 0, 1),
    ("Weight loss", "Investigations", 5, 1, 0, 0),
    ("Headache", "Nervous system disorders", 5, 1, 0, 0),
    ("Chest tightness", "General disorders", 2, 2, 0, 0),
    ("Lipase increased", "Investigations", 6, 0, 1, 0),
    ("Toothache", "Gastrointestinal disorders", 4, 0, 0, 0),
    ("Pharyngalgia", "Respiratory, thoracic and mediastinal disorders", 11, 12, 0, 0),
    ("Low back pain", "Musculoskeletal and connective tissue disorders", 4, 2, 0, 1),
    ("Musculoskeletal pain", "Musculoskeletal and connective tissue disorders", 4, 3, 0, 0),
    ("Arthralgia", "Musculoskeletal and connective tissue disorders", 3, 3, 0, 0),
]
#: The patient whose bleeding was fatal: dies without progression on day 109 (cohort 1).
FATAL_BLEEDING = 8


def parse(text: str) -> list[tuple[int, str]]:
    """Return days and marks of a configuration."""
    return [(int(word[:-1]), word[-1]) for word in text.split()]


def subjects(rng: np.random.Generator, cohort: int) -> pl.DataFrame:
    """Return ADSL of a cohort; order of rows is the order of the configurations."""
    survival = parse(OVERALL[cohort])
    n = len(survival)
    starts = [_start(rng, days) for days, _ in survival]
    treated = [days for days, _ in parse(PROGRESSION_FREE[cohort])]
    order = rng.permutation(n)
    columns: dict[str, list[object]] = {
        "STUDYID": ["ALTER-0802"] * n,
        "USUBJID": [f"S{cohort}-{place + 1:02d}" for place in order],
        "TRT01P": [f"Cohort {cohort}"] * n,
        "TRT01A": [f"Cohort {cohort}"] * n,
        "FASFL": ["Y"] * n,
        "SAFFL": ["Y"] * n,
        "TRTSDT": starts,
        "TRTEDT": [
            start + timedelta(max(days - 8, 0)) for start, days in zip(starts, treated, strict=True)
        ],
        "AGE": rng.permutation([int(word) for word in AGE[cohort].split()]).tolist(),
    }
    columns |= _categories(rng, cohort, n)
    columns["AFPBL"] = rng.permutation([float(word) for word in AFP[cohort].split()]).tolist()
    return pl.DataFrame(columns)


def _categories(rng: np.random.Generator, cohort: int, n: int) -> dict[str, list[object]]:
    """Draw the categories; BCLC stage B means no invasion, no metastasis and ECOG 0."""
    stage_b = CATEGORIES["BCLCBL"][0][cohort]
    place = rng.permutation(n)
    columns: dict[str, list[object]] = {}
    for column, shares in CATEGORIES.items():
        values = [value for value, *numbers in shares for _ in range(numbers[cohort - 1])]
        if column in STAGE_B_HAS:
            values.sort(key=STAGE_B_HAS[column].__ne__)
            drawn = values[:stage_b] + rng.permutation(values[stage_b:]).tolist()
            columns[column] = [drawn[i] for i in place]
        else:
            columns[column] = rng.permutation(values).tolist()
    return columns


def _start(rng: np.random.Generator, days: int) -> date:
    """Draw a first dose within enrolment that lets the patient's follow-up end by the cut-off."""
    last = min(ENROLMENT[1], CUT_OFF - timedelta(days - 1))
    return ENROLMENT[0] + timedelta(int(rng.integers((last - ENROLMENT[0]).days + 1)))


def times(adsl: pl.DataFrame, cohort: int) -> pl.DataFrame:
    """Return ADTTE of a cohort: progression-free survival, time to progression, survival."""
    rows = []
    free, overall = parse(PROGRESSION_FREE[cohort]), parse(OVERALL[cohort])
    for subject, (days, mark), (lived, end) in zip(
        adsl.iter_rows(named=True), free, overall, strict=True
    ):
        progression = {"P": "Disease progression", "D": "Death"}.get(mark, "")
        to_progression = "Disease progression" if mark == "P" else ""
        last = "Last tumour assessment" if mark == "+" else "Death without progression"
        rows += [
            _time(subject, "PFS", "Progression-free survival", days, progression, last),
            _time(subject, "TTP", "Time to progression", days, to_progression, last),
            _time(
                subject,
                "OS",
                "Overall survival",
                lived,
                "Death" if end == "D" else "",
                "Alive at last contact",
            ),
        ]
    return pl.DataFrame(rows)


def _time(
    subject: dict[str, object], code: str, name: str, days: int, event: str, censoring: str
) -> dict[str, object]:
    start = subject["TRTSDT"]
    if not isinstance(start, date):
        raise TypeError("TRTSDT holds dates.")
    return {
        "STUDYID": subject["STUDYID"],
        "USUBJID": subject["USUBJID"],
        "PARAMCD": code,
        "PARAM": name,
        "STARTDT": start,
        "ADT": start + timedelta(days - 1),
        "AVAL": days,
        "CNSR": 0 if event else 1,
        "EVNTDESC": event,
        "CNSDTDSC": "" if event else censoring,
    }


def responses(adsl: pl.DataFrame, cohort: int) -> pl.DataFrame:
    """Return ADRS of a cohort: confirmed best overall response."""
    return adsl.select("STUDYID", "USUBJID").with_columns(
        pl.lit("CBOR").alias("PARAMCD"),
        pl.lit("Confirmed best overall response").alias("PARAM"),
        pl.Series("AVALC", RESPONSE[cohort]),
    )


def events(rng: np.random.Generator, adsl: pl.DataFrame, cohort: int) -> pl.DataFrame:
    """Return ADAE of a cohort: one record for each event a patient had, at its worst grade."""
    rows: list[dict[str, object]] = []
    subjects_in_order = list(adsl.iter_rows(named=True))
    for term, system, *numbers in EVENTS:
        any_grade, severe = numbers[cohort - 1], numbers[cohort + 1]
        chosen = rng.permutation(len(subjects_in_order))[:any_grade].tolist()
        fatal = cohort == 1 and term == "Bleeding"
        if fatal:
            chosen = [FATAL_BLEEDING, *[i for i in chosen if i != FATAL_BLEEDING][: any_grade - 1]]
        for place, index in enumerate(chosen):
            subject = subjects_in_order[index]
            grade = 3 if place < severe else int(rng.integers(1, 3))
            if fatal and place == 0:
                grade = 5
            rows.append(_event(rng, subject, term, system, grade))
    return pl.DataFrame(rows)


def _event(
    rng: np.random.Generator, subject: dict[str, object], term: str, system: str, grade: int
) -> dict[str, object]:
    start, end = subject["TRTSDT"], subject["TRTEDT"]
    if not isinstance(start, date) or not isinstance(end, date):
        raise TypeError("TRTSDT and TRTEDT hold dates.")
    onset = end if grade == 5 else start + timedelta(int(rng.integers((end - start).days + 1)))
    return {
        "STUDYID": subject["STUDYID"],
        "USUBJID": subject["USUBJID"],
        "AEDECOD": term,
        "AEBODSYS": system,
        "ATOXGR": grade,
        "AESER": "Y" if term == "Bleeding" and grade >= 3 else "N",
        "TRTEMFL": "Y",
        "ASTDT": onset,
    }


def construct() -> dict[str, pl.DataFrame]:
    """Return the four tables, sorted by subject."""
    rng = np.random.default_rng(SEED)
    parts: dict[str, list[pl.DataFrame]] = {"adsl": [], "adtte": [], "adrs": [], "adae": []}
    for cohort in (1, 2):
        adsl = subjects(rng, cohort)
        parts["adsl"].append(adsl)
        parts["adtte"].append(times(adsl, cohort))
        parts["adrs"].append(responses(adsl, cohort))
        parts["adae"].append(events(rng, adsl, cohort))
    keys = {"adsl": [], "adtte": ["PARAMCD"], "adrs": [], "adae": ["ASTDT", "AEDECOD"]}
    return {name: pl.concat(part).sort("USUBJID", *keys[name]) for name, part in parts.items()}


def main() -> None:
    """Write the tables into ``data/`` beside this file."""
    folder = Path(__file__).parent / "data"
    folder.mkdir(exist_ok=True)
    for name, table in construct().items():
        table.write_csv(folder / f"{name}.csv")


if __name__ == "__main__":
    main()
