"""The style sheet of the page: colours of the theme, then the rules of ``report.css``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hepatica.present.content import Cover
from hepatica.present.theme import ARMS, CODE_FONTS, HEADING_FONTS, TEXT_FONTS, css_declarations

#: Sections that the contents can mark as current.
_SECTIONS = (
    *("key-results", "patients", "treatment", "efficacy", "biomarkers", "safety", "listings"),
    *("synthesis", "evidence", "printed", "methods", "provenance"),
    *("objectives", "design", "population", "estimands", "analyses", "missing", "changes"),
    "shells",
)


def style(cover: Cover) -> str:
    """Return the style sheet of a report.

    The theme follows the system until one of the two switches of the page is set; print takes the
    light colours.
    """
    return "\n".join((_theme(), _fonts(), _rules(), _arms(), _current(), _print_foot(cover)))


@cache
def _rules() -> str:
    return (Path(__file__).parent / "report.css").read_text(encoding="utf-8")


def _theme() -> str:
    light, dark = css_declarations("light"), css_declarations("dark")
    return (
        f":root {{ color-scheme: light; {_one_line(light)} }}\n"
        "@media screen and (prefers-color-scheme: dark) { :root:not(:has(#theme-light:checked)) "
        f"{{ color-scheme: dark; {_one_line(dark)} }} }}\n"
        "@media screen { :root:has(#theme-dark:checked) "
        f"{{ color-scheme: dark; {_one_line(dark)} }} }}"
    )


def _one_line(declarations: str) -> str:
    return " ".join(declarations.split("\n"))


def _fonts() -> str:
    return f":root {{ --text: {TEXT_FONTS}; --heading: {HEADING_FONTS}; --code: {CODE_FONTS}; }}"


def _arms() -> str:
    rules = [
        f".arm-{n} {{ --mark: var(--arm-{n}); color: var(--arm-{n}-text); }}"
        for n in range(1, len(ARMS) + 1)
    ]
    widths = [f".w{width} {{ min-width: {width}em; }}" for width in range(4, 25)]
    return "\n".join((*rules, *widths))


def _current() -> str:
    """Mark the section that the address names, and the first when it names none."""
    targets = ", ".join(
        f"body:has(#{name}:target) .contents a[href='#{name}']" for name in _SECTIONS
    )
    first = "body:not(:has(section:target)) .contents a[href='#key-results']"
    return f"{targets}, {first} {{ font-weight: 600; border-left-color: var(--accent); }}"


def _print_foot(cover: Cover) -> str:
    text = f"{cover.id}. {cover.status}." if cover.status else cover.id
    return (
        "@page { size: A4; margin: 18mm 16mm 20mm;\n"
        f'@bottom-left {{ content: "{css_text(text)}"; font: 8pt sans-serif; color: #565D6D; }}\n'
        '@bottom-right { content: "Page " counter(page) " of " counter(pages); '
        "font: 8pt sans-serif; color: #565D6D; } }"
    )


def css_text(text: str) -> str:
    r"""Return text for a CSS string; all but letters, digits and spaces become code points.

    Examples
    --------
    >>> css_text('a</style>')
    'a\\3c \\2f style\\3e '
    """
    return "".join(
        character if character.isalnum() or character == " " else f"\\{ord(character):x} "
        for character in text
    )
