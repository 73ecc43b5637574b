"""Every fault there is: each module has the table that is named like it."""

import pkgutil
from importlib import import_module

from tests.support.tampering import Fault

FAULTS: tuple[Fault, ...] = tuple(
    fault
    for module in pkgutil.iter_modules(__path__)
    if module.name != "changes"
    for fault in getattr(import_module(f"{__name__}.{module.name}"), module.name.upper())
)
BY_NAME = {fault.name: fault for fault in FAULTS}
