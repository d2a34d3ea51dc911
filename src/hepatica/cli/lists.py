"""Options that take several values in one word, parted by commas."""

from __future__ import annotations

from hepatica.errors import CommandError


def names(text: str) -> tuple[str, ...]:
    """Return the names in a list.

    Examples
    --------
    >>> names("AGE, AFP"), names("")
    (('AGE', 'AFP'), ())
    """
    return tuple(one.strip() for one in text.split(",") if one.strip())


def days(option: str, text: str) -> tuple[float, ...]:
    """Return the days in a list.

    Examples
    --------
    >>> days("--at", "84,168")
    (84.0, 168.0)
    """
    try:
        return tuple(float(one) for one in names(text))
    except ValueError:
        message = f"{option} takes days, such as {option} 84,168."
        raise CommandError(message) from None


def counts(option: str, text: str) -> tuple[int, ...]:
    """Return the numbers of patients in a list.

    Examples
    --------
    >>> counts("--sizes", "20, 24")
    (20, 24)
    """
    found = names(text)
    if not all(one.isdecimal() and int(one) > 0 for one in found):
        message = f"{option} takes numbers of patients, such as {option} 20,24,28."
        raise CommandError(message)
    return tuple(int(one) for one in found)
