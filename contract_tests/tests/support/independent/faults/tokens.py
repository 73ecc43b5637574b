"""Faults of tokens and permissions."""

from tests.support.independent.fault import Fault
from tests.support.independent.faults.changes import GONE, showing
from tests.support.independent.rules import Json

ALL = ("getRun", "updateRun", "rebootRun", "abortRun", "abortActorRun", "runTask", "runActor")
ABORTS = ("abortRun", "abortActorRun")


def _without(*left_out: str) -> tuple[str, ...]:
    return tuple(name for name in ALL if name not in left_out)


def _refused_with(status: int, instead: int) -> Json:
    return {"error_statuses": {status: instead}}


TOKENS = (
    Fault("token-any", "Any token is taken for the owner's.", ("AUT-08b",), {"any_token": True}),
    Fault(
        "token-prefix",
        "A token that goes on after the right one is taken.",
        ("AUT-08b",),
        {"token_prefix_is_enough": True},
    ),
    Fault(
        "token-case",
        "A token is compared without regard to upper and lower case.",
        ("AUT-08b",),
        {"lower_case_tokens": True},
    ),
    Fault(
        "token-header-not-for-reboot",
        "Reboot run does not read the header Authorization.",
        ("AUT-01", "RBT-01"),
        {"header_token_operations": _without("rebootRun")},
    ),
    Fault(
        "token-query-get-only",
        "Only Get run reads the query parameter token.",
        ("AUT-02",),
        {"query_token_operations": ("getRun",)},
    ),
    Fault(
        "token-query-not-for-start",
        "Run task does not read the query parameter token.",
        ("AUT-02",),
        {"query_token_operations": _without("runTask")},
    ),
    Fault(
        "token-not-needed-for-update",
        "Update run needs no token.",
        ("AUT-07",),
        {"open_operations": ("getRun", "updateRun")},
    ),
    Fault(
        "token-not-needed-for-reboot",
        "Reboot run needs no token.",
        ("AUT-07",),
        {"open_operations": ("getRun", "rebootRun")},
    ),
    Fault(
        "token-not-needed-for-abort",
        "The abort needs no token, as Get run.",
        ("AUT-07",),
        {"open_operations": ("getRun", *ABORTS)},
    ),
    Fault(
        "token-not-needed-for-deprecated-abort",
        "The deprecated abort needs no token.",
        ("AUT-07",),
        {"open_operations": ("getRun", "abortActorRun")},
    ),
    Fault(
        "token-refused-but-updated",
        "An update without a token is refused, and carried out.",
        ("AUT-07", "AUT-08b", "ERR-08"),
        {"refused_but_done": ("updateRun",)},
    ),
    Fault(
        "token-refused-but-aborted",
        "An abort without a token is refused, and carried out.",
        ("AUT-07", "AUT-08b", "ERR-08"),
        {"refused_but_done": ABORTS},
    ),
    Fault(
        "token-refused-but-rebooted",
        "A reboot without a token is refused, and carried out.",
        ("AUT-07", "AUT-08b", "ERR-08"),
        {"refused_but_done": ("rebootRun",)},
    ),
    Fault(
        "token-refused-but-rebooted-uncounted",
        "A reboot without a token is refused, and carried out; reboots are not counted.",
        ("AUT-07", "AUT-08b"),
        {
            "refused_but_done": ("rebootRun",),
            "shows": (showing("stats.rebootCount", GONE),),
        },
    ),
    Fault(
        "token-refused-but-started",
        "A start without a token is refused, and carried out.",
        ("AUT-07", "AUT-08b", "ERR-08"),
        {"refused_but_done": ("runTask",)},
    ),
    Fault(
        "stranger-updates",
        "A stranger may update a run.",
        ("ERR-08",),
        {"strangers_may": ("updateRun",)},
    ),
    Fault(
        "stranger-aborts",
        "A stranger may abort a run at the deprecated address.",
        ("ERR-08",),
        {"strangers_may": ("abortActorRun",)},
    ),
    Fault(
        "stranger-reboots",
        "A stranger may reboot a run.",
        ("ERR-08",),
        {"strangers_may": ("rebootRun",)},
    ),
    Fault(
        "token-refused-404",
        "A request without a token is answered with 404.",
        ("AUT-07c",),
        _refused_with(401, 404),
    ),
    Fault(
        "token-refused-200",
        "A request without a token is answered 200, with an error in the body.",
        ("AUT-07", "GEN-02"),
        _refused_with(401, 200),
    ),
    Fault(
        "token-header-not-with-query",
        "The header Authorization is not read beside a query.",
        ("AUT-01",),
        {"header_ignored_with_query": True},
    ),
)
