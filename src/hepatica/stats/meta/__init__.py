"""Pooling evidence: effect measures, models and their heterogeneity, one family a file."""

from hepatica.stats.meta.effects import Effects, back_transform
from hepatica.stats.meta.mean_effects import (
    mean_difference_effects,
    mean_effects,
    ratio_of_means_effects,
    standardised_mean_difference_effects,
)
from hepatica.stats.meta.pool import Pooled, PooledBatch, pool, pool_batch
from hepatica.stats.meta.printed_effects import (
    generic_effects,
    generic_from_limits,
    median_effects,
    ratio_from_limits,
    ratio_from_p,
    ratio_of_medians_effects,
)
from hepatica.stats.meta.proportion_effects import (
    freeman_tukey_inverse,
    freeman_tukey_size,
    proportion_effects,
)
from hepatica.stats.meta.rate_effects import (
    freeman_tukey_rate_inverse,
    rate_effects,
    rate_ratio_effects,
)
from hepatica.stats.meta.two_by_two import two_arm_effects

__all__ = [
    "Effects",
    "Pooled",
    "PooledBatch",
    "back_transform",
    "freeman_tukey_inverse",
    "freeman_tukey_rate_inverse",
    "freeman_tukey_size",
    "generic_effects",
    "generic_from_limits",
    "mean_difference_effects",
    "mean_effects",
    "median_effects",
    "pool",
    "pool_batch",
    "proportion_effects",
    "rate_effects",
    "rate_ratio_effects",
    "ratio_from_limits",
    "ratio_from_p",
    "ratio_of_means_effects",
    "ratio_of_medians_effects",
    "standardised_mean_difference_effects",
    "two_arm_effects",
]
