"""Pooling evidence: effect measures, models and their heterogeneity, one family a file."""

from hepatica.stats.meta.pool import Pooled, PooledBatch, pool, pool_batch

__all__ = ["Pooled", "PooledBatch", "pool", "pool_batch"]
