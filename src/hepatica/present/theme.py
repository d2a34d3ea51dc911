"""Colours, type sizes and distances: the one source that figures and pages are drawn from.

A colour is named by its token (``ink``, ``arm-1``, ``arm-1-text``). Drawings hold tokens; the
hex of a theme, or a custom property of the page, is put in when they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

ThemeName = Literal["light", "dark"]

#: Millimetres of one typographic point.
MM_PER_PT = 25.4 / 72

#: Most groups that one figure tells apart.
MAX_SLOTS = 6


@dataclass(frozen=True, slots=True)
class ArmSlot:
    """How an arm or group looks.

    Attributes
    ----------
    name : str
        Plain name of the colour.
    mark, text : str
        Hex of lines and marks, and of words, on a light ground.
    dark_mark, dark_text : str
        The same on a dark ground.
    dash : tuple of float
        Dash and gap lengths in pt, used from 4 groups on; empty for a solid line.
    marker : str
        Shape of the point.
    """

    name: str
    mark: str
    text: str
    dark_mark: str
    dark_text: str
    dash: tuple[float, ...]
    marker: str


#: Slots in the order of the protocol; slot 1 is the first.
ARMS = (
    ArmSlot("indigo", "#232C94", "#232C94", "#8D8DFF", "#A9ABFF", (), "circle"),
    ArmSlot("amber", "#DC7814", "#A35200", "#FFB84D", "#FFB84D", (7, 3), "square"),
    ArmSlot("teal", "#08796F", "#08796F", "#4FC3A6", "#4FC3A6", (2, 2), "triangle"),
    ArmSlot("wine", "#991C44", "#991C44", "#CC5AA0", "#E27FBB", (7, 2, 2, 2), "diamond"),
    ArmSlot("sky", "#1485C6", "#10699E", "#B7E1FF", "#B7E1FF", (1, 2), "triangle down"),
    ArmSlot("ink", "#15171C", "#15171C", "#F7F8FA", "#F7F8FA", (10, 2, 2, 2, 2, 2), "cross"),
)

_SURFACES = {
    "bg": ("#FFFFFF", "#12151F"),
    "ink": ("#1A1D26", "#E9EBF2"),
    "ink2": ("#565D6D", "#A4ABBC"),
    "rule": ("#8A91A0", "#6C7489"),
    "hair": ("#D5D9E2", "#353B4D"),
    "band": ("#F4F5F9", "#1B1F2C"),
    "accent": ("#3A4BB0", "#A9B4FF"),
    "warn": ("#7A4300", "#FFD893"),
    "warn-bg": ("#FFF3D6", "#2E2410"),
    "bad": ("#B42318", "#FF9B8F"),
    "good": ("#17663A", "#7FD8A4"),
    "response-cr": ("#0B4F4A", "#B5EFE4"),
    "response-pr": ("#2E9488", "#3FAE9F"),
    "response-sd": ("#C9CED6", "#4A5164"),
    "response-pd": ("#B8432B", "#E9785C"),
    "response-ne": ("#FFFFFF", "#12151F"),
    "grade-1": ("#FBE3B5", "#54401F"),
    "grade-2": ("#F3B65B", "#8A6226"),
    "grade-3": ("#D9742B", "#CE7A30"),
    "grade-4": ("#A33A22", "#F29A72"),
    "grade-5": ("#4A0F18", "#FFDACD"),
}

#: Share of the arm colour in a solid tint, and in a time bar.
TINT = 0.32
BAR_TINT = 0.38

#: Opacity of a confidence band, the one place where transparency is used.
BAND_OPACITY: Mapping[ThemeName, float] = MappingProxyType({"light": 0.11, "dark": 0.17})


@dataclass(frozen=True, slots=True)
class TypeSizes:
    """Sizes of text in figures, in pt at print size."""

    name: float = 9.0
    title: float = 8.0
    head: float = 7.5
    text: float = 7.5
    minor: float = 7.0
    note: float = 6.5


@dataclass(frozen=True, slots=True)
class LineWeights:
    """Widths of lines in figures, in pt."""

    curve: float = 1.5
    tick_mark: float = 0.9
    rule: float = 0.8
    axis: float = 0.6
    hair: float = 0.4


#: Sizes of text and widths of lines.
TYPE = TypeSizes()
LINE = LineWeights()

#: Font stacks: of figures, page text, headings and code.
FIGURE_FONTS = 'Helvetica, Arial, "Liberation Sans", sans-serif'
TEXT_FONTS = (
    '"Helvetica Neue", "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, '
    '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
)
HEADING_FONTS = (
    'Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", "Liberation Serif", serif'
)
CODE_FONTS = '"SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace'


def mix(colour: str, ground: str, share: float) -> str:
    """Return the solid hex of ``share`` of a colour on a ground.

    Examples
    --------
    >>> mix("#000000", "#FFFFFF", 0.5)
    '#808080'
    """
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    mixed = (int(share * top + (1 - share) * below + 0.5) for top, below in pairs)
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _tokens(theme: ThemeName) -> Mapping[str, str]:
    column = 0 if theme == "light" else 1
    tokens = {name: pair[column] for name, pair in _SURFACES.items()}
    for number, arm in enumerate(ARMS, start=1):
        mark = arm.mark if theme == "light" else arm.dark_mark
        tokens[f"arm-{number}"] = mark
        tokens[f"arm-{number}-text"] = arm.text if theme == "light" else arm.dark_text
        tokens[f"arm-{number}-tint"] = mix(mark, tokens["bg"], TINT)
        tokens[f"arm-{number}-bar"] = mix(mark, tokens["bg"], BAR_TINT)
    return MappingProxyType(tokens)


#: Hex of every token on a light and on a dark ground.
LIGHT = _tokens("light")
DARK = _tokens("dark")


def tokens(theme: ThemeName = "light") -> Mapping[str, str]:
    """Return the hex of every token of a theme; the mapping cannot be changed.

    Examples
    --------
    >>> tokens("dark")["bg"]
    '#12151F'
    """
    return LIGHT if theme == "light" else DARK


def custom_property(token: str) -> str:
    """Return a token as a custom property of the page, with the light hex where there is none.

    Examples
    --------
    >>> custom_property("arm-1-text")
    'var(--arm-1-text,#232C94)'
    """
    return f"var(--{token},{LIGHT[token]})"


def css_declarations(theme: ThemeName) -> str:
    """Return the custom properties of a theme, without a selector.

    Examples
    --------
    >>> css_declarations("light").splitlines()[0]
    '--bg: #FFFFFF;'
    """
    lines = [f"--{name}: {colour};" for name, colour in tokens(theme).items()]
    lines.append(f"--band-opacity: {BAND_OPACITY[theme]};")
    return "\n".join(lines)


def css_variables() -> str:
    """Return the style rules that define every token, light and dark.

    The theme follows the system; ``data-theme`` on the root element overrides it. Print takes
    the light colours whatever the screen shows.

    Examples
    --------
    >>> css_variables().startswith(":root {")
    True
    """
    light, dark = css_declarations("light"), css_declarations("dark")
    return (
        f":root {{\ncolor-scheme: light;\n{light}\n}}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f':root:not([data-theme="light"]) {{\ncolor-scheme: dark;\n{dark}\n}}\n}}\n'
        "@media screen {\n"
        f':root[data-theme="dark"] {{\ncolor-scheme: dark;\n{dark}\n}}\n}}\n'
    )
