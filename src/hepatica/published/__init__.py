"""What a publication printed: numbers with their places, read from ``published.yaml``.

No number of this package is ever an input of a derivation or an analysis; an import contract
keeps it out of the floors that compute. It is set beside computed rows by the jobs alone.
"""
