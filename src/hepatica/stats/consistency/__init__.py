"""Do printed numbers agree with each other? What they imply, within their rounding."""

from hepatica.stats.consistency.back_transform import Exponentiated, exponentiated_proportion
from hepatica.stats.consistency.heterogeneity import DataSets, data_sets

__all__ = ["DataSets", "Exponentiated", "data_sets", "exponentiated_proportion"]
