"""Every fault there is, by family."""

from .general import GENERAL
from .objects import OBJECTS
from .runs import CONTROL
from .starts import STARTS

FAULTS = (*GENERAL, *STARTS, *CONTROL, *OBJECTS)
BY_NAME = {fault.name: fault for fault in FAULTS}
