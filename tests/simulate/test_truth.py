"""What is derived from constructed patients equals the truth that they were constructed from."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from hepatica.derive import derive_datasets
from hepatica.records import read_records, require
from hepatica.study.check import check_study
from hepatica.study.simulate import simulate_collected_study

STUDIES = Path(__file__).resolve().parents[2] / "studies"
Made = tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame], pl.DataFrame]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return collected tables, analysis datasets and truth of 3000 patients."""
    study = tmp_path_factory.mktemp("truth")
    plan = (STUDIES / "alter-0802" / "study.yaml").read_text(encoding="utf-8")
    # So long that a scan within its window can come too early for stable disease.
    plan = plan.replace("stable_disease_days: 35", "stable_disease_days: 42")
    (study / "study.yaml").write_text(plan, encoding="utf-8")
    folder = study / "made"
    simulate_collected_study(study, 3000, folder, tables="parquet")
    protocol = check_study(folder).protocol
    records = require(read_records(protocol, folder))
    tables = {name: table.frame for name, table in records.tables.items()}
    datasets = dict(derive_datasets(protocol, tables))
    return tables, datasets, pl.read_parquet(folder / "truth.parquet")


@pytest.mark.parametrize(
    ("parameter", "code"), [("OVR", "OVRLRESP"), ("TRG", "TRGRESP"), ("NTRG", "NTRGRESP")]
)
def test_visit_responses(made: Made, parameter: str, code: str) -> None:
    tables, datasets, _ = made
    derived = datasets["ADRS"].filter(
        (pl.col("PARAMCD") == parameter) & (pl.col("AVISIT") != "SCREENING")
    )
    coded = tables["RS"].filter(pl.col("RSTESTCD") == code)
    both = derived.join(
        coded.select("USUBJID", "RSSTRESC", "RSDT", AVISITN="VISITNUM"),
        on=["USUBJID", "AVISITN"],
        how="full",
        coalesce=True,
    )
    assert both.height == coded.height == derived.height > 5000
    assert both.filter(~pl.col("AVALC").eq_missing(pl.col("RSSTRESC"))).is_empty()
    assert (both["ADT"] == both["RSDT"]).all()


def test_progression_death_and_treatment(made: Made) -> None:
    _, datasets, truth = made
    progression = datasets["ADRS"].filter((pl.col("PARAMCD") == "OVR") & (pl.col("AVALC") == "PD"))
    first = dict(progression.group_by("USUBJID").agg(pl.col("ADT").min()).rows())
    known = truth.filter(pl.col("PDDT").is_not_null())
    assert first == dict(known.select("USUBJID", "PDDT").rows())
    subjects = datasets["ADSL"].join(truth, on="USUBJID", suffix=" TRUE")
    assert subjects.height == 3000
    for column in ("TRTSDT", "DTHDT"):
        wrong = ~pl.col(column).eq_missing(pl.col(f"{column} TRUE"))
        assert subjects.filter(wrong).is_empty()
    alive = subjects.filter(pl.col("DTHDT").is_null())
    assert (alive["LSTALVDT"] == alive["FUENDDT"]).all()


def test_times_to_event(made: Made) -> None:
    _, datasets, truth = made
    never = pl.date(2100, 1, 1)
    first = pl.min_horizontal("PDDT", "DTHDT")
    switched = pl.col("NEWTHDT").fill_null(never) < first.fill_null(never)
    event = {
        "PFS": pl.when(~switched).then(first),
        "TTP": pl.when(~switched).then("PDDT"),
        "OS": pl.col("DTHDT"),
    }
    for parameter, expected in event.items():
        times = datasets["ADTTE"].filter(pl.col("PARAMCD") == parameter).join(truth, on="USUBJID")
        assert times.height == 3000
        got = pl.when(pl.col("CNSR") == 0).then("ADT")
        assert times.filter(~got.eq_missing(expected)).select("USUBJID", "ADT").is_empty()
    survival = datasets["ADTTE"].filter(pl.col("PARAMCD") == "OS").join(truth, on="USUBJID")
    assert (survival["ADT"] == survival["FUENDDT"]).all()


def test_best_response(made: Made) -> None:
    """Stable disease that did not last is no best response; other therapies are left out here."""
    _, datasets, truth = made
    best = datasets["ADRS"].filter(pl.col("PARAMCD") == "BOR").join(truth, on="USUBJID")
    best = best.filter(pl.col("NEWTHDT").is_null())
    same = best.filter(pl.col("AVALC") == pl.col("BOVR"))
    other = best.filter(pl.col("AVALC") != pl.col("BOVR").fill_null("MISSING"))
    assert set(same["BOVR"]) == {"CR", "PR", "SD", "PD", "NE"}
    assert set(other["BOVR"]) == {"SD"}
    assert other.height < 0.15 * best.height
