"""Cells of the tables and printed numbers that altered patients of ALTER-0802 change, by hand."""

from __future__ import annotations

from collections import Counter

#: Cells before and after, by table and column. Of the 95% limits of survival only some are affected
#: at the printed decimals; means of exposure change too, and are not shown to that many decimals.
CELLS = """
progression-free-survival-and-others | Cohort 1
  5.9 (4.8–6.9) > 5.9 (3.2–6.9)
  80.8 (59.8–91.5) > 76.9 (55.7–88.9)
  76.5 (55.0–88.7) > 72.6 (51.0–85.9)
  54.2 (32.4–71.7) > 54.7 (33.0–72.0)
  54.2 (32.4–71.7) > 54.7 (33.0–72.0)
  5.9 (4.8–6.9) > 5.9 (3.2–6.9)
pfs-historical | Cohort 1
  80.8 (59.8–91.5) > 76.9 (55.7–88.9)
  1.57 > 1.21
  0.12 > 0.23
pfs-sensitivity | Cohort 1
  5.9 (4.8–6.9) > 5.9 (3.2–6.9)
  80.8 (59.8–91.5) > 76.9 (55.7–88.9)
  5.9 (4.8–6.9) > 5.9 (3.2–6.9)
  80.8 (59.8–91.5) > 76.9 (55.7–88.9)
  83.8 (62.4–93.6) > 79.8 (58.1–91.1)
  6.9 (4.2–6.9) > 6.9 (2.8–6.9)
  88.5 (68.4–96.1) > 84.6 (64.0–93.9)
  5.6 (4.2–6.9) > 5.6 (2.8–6.9)
  88.5 (68.4–96.1) > 84.6 (64.0–93.9)
  5.9 (4.8–6.9) > 5.9 (3.2–6.9)
  80.8 (59.8–91.5) > 76.9 (55.7–88.9)
response | Cohort 1
  21 (80.8) > 20 (76.9)
  4 (15.4) > 5 (19.2)
  22 > 21
  84.6 (65.1–95.6) > 80.8 (60.6–93.4)
  −6.1 (−15.8 to 0.8) > −4.4 (−15.8 to 2.3)
  18 (69.2) > 17 (65.4)
response | All
  37 (74.0) > 36 (72.0)
  9 (18.0) > 10 (20.0)
  40 > 39
  80.0 (66.3–90.0) > 78.0 (64.0–88.5)
  −7.0 (−15.8 to 0.8) > −6.5 (−15.8 to 1.1)
  36 (72.0) > 35 (70.0)
exposure | Cohort 1
  95.7 (84.6–100.0) > 95.7 (84.6–99.4)
exposure | Cohort 2
  94.7 (90.3–97.1) > 94.5 (90.3–96.4)
  6 (25.0) > 7 (29.2)
  18 (75.0) > 17 (70.8)
  6 (25.0) > 7 (29.2)
exposure | All
  94.9 (87.1–99.1) > 94.7 (87.1–98.9)
  14 (28.0) > 15 (30.0)
  36 (72.0) > 35 (70.0)
  14 (28.0) > 15 (30.0)
adverse-events | Any grade: Cohort 1
  3 (11.5) > 4 (15.4)
adverse-events | Any grade: All
  4 (8.0) > 5 (10.0)
adverse-events | Grade 3 or higher: Cohort 2
  6 (25.0) > 7 (29.2)
  0 > 1 (4.2)
adverse-events | Grade 3 or higher: All
  19 (38.0) > 20 (40.0)
  0 > 1 (2.0)
adverse-events-serious | Cohort 1
  4 (15.4) > 5 (19.2)
  2 (7.7) > 3 (11.5)
  4 > 5
  2 > 3
  absent > 1 (3.8)
  absent > 1 (3.8)
adverse-events-serious | Cohort 2
  absent > 0
  absent > 0
adverse-events-serious | All
  5 (10.0) > 6 (12.0)
  2 (4.0) > 3 (6.0)
  5 > 6
  2 > 3
  absent > 1 (2.0)
  absent > 1 (2.0)
"""


def cells_by_hand() -> Counter[tuple[str, str, str, str]]:
    found: Counter[tuple[str, str, str, str]] = Counter()
    table = column = ""
    for line in CELLS.strip().splitlines():
        if line.startswith("  "):
            before, after = line.strip().split(" > ")
            found[table, column, before, after] += 1
        else:
            table, column = line.split(" | ")
    return found


PFS, TTP = "progression-free-survival", "time-to-progression"
#: Printed numbers that are no longer those of the data: place, analysis, level, variable and its
#: level, time, statistic; printed and computed.
DIFFERENT: dict[tuple[str | float, ...], tuple[str, str]] = {
    ("Table 2", PFS, "Cohort 1", "", "", 84.0, "survival"): ("80.8%", "76.9%"),
    ("Table 2", PFS, "Cohort 1", "", "", 84.0, "survival_lower"): ("59.8%", "55.7%"),
    ("Table 2", PFS, "Cohort 1", "", "", 84.0, "survival_upper"): ("91.5%", "88.9%"),
    ("Table 2", PFS, "Cohort 1", "", "", 168.0, "survival"): ("54.2%", "54.7%"),
    ("Table 2", PFS, "Cohort 1", "", "", 168.0, "survival_lower"): ("32.4%", "33.0%"),
    ("Table 2", PFS, "Cohort 1", "", "", 168.0, "survival_upper"): ("71.7%", "72.0%"),
    ("Table 2", TTP, "Cohort 1", "", "", "", "median_lower"): ("4.8", "3.2"),
    ("Discussion, p. 626", PFS, "Cohort 1", "", "", 84.0, "survival"): ("80.8%", "76.9%"),
    **{
        (place, analysis, level, variable, event, "", statistic): texts
        for place, analysis, level, variable, event, statistic, texts in (
            ("Table 2", "response", "Cohort 1", "best_response", "SD", "n", ("21", "20")),
            (
                "Table 2",
                "response",
                "Cohort 1",
                "best_response",
                "SD",
                "percent",
                ("80.8%", "76.9%"),
            ),
            ("Table 2", "response", "Cohort 1", "best_response", "PD", "n", ("4", "5")),
            (
                "Table 2",
                "response",
                "Cohort 1",
                "best_response",
                "PD",
                "percent",
                ("15.4%", "19.2%"),
            ),
            ("Table 4", "adverse-events", "Cohort 1", "any", "Nausea", "n", ("3", "4")),
            (
                "Table 4",
                "adverse-events",
                "Cohort 1",
                "any",
                "Nausea",
                "percent",
                ("11.5%", "15.4%"),
            ),
            ("Table 4", "adverse-events", "", "any", "Nausea", "n", ("4", "5")),
            ("Table 4", "adverse-events", "", "any", "Nausea", "percent", ("8.0%", "10.0%")),
            ("Table 4", "adverse-events", "Cohort 2", "severe", "Fatigue", "n", ("–", "1")),
            ("Table 4", "adverse-events", "", "severe", "Fatigue", "n", ("–", "1")),
            ("Results, p. 624", "exposure", "", "Anlotinib", "10 mg", "n", ("14", "15")),
            ("Results, p. 626", "adverse-events", "", "serious", "", "events", ("5", "6")),
            ("Results, p. 626", "adverse-events", "", "serious_related", "", "events", ("2", "3")),
        )
    },
}
