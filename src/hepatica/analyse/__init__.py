"""From analysis datasets and protocol to result rows."""

from hepatica.analyse.plan import analyse

__all__ = ["analyse"]
