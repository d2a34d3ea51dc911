"""Tables of a study, each from result rows and the protocol alone."""

from hepatica.present.tables.adverse_events import table_adverse_events
from hepatica.present.tables.agreement import table_agreement, table_progression_agreement
from hepatica.present.tables.baseline import table_baseline
from hepatica.present.tables.biomarker_change import table_biomarker_change
from hepatica.present.tables.clone_censor_weight import table_clone_censor_weight
from hepatica.present.tables.competing_risks import table_competing_risks
from hepatica.present.tables.cut_points import table_cut_points
from hepatica.present.tables.deaths import table_deaths
from hepatica.present.tables.deviations import table_deviations
from hepatica.present.tables.disposition import table_disposition
from hepatica.present.tables.early_response import table_early_response
from hepatica.present.tables.eligibility import table_eligibility
from hepatica.present.tables.endpoints import endpoint_groups, table_endpoints
from hepatica.present.tables.exposure import table_exposure
from hepatica.present.tables.models import tables_models
from hepatica.present.tables.primary import historical_endpoints, table_primary
from hepatica.present.tables.prognostic_model import tables_prognostic_model
from hepatica.present.tables.response import table_response
from hepatica.present.tables.sensitivity import table_sensitivity
from hepatica.present.tables.serious_events import table_serious_events
from hepatica.present.tables.sets import set_size, table_sets
from hepatica.present.tables.subgroups import table_subgroups
from hepatica.present.tables.therapies import table_therapies
from hepatica.present.tables.time_varying import table_time_varying

__all__ = [
    "endpoint_groups",
    "historical_endpoints",
    "set_size",
    "table_adverse_events",
    "table_agreement",
    "table_baseline",
    "table_biomarker_change",
    "table_clone_censor_weight",
    "table_competing_risks",
    "table_cut_points",
    "table_deaths",
    "table_deviations",
    "table_disposition",
    "table_early_response",
    "table_eligibility",
    "table_endpoints",
    "table_exposure",
    "table_primary",
    "table_progression_agreement",
    "table_response",
    "table_sensitivity",
    "table_serious_events",
    "table_sets",
    "table_subgroups",
    "table_therapies",
    "table_time_varying",
    "tables_models",
    "tables_prognostic_model",
]
