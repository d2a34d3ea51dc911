"""From analysis datasets and protocol to result rows."""

from hepatica.analyse.cut_points import with_cut_points
from hepatica.analyse.plan import analyse

__all__ = ["analyse", "with_cut_points"]
