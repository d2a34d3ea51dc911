"""Figures: result rows in, drawings out. Nothing here computes a statistic or writes a file."""
