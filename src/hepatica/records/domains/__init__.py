"""The collected domains: one schema class each, and what is told of its rules."""

from __future__ import annotations

from hepatica.records.domains import care, lesions, measured, people
from hepatica.records.domains.base import Domain, DomainSchema, latest_day, within
from hepatica.records.findings import Rule

#: Every domain by its name.
DOMAINS: dict[str, Domain] = {
    one.name: one for one in (*people.DOMAINS, *lesions.DOMAINS, *care.DOMAINS, *measured.DOMAINS)
}
#: What the reader is told of each rule that a schema holds.
SENTENCES: dict[str, Rule] = {
    **people.SENTENCES,
    **lesions.SENTENCES,
    **care.SENTENCES,
    **measured.SENTENCES,
}

#: Names of the rules that say that no two rows share their key.
UNIQUE = frozenset(
    name for name in SENTENCES if name.endswith(("twice", "each_subject_has_one_row"))
)

__all__ = ["DOMAINS", "SENTENCES", "UNIQUE", "Domain", "DomainSchema", "latest_day", "within"]
