"""How sure reviewers are of a pooled result: the judgements of GRADE and what follows from them.

Source: Guyatt et al., J Clin Epidemiol 2011;64:383 (GRADE: evidence profiles and summaries of
findings) and 2011;64:401 (rating the quality of evidence).
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, model_validator

from hepatica.protocol.base import Frozen, Text

#: From the least to the most certain.
CertaintyWord = Literal["very low", "low", "moderate", "high"]
CERTAINTY_WORDS: tuple[CertaintyWord, ...] = get_args(CertaintyWord)
#: Names of domains as readers see them.
DOMAIN_LABELS = {
    "risk_of_bias": "risk of bias",
    "inconsistency": "inconsistency",
    "indirectness": "indirectness",
    "imprecision": "imprecision",
    "publication_bias": "publication bias",
    "large_effect": "large effect",
    "dose_response": "dose response",
    "confounding": "plausible confounding",
}
_START = {"high": 3, "low": 1}


class Judgement(Frozen):
    """One domain of certainty.

    Attributes
    ----------
    steps : int
        Levels down or up: 0 (nothing), 1 (serious) or 2 (very serious).
    reason : str
        Why; needed from one step on.
    """

    steps: int = Field(default=0, ge=0, le=2)
    reason: str = ""

    @model_validator(mode="after")
    def _has_a_reason(self) -> Judgement:
        if self.steps and not self.reason.strip():
            raise ValueError("A judgement of 1 or 2 steps has a reason. Write it under reason.")
        return self


class RatedDown(Frozen):
    """What lowers certainty; a domain that is not named loses nothing."""

    risk_of_bias: Judgement = Judgement()
    inconsistency: Judgement = Judgement()
    indirectness: Judgement = Judgement()
    imprecision: Judgement = Judgement()
    publication_bias: Judgement = Judgement()

    @property
    def judgements(self) -> dict[str, Judgement]:
        """The judgements by domain, in the order of GRADE."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class RatedUp(Frozen):
    """What raises the certainty of evidence that starts low."""

    large_effect: Judgement = Judgement()
    dose_response: Judgement = Judgement()
    confounding: Judgement = Judgement()

    @property
    def judgements(self) -> dict[str, Judgement]:
        """The judgements by domain, in the order of GRADE."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class Certainty(Frozen):
    """The reviewers' judgements of one outcome.

    Attributes
    ----------
    start : {"high", "low"}
        ``high`` for randomised trials, ``low`` for observational studies.
    down : RatedDown
        What lowers certainty.
    up : RatedUp
        What raises it.
    baseline_risk : float or None
        Assumed share of patients with the event under control, between 0 and 1.
    baseline_source : str
        Where the assumed risk comes from.
    event : str
        What is counted per 1,000 patients, for example ``deaths within a year``.
    """

    start: Literal["high", "low"]
    down: RatedDown = RatedDown()
    up: RatedUp = RatedUp()
    baseline_risk: float | None = Field(default=None, gt=0.0, lt=1.0)
    baseline_source: str = ""
    event: Text = "events"


def certainty_word(start: str, down: int, up: int = 0) -> CertaintyWord:
    """Return the certainty: the start, less the steps down, plus the steps up.

    Parameters
    ----------
    start : {"high", "low"}
        Where the evidence starts.
    down, up : int
        Sums of steps, 0 or more.

    Raises
    ------
    ValueError
        If the start is unknown or a sum of steps is negative.

    Examples
    --------
    >>> certainty_word("high", down=1), certainty_word("low", down=3), certainty_word("high", 0, 2)
    ('moderate', 'very low', 'high')
    """
    if start not in _START or down < 0 or up < 0:
        raise ValueError("The start is high or low, and steps are counted from 0.")
    return CERTAINTY_WORDS[min(max(_START[start] - down + up, 0), len(CERTAINTY_WORDS) - 1)]


def certainty_of(judged: Certainty) -> CertaintyWord:
    """Return the certainty that judgements give.

    Examples
    --------
    >>> serious = Judgement(steps=1, reason="Open-label trials.")
    >>> certainty_of(Certainty(start="high", down=RatedDown(risk_of_bias=serious)))
    'moderate'
    """
    return certainty_word(
        judged.start,
        sum(one.steps for one in judged.down.judgements.values()),
        sum(one.steps for one in judged.up.judgements.values()),
    )
