"""Collected tables: reading, cleaning and typing, and the rules they have to keep."""

from __future__ import annotations

from hepatica.records.model import Records, RecordTable, require
from hepatica.records.read import read_records

__all__ = ["RecordTable", "Records", "read_records", "require"]
