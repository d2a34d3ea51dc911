"""Printed cells, read by hand."""

from __future__ import annotations

import pytest

from hepatica.published.cells import UnreadableCellError, between, is_dash, pieces


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("47 (94.0%)", [47, 94.0]),
        ("53 (27-70)", [53, 27, 70]),
        ("53 (27–70)", [53, 27, 70]),
        ("5.9 (4.8, 6.9)", [5.9, 4.8, 6.9]),
        ("80.8% [95.0%; 59.8%–91.5%]", [80.8, 95.0, 59.8, 91.5]),
        ("189.0 (1.8–441,231)", [189.0, 1.8, 441231]),
        ("− 16.6 (− 23.1, − 6.9)", [-16.6, -23.1, -6.9]),
        ("0.5(− 1.4, 2.3)", [0.5, -1.4, 2.3]),
        ("20.1 (12.8–NE)", [20.1, 12.8, None]),
        ("−1.0 to −0.5", [-1.0, -0.5]),
        (".26", [0.26]),
        ("", []),
    ],
)
def test_numbers_of_a_cell(text: str, values: list[float | None]) -> None:
    assert [one.value for one in pieces(text)] == values


def test_text_and_decimals_are_kept() -> None:
    share = pieces("12 (50.0%)")[1]
    assert (share.text, share.decimals) == ("50.0%", 1)
    assert pieces("1.0000")[0].decimals == 4
    assert pieces("− 6.9")[0].text == "−6.9"


def test_a_sign_before_a_number() -> None:
    small = pieces("< 0.001")[0]
    assert (small.sign, small.value, small.decimals, small.text) == ("<", 0.001, 3, "<0.001")


@pytest.mark.parametrize("text", ["about 5", "5 months", "12,34", "5.9 § 4"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(UnreadableCellError):
        pieces(text)


def test_what_stands_between_puts_the_cell_together_again() -> None:
    for text in ("80.8% (59.8%, 91.5%)", "12.8–NE", "3.5; 0.203", "0"):
        gaps, parts = between(text), pieces(text)
        whole = gaps[0] + "".join(p.text + g for p, g in zip(parts, gaps[1:], strict=True))
        assert whole == text


def test_dashes() -> None:
    assert is_dash(" – ")
    assert is_dash("-")
    assert not is_dash("")
    assert not is_dash("–1")
