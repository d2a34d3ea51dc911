"""The plan of a review's synthesis, ``review.yaml``, as one frozen value."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hepatica.dialect import PoolingDialectName
from hepatica.protocol.base import Frozen, Id, Text
from hepatica.protocol.certainty import Certainty
from hepatica.protocol.conditions import Where
from hepatica.protocol.data import TableSource

#: What is pooled.
Measure = Literal[
    "proportion",
    "risk_ratio",
    "odds_ratio",
    "risk_difference",
    "rate",
    "hazard_ratio",
    "mean_difference",
    "standardised_mean_difference",
    "median",
    "generic",
]
#: The scale on which proportions and medians are pooled.
Scale = Literal["raw", "log", "logit", "arcsine", "freeman-tukey", "glmm"]
Effects = Literal["random", "common", "rule"]
Tau2Method = Literal["DL", "REML", "ML", "PM", "EB", "SJ", "HE", "HS"]
PoolingLimits = Literal["wald", "t", "hartung-knapp", "hartung-knapp-floor"]
PredictionDistribution = Literal["z", "t(k-1)", "t(k-2)"]
Unit = Literal["", "%", "days", "months"]
#: How forest plots are laid out, and by what their studies are ordered.
ForestLayout = Literal["classic", "revman", "jama"]
ForestOrder = Literal["given", "year", "effect", "weight"]
#: Figures beside the forest plot.
FigureName = Literal[
    "funnel",
    "bubble",
    "baujat",
    "radial",
    "labbe",
    "drapery",
    "gosh",
    "leave_one_out",
    "cumulative",
]


class ReviewIdentification(Frozen):
    """What the review is called and asks.

    Attributes
    ----------
    question : str
        Population, intervention, comparison and outcomes in a sentence.
    registry : str
        Number of the record in a registry of reviews.
    """

    id: Text
    title: Text
    question: str = ""
    registry: str = ""


class EvidenceFile(TableSource):
    """A table of extracted results, one row a study, arm and outcome; see ``docs/pooling.md``.

    Attributes
    ----------
    where : Condition or None
        The rows that are read; all when not given.
    """

    where: Where | None = None


class OwnResult(Frozen):
    """Which result of a study of ours is an outcome of the review.

    Attributes
    ----------
    analysis, parameter, variable, variable_level, level : str
        Columns of the result rows, for example ``any`` and ``Hypertension`` of adverse events; an
        empty level is all patients together.
    """

    analysis: Text
    parameter: str = ""
    variable: str = ""
    variable_level: str = ""
    level: str = ""


class EvidenceStudy(Frozen):
    """A study of ours that was run: its result rows are pooled as they are.

    Attributes
    ----------
    folder : str
        Folder with the outputs of the run.
    label : str
        What the forest plot calls it.
    registration : str
        Number of the trial, by which a publication of the same trial is recognised.
    year : int or None
        Year by which it stands in the order of cumulative pooling.
    constructed : bool
        Takes part although its patients are constructed; marked wherever it is shown.
    characteristics : dict
        Columns by which studies are grouped, for this study.
    outcomes : dict
        Id of an outcome to the result that is pooled.
    """

    folder: Text
    label: Text
    registration: str = ""
    year: int | None = Field(default=None, ge=1900, le=2200)
    constructed: bool = False
    characteristics: dict[str, Text] = Field(default_factory=dict)
    outcomes: dict[str, OwnResult]


class PoolingModel(Frozen):
    """How outcomes are pooled; what is not given follows the dialect.

    Attributes
    ----------
    effects : {"random", "common", "rule"}
        ``rule`` takes the common effect where I2 is below 50 % and the p-value of Q at least .10,
        and random effects otherwise; it is discouraged, because the data choose the model.
    tau2 : str
        Estimator of the variance between studies.
    ci : str
        Distribution of the limits.
    prediction : str
        Distribution of the prediction interval.
    common : {"inverse-variance", "mantel-haenszel"}
        Common effect of events in two arms.
    """

    effects: Effects | None = None
    tau2: Tau2Method | None = None
    ci: PoolingLimits | None = None
    prediction: PredictionDistribution | None = None
    common: Literal["inverse-variance", "mantel-haenszel"] | None = None


class Grouping(Frozen):
    """A characteristic by which studies are grouped.

    Attributes
    ----------
    id : str
        Column of the extracted table.
    tau2 : {"separate", "common"}
        Whether each group has a variance between studies of its own.
    """

    id: Id
    label: Text
    tau2: Literal["separate", "common"] = "separate"


class FigurePlan(Frozen):
    """How the forest plots of a review look.

    Attributes
    ----------
    layout : {"classic", "revman", "jama"}
        Order and look of the columns.
    sort : {"given", "year", "effect", "weight"}
        Order of the studies, within their groups; ``given`` is that of the extracted table.
    """

    layout: ForestLayout = "classic"
    sort: ForestOrder = "given"


class PooledOutcome(Frozen):
    """One outcome of the synthesis.

    Attributes
    ----------
    outcome : str
        Its word in the column ``outcome`` of the extracted table; the id when empty.
    better : {"higher", "lower", ""}
        Which direction helps patients.
    where : Condition or None
        The rows that are pooled.
    groupings : tuple of str
        Ids of the groupings that are analysed; all when not given.
    model : PoolingModel or None
        Where this outcome differs from the others.
    least_studies : int
        Studies that pooling needs.
    figures : tuple of str
        Figures beside the forest plot, besides those every report has.
    certainty : Certainty or None
        How sure the reviewers are of the result.
    """

    id: Id
    label: Text
    measure: Measure
    scale: Scale | None = None
    unit: Unit = ""
    outcome: str = ""
    better: Literal["higher", "lower", ""] = ""
    where: Where | None = None
    groupings: tuple[Id, ...] | None = None
    model: PoolingModel | None = None
    least_studies: int = Field(default=2, ge=1)
    figures: tuple[FigureName, ...] = ()
    certainty: Certainty | None = None

    @property
    def word(self) -> str:
        """The outcome's word in the extracted table."""
        return self.outcome or self.id


class Review(Frozen):
    """The synthesis of a review.

    Attributes
    ----------
    files : tuple of EvidenceFile
        Extracted tables.
    studies : tuple of EvidenceStudy
        Studies of ours.
    dialect : str
        Whose conventions hold where the plan is silent.
    conf_level : float
        Confidence level.
    appraisal : tuple of Grouping
        Columns with judgements on sources of bias, shown beside the forest plot.
    figure : FigurePlan
        Layout and order of the forest plots.
    findings : tuple of str
        Sentences about what the evidence does not hold, printed in the report.
    """

    review: ReviewIdentification
    files: tuple[EvidenceFile, ...] = ()
    studies: tuple[EvidenceStudy, ...] = ()
    outcomes: tuple[PooledOutcome, ...] = Field(min_length=1)
    model: PoolingModel = PoolingModel()
    dialect: PoolingDialectName = "hepatica"
    conf_level: float = Field(default=0.95, gt=0.5, lt=1.0)
    groupings: tuple[Grouping, ...] = ()
    appraisal: tuple[Grouping, ...] = ()
    figure: FigurePlan = FigurePlan()
    findings: tuple[Text, ...] = ()
