"""Every fault there is, by family."""

from tests.support.faults.general import GENERAL
from tests.support.faults.objects import OBJECTS
from tests.support.faults.runs import CONTROL
from tests.support.faults.starts import STARTS

FAULTS = (*GENERAL, *STARTS, *CONTROL, *OBJECTS)
BY_NAME = {fault.name: fault for fault in FAULTS}
