"""Constructed patients for a protocol; `derive`, `analyse` and `present` do not know this floor."""

from hepatica.simulate.collected import CollectedTables, simulate_collected, simulate_truth
from hepatica.simulate.patients import simulate_tables
from hepatica.simulate.plan import Collected, completed
from hepatica.simulate.story import Story, tell_story

__all__ = [
    "Collected",
    "CollectedTables",
    "Story",
    "completed",
    "simulate_collected",
    "simulate_tables",
    "simulate_truth",
    "tell_story",
]
