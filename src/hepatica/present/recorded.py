"""Recorded words as readers expect them: sentence case in place of capitals."""

from __future__ import annotations

import re

#: Words that stay in capitals.
_KEPT = frozenset(
    (
        *("AE", "AFP", "ALT", "AST", "BCLC", "CT", "CTCAE", "ECG", "ECOG", "FOLFOX", "HAIC", "HBV"),
        *("HCC", "HCV", "ICF", "INR", "MRI", "PD", "PFS", "QT", "RECIST", "SAE", "SIRT", "TACE"),
        *("TARE", "TKI", "TNM", "VEGF"),
    )
)
#: Names that keep their capitals.
_NAMES = {"CHILD-PUGH": "Child-Pugh", "ASIAN": "Asian", "CHINESE": "Chinese"}


def in_words(text: str) -> str:
    """Return a recorded text in sentence case if it is all in capitals; else as it is.

    Abbreviations and words with a digit keep their capitals.

    Examples
    --------
    >>> in_words("WITHDRAWAL BY SUBJECT"), in_words("PD-1 ANTIBODY"), in_words("Late scan")
    ('Withdrawal by subject', 'PD-1 antibody', 'Late scan')
    >>> in_words("TACE OR HAIC"), in_words("HCC PROGRESSION")
    ('TACE or HAIC', 'HCC progression')
    """
    if not text.isupper():
        return text
    words = " ".join(_word(word) for word in text.split(" "))
    return words[:1].upper() + words[1:]


def _word(word: str) -> str:
    bare = re.sub(r"^\W+|\W+$", "", word)
    if bare in _NAMES:
        return word.replace(bare, _NAMES[bare])
    keeps = bare in _KEPT or any(character.isdigit() for character in bare)
    return word if keeps else word.lower()
