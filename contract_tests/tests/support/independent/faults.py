"""All faults by their names."""

from tests.support.independent.faults_fields import FIELD_FAULTS
from tests.support.independent.faults_http import HTTP_FAULTS
from tests.support.independent.faults_runs import RUN_FAULTS
from tests.support.independent.faults_starts import START_FAULTS

FAULTS = {fault.name: fault for fault in (*RUN_FAULTS, *START_FAULTS, *HTTP_FAULTS, *FIELD_FAULTS)}
