"""Words for a best response, as sheets have them, and what they stand for."""

from __future__ import annotations

import narwhals.stable.v2 as nw

#: Each response with its words, in small letters and with single blanks for hyphens.
_WORDS: dict[str, tuple[str, ...]] = {
    "CR": ("cr", "complete response", "complete remission"),
    "PR": ("pr", "partial response", "partial remission"),
    "SD": ("sd", "stable disease", "stable", "no change"),
    "NON-CR/NON-PD": ("non cr/non pd", "noncr/nonpd", "non cr / non pd", "non cr non pd"),
    "PD": ("pd", "progressive disease", "disease progression", "progression", "progressed"),
    "NE": (
        *("ne", "not evaluable", "not evaluated", "inevaluable", "unevaluable", "non evaluable"),
        *("not assessable", "not assessed"),
    ),
    "iCR": ("icr",),
    "iPR": ("ipr",),
    "iSD": ("isd",),
    "iUPD": ("iupd",),
    "iCPD": ("icpd",),
}


def response_in(column: str) -> nw.Expr:
    """Return the response that a word stands for, null where the word is not known or missing.

    Case, blanks and hyphens do not matter.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.DataFrame({"B": ["cr", "Stable  disease", "non-CR/non-PD", "?"]}))
    >>> frame.select(response_in("B").alias("B"))["B"].to_list()
    ['CR', 'SD', 'NON-CR/NON-PD', None]
    """
    word = nw.col(column).cast(nw.String).str.to_lowercase()
    word = word.str.replace_all(r"[\s_-]+", " ").str.strip_chars()
    found = nw.lit(None, dtype=nw.String)
    for response, words in _WORDS.items():
        found = nw.when(word.is_in(list(words))).then(nw.lit(response)).otherwise(found)
    return found
