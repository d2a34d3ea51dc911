"""From records and protocol to analysis datasets, as expressions that every engine can run."""

from hepatica.derive.datasets import Datasets, derive_datasets

__all__ = ["Datasets", "derive_datasets"]
