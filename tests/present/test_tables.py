"""Tables of a study: what stands where, in which order, and which row is behind it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rows_report import BASELINE, EVENTS, RESPONSES, SIZES, failed, protocol, results, row

from hepatica.present.csv import table_csv
from hepatica.present.spans import Span
from hepatica.present.table import Cell, Column, Row, Spanner, Table, table_html
from hepatica.present.tables import (
    endpoint_groups,
    historical_endpoints,
    table_adverse_events,
    table_baseline,
    table_endpoints,
    table_primary,
    table_response,
    table_sets,
)
from hepatica.protocol.analyses import (
    AdverseEventsAnalysis,
    BaselineAnalysis,
    ResponseAnalysis,
    TimeToEventAnalysis,
)
from hepatica.results import Results


def analysis(identifier: str, **changes: object) -> object:
    found = next(one for one in protocol().analyses if one.id == identifier)
    return found.model_copy(update=changes)


def baseline(rows: Results, **changes: object) -> Table:
    found = analysis("baseline", **changes)
    assert isinstance(found, BaselineAnalysis)
    return table_baseline(rows, protocol(), found)


def endpoints(rows: Results) -> Table:
    (together,) = endpoint_groups(rows, protocol())
    return table_endpoints(rows, protocol(), together)


def adverse_events(rows: Results, **changes: object) -> Table:
    found = analysis("adverse-events", **changes)
    assert isinstance(found, AdverseEventsAnalysis)
    return table_adverse_events(rows, protocol(), found)


def response(rows: Results) -> Table:
    found = analysis("response")
    assert isinstance(found, ResponseAnalysis)
    return table_response(rows, protocol(), found)


def primary(rows: Results) -> Table:
    ((found, endpoint),) = historical_endpoints(rows, protocol())
    return table_primary(rows, protocol(), found, endpoint)


def all_tables(rows: Results) -> list[Table]:
    return [
        table_sets(rows, protocol()),
        baseline(rows),
        primary(rows),
        endpoints(rows),
        response(rows),
        adverse_events(rows),
    ]


def texts(table: Table, label: str, start: int = 0) -> list[str]:
    found = [one for one in table.rows[start:] if one.label == label]
    assert found, f"{label} is not among {[one.label for one in table.rows]}"
    return [
        found[0].cells[column.id].text for column in table.columns if column.id in found[0].cells
    ]


# --- numbers ---------------------------------------------------------------------------------


def test_every_number_leads_to_a_row_and_every_id_exists() -> None:
    rows = results()
    known = {one.id for one in rows}
    for table in all_tables(rows):
        assert table.rows, table.id
        assert set(table.row_ids) <= known
        untraced = [
            span.text for span in table.spans() if re.search(r"\d", span.text) and not span.row_id
        ]
        assert untraced == []


def test_numbers_are_those_of_the_publication() -> None:
    table = baseline(results())
    assert texts(table, "Age, median (range), years") == ["53 (36–66)", "54 (27–70)", "53 (27–70)"]
    assert texts(table, "Male") == ["25 (96.2)", "22 (91.7)", "47 (94.0)"]
    assert texts(table, "7") == ["0 (0.0)", "3 (12.5)", "3 (6.0)"]
    table = endpoints(results())
    assert texts(table, "Patients alive without progression at 12 weeks, % (95% CI)") == [
        "80.8 (59.8–91.5)",
        "72.5 (48.6–86.6)",
    ]
    assert texts(table, "Median, months (95% CI)") == ["5.7 (4.6–6.8)", "4.6 (2.7–9.1)"]
    table = response(results())
    assert texts(table, "Rate, % (95% CI)") == ["3.8 (0.1–19.6)", "8.3 (1.0–27.0)", "–"]
    assert texts(table, "Partial response (PR)") == ["1 (3.8)", "2 (8.3)", "3 (6.0)"]


def test_levels_of_a_variable_sum_to_the_head_of_their_column() -> None:
    table = baseline(results())
    for variable, levels in BASELINE.items():
        if set(levels) == {"Yes", "No"}:
            continue
        label = {"ecog": "ECOG", "child-pugh": "Child", "bclc": "BCLC", "afp-400": "Alpha"}
        start = next(
            position
            for position, one in enumerate(table.rows)
            if one.kind == "head"
            and one.label.startswith(label.get(variable, ""))
            and table.rows[position + 1].label in levels
        )
        below = table.rows[start + 1 : start + 1 + len(levels)]
        for column, size in zip(table.columns, SIZES.values(), strict=True):
            counts = [int(one.cells[column.id].text.split()[0]) for one in below]
            assert sum(counts) == size, variable


def test_best_responses_sum_to_all_patients() -> None:
    table = response(results())
    below = table.rows[1 : 1 + len(RESPONSES)]
    sums = [
        sum(int(one.cells[column.id].text.split()[0]) for one in below) for column in table.columns
    ]
    assert sums == list(SIZES.values())


def test_an_altered_row_changes_its_cells_and_nothing_else() -> None:
    rows = results()
    before = [(one.label, texts(baseline(rows), one.label)) for one in baseline(rows).rows]
    altered = Results(
        replace(one, value=13.0)
        if one.variable == "ecog"
        and one.variable_level == "0"
        and one.level == "Cohort 1"
        and one.statistic == "n"
        else one
        for one in rows
    )
    after = [(one.label, texts(baseline(altered), one.label)) for one in baseline(altered).rows]
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [("0", ["13 (53.8)", "15 (62.5)", "29 (58.0)"])]


# --- order, heads and titles -----------------------------------------------------------------


def test_arms_stand_in_the_order_of_the_protocol_and_all_comes_last() -> None:
    for table in (baseline(results()), response(results())):
        assert [column.label for column in table.columns] == ["Cohort 1", "Cohort 2", "All"]
        assert [column.slot for column in table.columns] == [1, 2, 0]
        heads = ["".join(span.text for span in column.n) for column in table.columns]
        assert heads == ["n = 26", "n = 24", "n = 50"]


def test_titles_name_the_population_and_what_is_post_hoc() -> None:
    assert baseline(results()).title == "Patients at baseline, full analysis set"
    assert adverse_events(results()).title == "Adverse events, safety analysis set"
    late = baseline(results(), post_hoc=True)
    assert late.title == "Patients at baseline, full analysis set, post hoc"
    assert primary(results()).title == (
        "Primary objective: progression-free survival at 12 weeks, full analysis set"
    )


def test_adverse_events_follow_total_frequency_then_alphabet() -> None:
    table = adverse_events(results())
    events = [one.label for one in table.rows if one.kind == "level"]
    assert events == [
        "Hypertension",
        "Hypothyroidism",
        "Fatigue",
        "Blood bilirubin increased",
        "Diarrhoea",
        "Nausea",
        "Toothache",
        "Anaemia",
        "Hepatalgia",
        "Pneumonitis",
    ]


def test_threshold_holds_in_any_column_and_severe_events_stay() -> None:
    # Hepatalgia: 2 of 26, 7.7 %, but 4 % of all. Pneumonitis: 1 of 24, severe. Hiccups: neither.
    events = [one.label for one in adverse_events(results()).rows]
    assert "Hepatalgia" in events
    assert "Pneumonitis" in events
    assert "Hiccups" not in events
    everything = [one.label for one in adverse_events(results(), threshold_percent=0.0).rows]
    assert set(EVENTS) <= set(everything)
    strict = [one.label for one in adverse_events(results(), threshold_percent=62.0).rows]
    assert "Hypothyroidism" in strict  # 62.5 % of Cohort 2, and 62.0 % of all
    assert "Fatigue" not in strict
    assert "Anaemia" in strict  # severe


def test_zero_is_printed_as_zero() -> None:
    assert texts(adverse_events(results()), "Hypothyroidism") == [
        "16 (61.5)", "15 (62.5)", "31 (62.0)", "0", "0", "0",
    ]  # fmt: skip


def test_both_severities_have_a_spanner_over_the_same_groups() -> None:
    table = adverse_events(results())
    assert [spanner.label for spanner in table.spanners] == ["Any grade", "Grade 3 or higher"]
    assert [len(spanner.columns) for spanner in table.spanners] == [3, 3]


def test_a_primary_objective_says_what_is_excluded() -> None:
    table = primary(results())
    assert texts(table, "Historical, under test") == ["65.0", "50.0"]
    assert texts(table, "P, two-sided") == ["0.12", "0.062"]
    assert texts(table, "Historical rate") == ["Not excluded", "Not excluded"]
    beaten = Results(
        replace(one, text="higher")
        if one.statistic == "verdict" and one.level == "Cohort 1"
        else one
        for one in results()
    )
    assert texts(primary(beaten), "Historical rate") == [
        "Excluded: rate is higher",
        "Not excluded",
    ]


def test_hazard_ratios_appear_where_a_comparison_is_planned() -> None:
    assert not any("Hazard" in one.label for one in endpoints(results()).rows)
    planned = analysis("overall-survival", compare={"reference": "Cohort 2"})
    assert isinstance(planned, TimeToEventAnalysis)
    planned = TimeToEventAnalysis.model_validate(
        planned.model_dump(exclude={"compare", "where"}) | {"compare": {"reference": "Cohort 2"}}
    )
    common = {"level": "Cohort 1", "reference": "Cohort 2", "variable": "cox", "conf_level": 0.95}
    values = {"hazard_ratio": 0.99, "hazard_ratio_lower": 0.5, "hazard_ratio_upper": 0.9962}
    more = [
        row("overall-survival", name, value, format="ratio", **common)
        for name, value in values.items()
    ]
    p_value = row("overall-survival", "p_value", 0.0004, variable="logrank", format="p_value")
    table = table_endpoints(results(*more, p_value), protocol(), [planned])
    assert texts(table, "Hazard ratio against Cohort 2 (95% CI, Wald)") == [
        "0.99 (0.50–0.996)",
        "reference",
    ]
    assert texts(table, "Log-rank P, two-sided, all groups") == ["< 0.001"]


# --- what is missing -------------------------------------------------------------------------


def test_missing_values_are_a_row_of_their_own() -> None:
    counts = {"Cohort 1": 2, "Cohort 2": 0, "": 2}
    extra = [
        row(
            "baseline", statistic, n if statistic == "n" else 100 * n / SIZES[level],
            level=level, variable="hbv", variable_level="Missing",
            format="integer" if statistic == "n" else "percent", denominator=SIZES[level],
        )
        for level, n in counts.items()
        for statistic in ("n", "percent")
    ]  # fmt: skip
    rows = Results(
        replace(one, value=1.0)
        if one.variable == "age" and one.statistic == "missing" and one.level == "Cohort 2"
        else one
        for one in results(*extra)
    )
    table = baseline(rows)
    assert texts(table, "Missing") == ["0", "1", "0"]
    assert texts(table, "Missing", 3) == ["2 (7.7)", "0 (0.0)", "2 (4.0)"]
    assert "Missing: no value was recorded" in table.footnotes[0]


def test_a_limit_that_is_not_reached_is_ne_and_explained() -> None:
    table = endpoints(results())
    start = next(i for i, one in enumerate(table.rows) if one.label.startswith("Overall survival"))
    assert texts(table, "Median, months (95% CI)", start)[0] == "12.8 (7.9–NE)"
    assert "NE: not estimable" in table.footnotes[0]
    assert "NE: not estimable" not in baseline(results()).footnotes[0]


def test_a_failed_analysis_says_why_in_place_of_its_table() -> None:
    rows = failed("baseline", "The column ECOGBL is not in ADSL.")
    table = baseline(rows)
    assert not table.rows
    html = table_html(table, number="Table 1.")
    assert "Not available." in html
    assert "The column ECOGBL is not in ADSL." in html
    assert "ECOGBL" in table_csv(table)


def test_a_failed_endpoint_stands_alone_and_the_others_stay() -> None:
    groups = endpoint_groups(failed("overall-survival", "There is no ADTTE table."), protocol())
    assert [[one.id for one in group] for group in groups] == [
        ["progression-free-survival", "time-to-progression"],
        ["overall-survival"],
    ]


# --- footnotes -------------------------------------------------------------------------------


def test_footnotes_name_methods_rounding_and_abbreviations() -> None:
    notes = endpoints(results()).footnotes
    assert "1 month = 30.4375 days." in notes[0]
    assert "Kaplan–Meier, log-log interval" in notes[0]
    assert "not randomised" in notes[0]
    assert baseline(results()).footnotes[-1] == (
        "BCLC: Barcelona Clinic Liver Cancer. ECOG: Eastern Cooperative Oncology Group."
    )
    assert "Clopper–Pearson" in response(results()).footnotes[0]


def test_a_randomised_study_is_not_called_otherwise() -> None:
    study = protocol().study.model_copy(update={"randomised": True})
    randomised = protocol().model_copy(update={"study": study})
    found = analysis("baseline")
    assert isinstance(found, BaselineAnalysis)
    assert "randomised" not in " ".join(table_baseline(results(), randomised, found).footnotes)


# --- the value and its writers ---------------------------------------------------------------


class _Heads(HTMLParser):
    """Collect heads, and the number of cells of each row."""

    def __init__(self) -> None:
        super().__init__()
        self.unscoped: list[str] = []
        self.widths: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "tr":
            self.widths.append(0)
        if tag in ("td", "th"):
            self.widths[-1] += int(found.get("colspan") or 1)
        if tag == "th" and found.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
            self.unscoped.append(str(attrs))


@pytest.mark.parametrize("position", range(6))
def test_html_has_scoped_heads_and_rows_of_one_width(position: int) -> None:
    table = all_tables(results())[position]
    parser = _Heads()
    parser.feed(str(table_html(table)))
    assert parser.unscoped == []
    assert set(parser.widths) == {len(table.columns) + 1}


def test_unknown_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="has no column b"):
        Table("t", "T", columns=(Column("a", "A"),), rows=(Row("plain", "x", {"b": Cell()}),))
    with pytest.raises(ValueError, match="has no column b"):
        Table("t", "T", columns=(Column("a", "A"),), spanners=(Spanner("s", ("a", "b")),))
    with pytest.raises(ValueError, match="names of their own"):
        Table("t", "T", columns=(Column("a", "A"), Column("a", "B")))


HOSTILE = '<script>alert("x")</script>'


def test_hostile_text_is_escaped_everywhere() -> None:
    table = Table(
        "t",
        HOSTILE,
        stub=HOSTILE,
        columns=(Column("a", HOSTILE, (Span(HOSTILE, HOSTILE),), 1),),
        spanners=(Spanner(HOSTILE, ("a",)),),
        rows=(
            Row("head", HOSTILE),
            Row("level", HOSTILE, {"a": Cell((Span(HOSTILE, HOSTILE),), (Span(HOSTILE),))}),
            Row("message", HOSTILE),
        ),
    )
    html = str(table_html(table, number=HOSTILE))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 9
    assert "<script" not in table_html(Table("t", HOSTILE, message=HOSTILE))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝", "\n="])
def test_csv_disarms_formulas(start: str) -> None:
    text = f"{start}HYPERLINK(1)"
    table = Table(
        "t",
        "T",
        columns=(Column("a", text),),
        rows=(Row("head", text), Row("level", text, {"a": Cell((Span(text),))})),
    )
    cells = [
        cell for line in csv.reader(io.StringIO(table_csv(table, status=text))) for cell in line
    ]
    assert sum(cell.endswith("HYPERLINK(1)") for cell in cells) == 5
    assert all(cell.startswith("'") for cell in cells if "HYPERLINK" in cell)


def test_csv_has_one_line_for_each_row_and_the_status_below() -> None:
    table = baseline(results())
    lines = list(csv.reader(io.StringIO(table_csv(table, status="Constructed patients. Note."))))
    assert lines[0] == ["Group", "Row", "Cohort 1 (n = 26)", "Cohort 2 (n = 24)", "All (n = 50)"]
    assert ["Sex, n (%)", "Male", "25 (96.2)", "22 (91.7)", "47 (94.0)"] in lines
    assert lines[-1] == ["Constructed patients. Note."]
    spanned = next(csv.reader(io.StringIO(table_csv(adverse_events(results())))))
    assert spanned[2] == "Any grade: Cohort 1 (n = 26)"
    assert spanned[5] == "Grade 3 or higher: Cohort 1 (n = 26)"
