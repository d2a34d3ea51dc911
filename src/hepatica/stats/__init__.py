"""Statistics on NumPy arrays: no frames, no labels, no files.

Each function takes arrays and returns a frozen value of fixed shape with read-only arrays. What
is wrong with the input is told by `hepatica.errors.InputError`.
"""
