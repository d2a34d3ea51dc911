"""Multiple imputation by chained equations."""

from hepatica.stats.imputation.categories import CategoryDraw, draw_categories
from hepatica.stats.imputation.chained import MEASURED, ChainedImputation, impute_chained
from hepatica.stats.imputation.convergence import potential_scale_reduction
from hepatica.stats.imputation.matching import DONORS, matched_donors
from hepatica.stats.imputation.normal import NormalDraw, draw_normal
from hepatica.stats.imputation.scores import category_scores

__all__ = [
    "DONORS",
    "MEASURED",
    "CategoryDraw",
    "ChainedImputation",
    "NormalDraw",
    "category_scores",
    "draw_categories",
    "draw_normal",
    "impute_chained",
    "matched_donors",
    "potential_scale_reduction",
]
