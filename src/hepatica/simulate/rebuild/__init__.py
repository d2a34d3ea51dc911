"""Constructed patients with printed margins: courses, and collected tables that give them."""
