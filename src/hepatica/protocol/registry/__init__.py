"""Registry records: read from bytes, turned into protocols, written, and compared."""

from hepatica.protocol.registry.record import RegistryRecord
from hepatica.protocol.registry.source import read_record, read_records_of

__all__ = ["RegistryRecord", "read_record", "read_records_of"]
