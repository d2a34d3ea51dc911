"""``python -m hepatica`` is the command line."""

from hepatica.cli import main

main()
