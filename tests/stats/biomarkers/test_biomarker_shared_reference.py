"""Agreement with R's maxstat on data sets of R, from the folder of shared data."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from hepatica.stats.cut_point import maximally_selected_logrank

pytestmark = pytest.mark.shared


def test_maxstat(shared: Path) -> None:
    folder = shared / "data" / "survival"
    golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))["maxstat"]
    assert len(golden) == 10
    for theirs in golden:
        name = theirs["formula"].rpartition("~ ")[2]
        with (folder / "data" / f"{theirs['dataset']}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        time, event, marker = ([float(row[key]) for row in rows] for key in ("time", "event", name))
        ours = maximally_selected_logrank(time, event, marker)
        assert ours.statistic == pytest.approx(theirs["statistic"], rel=1e-10)
        assert ours.cut_point == theirs["cutpoint"]
        if theirs["pmethod"] != "none":
            p = {"Lau92": ours.p_lau92, "Lau94": ours.p_lau94}[theirs["pmethod"]]
            # R takes 1 less a probability: exact to 1e-16, not to a share of it.
            np.testing.assert_allclose(p, theirs["p"], rtol=1e-10, atol=1e-15)
