"""The protocol: one ``study.yaml`` read once into a frozen value."""

from hepatica.protocol.model import Protocol
from hepatica.protocol.read import parse_protocol, read_protocol
from hepatica.protocol.resolve import resolved

__all__ = ["Protocol", "parse_protocol", "read_protocol", "resolved"]
