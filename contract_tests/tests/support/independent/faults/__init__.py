"""All faults by their names, a module for each subject."""

from tests.support.independent.faults.abort import ABORT
from tests.support.independent.faults.answers import ANSWERS
from tests.support.independent.faults.errors import ERRORS
from tests.support.independent.faults.fields import FIELD_GROUPS, FIELDS
from tests.support.independent.faults.get import GET
from tests.support.independent.faults.life import LIFE
from tests.support.independent.faults.reboot import REBOOT
from tests.support.independent.faults.start import START
from tests.support.independent.faults.start_answers import START_ANSWERS
from tests.support.independent.faults.tokens import TOKENS
from tests.support.independent.faults.update import UPDATE
from tests.support.independent.faults.webhooks import WEBHOOKS

TABLES = (
    GET,
    UPDATE,
    REBOOT,
    ABORT,
    START,
    START_ANSWERS,
    LIFE,
    WEBHOOKS,
    TOKENS,
    ERRORS,
    ANSWERS,
    FIELDS,
)
FAULTS = {fault.name: fault for table in TABLES for fault in table}
SERVERS = tuple((fault.name,) for table in TABLES[:-1] for fault in table) + FIELD_GROUPS
"""The faults of each server that is judged: mostly one, of fields several that do not mix."""
