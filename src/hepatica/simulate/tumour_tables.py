"""TU, TR and RS: which lesions there are, what each scan measured, and the response recorded."""

from __future__ import annotations

import numpy as np
import polars as pl

from hepatica.errors import InputError
from hepatica.simulate.draw import Truth, Whole, expand, iso, numbered, words
from hepatica.simulate.lesions import MOST_TARGETS, ORGANS, Lesions
from hepatica.simulate.scans import (
    CR,
    NON_TARGET_PD,
    NON_TARGET_RESPONSES,
    RESPONSES,
    Scans,
)
from hepatica.simulate.story import Story
from hepatica.simulate.visits import scan_visits

_GROUPS = ("TARGET", "NON-TARGET", "NEW")
_STATES = ("PRESENT", "ABSENT", "UNEQUIVOCAL PROGRESSION", "UNEQUIVOCAL")
_TESTS = ("LDIAM", "LPERP", "TUMSTATE")
_TEST_NAMES = ("Longest Diameter", "Longest Perpendicular", "Tumor State")
_LINKS = tuple(
    f"{stem}{number:02d}" for stem in ("T", "NT", "NEW") for number in range(1, MOST_TARGETS + 1)
)


def lesion_table(story: Story) -> pl.DataFrame:
    """Construct TU: lesions found at baseline, and new ones on the scan that first showed them."""
    lesions, scans = _tumours(story)
    target, number = expand(lesions.targets)
    other, other_number = expand(lesions.non_targets)
    new = np.flatnonzero(scans.new)
    owner = np.concatenate([target, other, scans.owner[new]])
    group = np.repeat([0, 1, 2], [len(target), len(other), len(new)])
    within = np.concatenate([number, other_number, np.zeros(len(new), dtype=np.int64)])
    organ = np.concatenate(
        [
            lesions.organ[target, number],
            lesions.non_target_organ[other, other_number],
            lesions.new_organ[scans.owner[new]],
        ]
    )
    day = np.concatenate([lesions.baseline[target], lesions.baseline[other], scans.day[new]])
    planned = np.concatenate([np.zeros(len(target) + len(other), dtype=int), scans.planned[new]])
    order = np.lexsort((within, group, owner))
    owner, group, day = owner[order], group[order], day[order]
    visit, visit_number = scan_visits(story, planned[order])
    return pl.DataFrame(
        {
            "USUBJID": story.people.names.gather(owner),
            "TUSEQ": numbered(owner),
            "TULNKID": words(_LINKS, MOST_TARGETS * group + within[order]),
            "TUTESTCD": pl.repeat("TUMIDENT", len(owner), eager=True),
            "TUORRES": words(_GROUPS, group),
            "TULOC": words(ORGANS, organ[order]),
            "TUMETHOD": pl.repeat("CT SCAN", len(owner), eager=True),
            "TUEVAL": pl.repeat(_evaluator(story), len(owner), eager=True),
            "VISIT": visit,
            "VISITNUM": visit_number,
            "TUDTC": iso(day),
        }
    )


def measurement_table(story: Story) -> pl.DataFrame:
    """Construct TR: each target's diameter and each other lesion's state at each scan."""
    lesions, scans = _tumours(story)
    parts = [_targets(lesions, scans), _non_targets(lesions, scans), _new(scans)]
    owner, day, planned, group, within, test, tenths, state = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    order = np.lexsort((within, group, day, owner))
    owner, group, tenths = owner[order], group[order], tenths[order]
    visit, visit_number = scan_visits(story, planned[order])
    measured = pl.Series("measured", tenths >= 0)
    size = pl.Series("TRSTRESN", tenths / 10)
    frame = pl.DataFrame(
        {
            "USUBJID": story.people.names.gather(owner),
            "TRSEQ": numbered(owner),
            "TRLNKID": words(_LINKS, MOST_TARGETS * group + within[order]),
            "TRGRPID": words(_GROUPS, group),
            "TRTESTCD": words(_TESTS, test[order]),
            "TRTEST": words(_TEST_NAMES, test[order]),
            "TRSTRESC": words(_STATES, state[order]),
            "TRSTRESN": size.zip_with(measured, pl.Series([None], dtype=pl.Float64)),
            "TRSTRESU": words(("mm",), np.where(tenths >= 0, 0, -1)),
            "TRSTAT": words(("NOT DONE",), np.where((tenths < 0) & (group == 0), 0, -1)),
            "TREVAL": pl.repeat(_evaluator(story), len(owner), eager=True),
            "VISIT": visit,
            "VISITNUM": visit_number,
            "TRDTC": iso(day[order]),
        }
    )
    diameters = [f"{n / 10:g}" for n in range(int(tenths.max(initial=0)) + 1)]
    return frame.with_columns(pl.col("TRSTRESC").fill_null(words(diameters, tenths)))


_Part = tuple[Whole, Whole, Whole, Whole, Whole, Whole, Whole, Whole]


def _targets(lesions: Lesions, scans: Scans) -> _Part:
    patients = np.flatnonzero(lesions.targets)
    rows = np.concatenate([patients, scans.owner])
    day = np.concatenate([lesions.baseline[patients], scans.day])
    planned = np.concatenate([np.zeros(len(patients), dtype=np.int64), scans.planned])
    size = np.concatenate([lesions.size[patients], scans.size])
    scan, within = expand(lesions.targets[rows])
    owner = rows[scan]
    test = lesions.node[owner, within].astype(np.int64)
    tenths = size[scan, within]
    nothing = np.full(len(owner), -1)
    return owner, day[scan], planned[scan], np.zeros_like(owner), within, test, tenths, nothing


def _non_targets(lesions: Lesions, scans: Scans) -> _Part:
    patients = np.flatnonzero(lesions.targets)
    rows = np.concatenate([patients, scans.owner])
    day = np.concatenate([lesions.baseline[patients], scans.day])
    planned = np.concatenate([np.zeros(len(patients), dtype=np.int64), scans.planned])
    response = np.concatenate([np.ones(len(patients), dtype=np.int64), scans.non_target])
    scan, within = expand(lesions.non_targets[rows])
    owner, found = rows[scan], response[scan]
    # One lesion progresses; all of them disappear together.
    state = np.select([found == CR, (found == NON_TARGET_PD) & (within == 0)], [1, 2], 0)
    ones = np.ones_like(owner)
    return owner, day[scan], planned[scan], ones, within, 2 * ones, -ones, state


def _new(scans: Scans) -> _Part:
    seen = np.flatnonzero(scans.new)
    ones = np.ones(len(seen), dtype=np.int64)
    owner, day, planned = scans.owner[seen], scans.day[seen], scans.planned[seen]
    return owner, day, planned, 2 * ones, 0 * ones, 2 * ones, -ones, 3 * ones


def response_table(story: Story) -> pl.DataFrame:
    """Construct RS: the response of each visit as the investigator records it, with its parts."""
    _, scans = _tumours(story)
    parts = (
        ("TRGRESP", scans.target, np.ones(len(scans.owner), dtype=bool)),
        ("NTRGRESP", scans.non_target, scans.non_target >= 0),
        ("NEWLPROG", scans.new.astype(np.int64), scans.new),
        ("OVRLRESP", scans.overall, np.ones(len(scans.owner), dtype=bool)),
    )
    vocabulary = (*RESPONSES, *NON_TARGET_RESPONSES, "", "UNEQUIVOCAL")
    shift = (0, len(RESPONSES), len(RESPONSES) + len(NON_TARGET_RESPONSES), 0)
    scan = np.concatenate([np.flatnonzero(kept) for _, _, kept in parts])
    test = np.repeat(np.arange(len(parts)), [int(kept.sum()) for _, _, kept in parts])
    code = np.concatenate(
        [value[kept] + add for (_, value, kept), add in zip(parts, shift, strict=True)]
    )
    order = np.lexsort((test, scans.day[scan], scans.owner[scan]))
    scan, test = scan[order], test[order]
    owner = scans.owner[scan]
    visit, visit_number = scan_visits(story, scans.planned[scan])
    plan = story.plan
    return pl.DataFrame(
        {
            "USUBJID": story.people.names.gather(owner),
            "RSSEQ": numbered(owner),
            "RSTESTCD": words([name for name, _, _ in parts], test),
            "RSCAT": pl.repeat(plan.criteria if plan else "", len(owner), eager=True),
            "RSSTRESC": words(vocabulary, code[order]),
            "RSEVAL": pl.repeat(_evaluator(story), len(owner), eager=True),
            "VISIT": visit,
            "VISITNUM": visit_number,
            "RSDTC": iso(scans.day[scan]),
        }
    )


def _evaluator(story: Story) -> str:
    return (story.plan.evaluator if story.plan else "") or "INVESTIGATOR"


def _tumours(story: Story) -> tuple[Lesions, Scans]:
    if story.lesions is None or story.scans is None:
        raise InputError("These patients have no tumour assessments.")
    return story.lesions, story.scans


def best_response(story: Story) -> tuple[Whole, Truth]:
    """Return the best visit response of each patient (position in `RESPONSES`), and who has one.

    CR before PR before SD before PD before NE, without confirmation and without a least duration
    of stable disease.
    """
    n = story.people.n
    best = np.full(n, len(RESPONSES))
    if story.scans is not None:
        np.minimum.at(best, story.scans.owner, story.scans.overall)
    return best, best < len(RESPONSES)
