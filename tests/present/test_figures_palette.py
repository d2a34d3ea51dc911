"""The palette keeps what the style guide measured: contrast, lightness, one source for pages."""

from __future__ import annotations

import itertools
import re

import pytest

from hepatica.present import theme

DARK_TEXT = ("ink", "ink2", "accent", "warn", "bad", "good")


def channels(colour: str) -> list[float]:
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]


def luminance(colour: str) -> float:
    red, green, blue = channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lightness(colour: str) -> float:
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("name", ["light", "dark"])
def test_words_reach_4_5_and_marks_3(name: theme.ThemeName) -> None:
    tokens = theme.tokens(name)
    for number in range(1, theme.MAX_SLOTS + 1):
        assert contrast(tokens[f"arm-{number}-text"], tokens["bg"]) >= 4.5
        assert contrast(tokens[f"arm-{number}"], tokens["bg"]) >= 3.0
    for token in DARK_TEXT:
        assert contrast(tokens[token], tokens["bg"]) >= 4.5
    assert contrast(tokens["warn"], tokens["warn-bg"]) >= 4.5
    assert contrast(tokens["rule"], tokens["bg"]) >= 3.0


@pytest.mark.parametrize(
    ("token", "printed"),
    [("ink", 16.8), ("ink2", 6.6), ("rule", 3.2), ("arm-1", 11.3), ("arm-2", 3.1), ("arm-5", 4.0)],
)
def test_contrast_is_what_the_style_guide_prints(token: str, printed: float) -> None:
    assert contrast(theme.LIGHT[token], "#FFFFFF") == pytest.approx(printed, abs=0.06)


@pytest.mark.parametrize(("n", "step"), [(2, 35.9), (3, 15.1), (4, 9.4), (5, 7.5), (6, 7.5)])
def test_grey_steps_are_what_the_style_guide_prints(n: int, step: float) -> None:
    found = [lightness(theme.LIGHT[f"arm-{slot}"]) for slot in range(1, n + 1)]
    least = min(abs(a - b) for a, b in itertools.combinations(found, 2))
    assert least == pytest.approx(step, abs=0.15)


def test_severity_runs_by_lightness_and_turns_round_in_the_dark() -> None:
    light = [lightness(theme.LIGHT[f"grade-{grade}"]) for grade in range(1, 6)]
    dark = [lightness(theme.DARK[f"grade-{grade}"]) for grade in range(1, 6)]
    assert [round(value) for value in light] == [91, 78, 59, 39, 15]
    assert dark == sorted(dark)


def test_pages_and_figures_share_one_source() -> None:
    css = theme.css_variables()
    first = css.split("@media")[0]
    declared = dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6});", first))
    assert declared == dict(theme.LIGHT)
    assert css.count("--arm-6-text: #F7F8FA;") == 2
    assert "@media print" not in css
    assert all(block.startswith("media screen") for block in css.split("\n@")[1:])


def test_tokens_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        theme.LIGHT["ink"] = "#000000"  # type: ignore[index]


def test_slots_differ_in_every_carrier() -> None:
    for carrier in ("mark", "text", "dash", "marker", "name"):
        assert len({getattr(arm, carrier) for arm in theme.ARMS}) == theme.MAX_SLOTS
