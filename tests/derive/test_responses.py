"""Subjects in blocks: the same records, whatever the size of a block."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from hepatica.derive.adsl_from_domains import derive_adsl_from_domains
from hepatica.derive.responses import derive_responses, subject_blocks
from hepatica.derive.subject_numbers import with_numbers
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.records import read_records
from hepatica.study.simulate import simulate_collected_study


@pytest.fixture(scope="module")
def collected(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[Protocol, dict[str, nw.DataFrame[Any]]]:
    folder = tmp_path_factory.mktemp("blocks") / "study"
    simulate_collected_study(request.config.rootpath / "studies" / "alter-0802", 30, folder)
    protocol = read_protocol(folder / "study.yaml")
    tables = {
        name: nw.from_native(table.frame, eager_only=True)
        for name, table in read_records(protocol, folder).tables.items()
    }
    tables["ADSL"] = derive_adsl_from_domains(protocol, tables).collect()
    return protocol, tables


@pytest.mark.parametrize("block", [1, 7, 29, 30])
def test_blocks_change_nothing(
    collected: tuple[Protocol, dict[str, nw.DataFrame[Any]]], block: int
) -> None:
    protocol, tables = collected
    whole, parts = (derive_responses(protocol, tables, block=size) for size in (1000, block))
    for name, frame in whole.items():
        wanted, found = frame.to_native(), parts[name].to_native()
        assert isinstance(wanted, pl.DataFrame)
        assert found.sort(wanted.columns).equals(wanted.sort(wanted.columns)), name


def test_each_subject_stands_in_one_block(
    collected: tuple[Protocol, dict[str, nw.DataFrame[Any]]],
) -> None:
    read = {name: collected[1][name] for name in ("ADSL", "TR")}
    tables, names = with_numbers(read)
    blocks = list(subject_blocks(tables, 8))
    subjects = [names[one] for part in blocks for one in part["ADSL"]["USUBJID"].to_list()]
    assert sorted(subjects) == sorted(read["ADSL"]["USUBJID"].to_list())
    assert sum(len(part["TR"]) for part in blocks) == len(tables["TR"])
