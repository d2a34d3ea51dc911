"""The command line: it translates a request, calls one job and renders the answer."""

from hepatica.cli.app import main

__all__ = ["main"]
