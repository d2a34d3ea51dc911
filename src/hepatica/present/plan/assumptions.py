"""What the size of a study was planned on, as the protocol's design block says it."""

from __future__ import annotations

from hepatica.present.assumed_curve import curve_words
from hepatica.present.content import Points
from hepatica.present.plan.document import DocumentBlock
from hepatica.present.spans import Span, join
from hepatica.present.wording import percent_text
from hepatica.protocol.design import AssumedArm, DesignAssumptions
from hepatica.protocol.model import Protocol


def design_assumptions(protocol: Protocol) -> tuple[DocumentBlock, ...]:
    """Return accrual, follow-up, tests with their level, and the scenarios of a design.

    Parameters
    ----------
    protocol : Protocol
        The study; without a block ``design`` there is nothing to say.
    """
    plan = protocol.design
    if plan is None:
        return ()
    labels = {arm.id: arm.label for arm in protocol.arms}
    blocks: list[DocumentBlock] = [
        join(Span("Time. ", strong=True), _time(plan)),
        Points("Tests that the size was planned for", _tests(plan, labels)),
    ]
    for scenario in plan.scenarios:
        lines = tuple(_arm(labels.get(arm, arm), one) for arm, one in scenario.arms.items())
        blocks.append(Points(f"Assumed: {scenario.label}", lines))
    return tuple(blocks)


def _time(plan: DesignAssumptions) -> str:
    lost = (
        f" Lost to follow-up by {plan.loss.by.text} are {percent_text(plan.loss.share)} of the "
        "patients."
        if plan.loss is not None
        else " No loss to follow-up is assumed."
    )
    return (
        f"Patients are enrolled over {plan.accrual.text} and followed for {plan.follow_up.text} "
        f"after the last enrolment.{lost}"
    )


def _tests(plan: DesignAssumptions, labels: dict[str, str]) -> tuple[str, ...]:
    level = f"two-sided level {plan.alpha:g}"
    found = [
        f"{labels.get(arm, arm)}: one-sample log-rank test of progression-free survival against a "
        f"curve {_of(curve_words(curve))}, {level}."
        for arm, curve in plan.null.items()
    ]
    if plan.landmark is not None:
        found += [
            f"{labels.get(arm, arm)}: rate of progression-free survival at {plan.landmark.text}, "
            f"Kaplan–Meier estimate on the log-log scale, against the same curve, {level}."
            for arm in plan.null
        ]
    found += [
        f"{labels.get(arm, arm)}: response rate against {percent_text(rate)}, exact binomial test, "
        f"one-sided level {plan.alpha / 2:g}."
        for arm, rate in plan.null_response.items()
        if arm in plan.null
    ]
    if plan.compare is not None:
        first, second = (labels.get(arm, arm) for arm in plan.compare)
        found.append(
            f"{first} against {second}: log-rank tests of progression-free and of overall "
            f"survival, {level} each, not adjusted for each other."
        )
    return tuple(found)


def _arm(label: str, one: AssumedArm) -> str:
    return (
        f"{label}: progression-free survival {_of(curve_words(one.pfs))}, overall survival "
        f"{_of(curve_words(one.os))}, response rate {percent_text(one.response_rate)}."
    )


def _of(words: str) -> str:
    return words if words.startswith("with ") else f"of {words}"
