"""The jobs on a study folder: short plans over the floors below."""
