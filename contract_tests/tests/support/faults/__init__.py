"""Every fault there is, by family."""

from tests.support.faults.abort_run import ABORT_RUN
from tests.support.faults.auth import AUTH
from tests.support.faults.errors import ERRORS
from tests.support.faults.general import GENERAL
from tests.support.faults.get_run import GET_RUN
from tests.support.faults.reboot_run import REBOOT_RUN
from tests.support.faults.run_object import RUN_OBJECT
from tests.support.faults.run_task import RUN_TASK
from tests.support.faults.storages import STORAGES
from tests.support.faults.update_run import UPDATE_RUN
from tests.support.faults.webhooks import WEBHOOKS

FAULTS = (
    *GENERAL,
    *AUTH,
    *ERRORS,
    *GET_RUN,
    *ABORT_RUN,
    *REBOOT_RUN,
    *UPDATE_RUN,
    *RUN_TASK,
    *WEBHOOKS,
    *RUN_OBJECT,
    *STORAGES,
)
BY_NAME = {fault.name: fault for fault in FAULTS}
