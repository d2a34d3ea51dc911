"""DV: protocol deviations, where the protocol plans to count them."""

from __future__ import annotations

import numpy as np
import polars as pl

from hepatica.protocol.analyses import DeviationsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.simulate.draw import chance, expand, iso, numbered, words
from hepatica.simulate.story import Story
from hepatica.stats.random_streams import stream

_MOST = (0.75, 0.18, 0.07)
_KINDS = (
    ("VISIT OUT OF WINDOW", "Visit outside the window of the schedule", "MINOR"),
    ("PROCEDURE NOT DONE", "Laboratory sample not taken", "MINOR"),
    ("DOSING ERROR", "Dose not taken as the schedule says", "MINOR"),
    ("PROHIBITED MEDICATION", "Drug taken that the protocol does not allow", "MAJOR"),
    ("ELIGIBILITY", "Enrolled although a criterion was not met", "MAJOR"),
)
_SHARES = (0.45, 0.2, 0.2, 0.1, 0.05)


def has_deviations(protocol: Protocol) -> bool:
    """Return whether a planned analysis counts protocol deviations."""
    return any(isinstance(one, DeviationsAnalysis) for one in protocol.analyses)


def deviation_table(story: Story) -> pl.DataFrame:
    """Construct DV: a quarter of the patients deviate once or twice while on treatment."""
    rng = stream(story.seed, "DV")
    people = story.people
    counts = np.where(people.enrolled, chance(_MOST, people.n, rng), 0)
    owner, _ = expand(counts)
    first, last = people.first_dose[owner], story.course.end[owner]
    day = first + (rng.random(len(owner)) * (last - first + 1)).astype(np.int64)
    kind = chance(_SHARES, len(owner), rng)
    order = np.lexsort((kind, day, owner))
    owner, day, kind = owner[order], day[order], kind[order]
    names, terms, categories = zip(*_KINDS, strict=True)
    return pl.DataFrame(
        {
            "USUBJID": people.names.gather(owner),
            "DVSEQ": numbered(owner),
            "DVTERM": words(terms, kind),
            "DVDECOD": words(names, kind),
            "DVCAT": words(categories, kind),
            "DVSTDTC": iso(day),
        }
    )
