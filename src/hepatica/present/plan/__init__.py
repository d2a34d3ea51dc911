"""The statistical analysis plan, written from the protocol before there are data."""

from hepatica.present.plan.document import Document, DocumentSection
from hepatica.present.plan.page import document_html
from hepatica.present.plan.statistical_plan import statistical_plan

__all__ = [
    "Document",
    "DocumentSection",
    "document_html",
    "statistical_plan",
]
