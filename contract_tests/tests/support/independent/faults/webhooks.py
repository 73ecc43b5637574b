"""Faults of webhooks."""

from tests.support.independent.fault import Fault

TERMINAL_EVENTS = ("ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.FAILED", "ACTOR.RUN.ABORTED")


WEBHOOKS = (
    Fault("webhooks-never", "Webhooks are never called.", ("WHK-01b",), {"webhooks": False}),
    Fault(
        "webhooks-success-only",
        "Webhooks are called for runs that SUCCEEDED alone.",
        ("WHK-01b", "WHK-03"),
        {"webhook_events": ("ACTOR.RUN.SUCCEEDED",)},
    ),
    Fault(
        "webhooks-no-created",
        "Webhooks are not called when a run is created.",
        ("WHK-01b", "WHK-03"),
        {"webhook_events": (*TERMINAL_EVENTS, "ACTOR.RUN.TIMED_OUT")},
    ),
    Fault(
        "webhooks-no-time-out",
        "Webhooks are not called when a run is TIMED-OUT.",
        ("WHK-01b", "WHK-03"),
        {"webhook_events": ("ACTOR.RUN.CREATED", *TERMINAL_EVENTS)},
    ),
    Fault(
        "webhooks-every-event",
        "A webhook is called for every event, whatever it names.",
        ("WHK-01b", "WHK-03"),
        {"webhook_all_events": True},
    ),
    Fault(
        "webhooks-first-only",
        "Only the first webhook of the array is called.",
        ("WHK-01b", "WHK-01"),
        {"webhook_first_only": True},
    ),
    Fault(
        "webhooks-at-start",
        "Webhooks are called when the run starts, whatever they wait for.",
        ("WHK-01b",),
        {"webhook_at_start": True},
    ),
    Fault(
        "webhooks-plain-json",
        "webhooks must be JSON, not Base64.",
        ("WHK-01",),
        {"webhook_plain_json": True},
    ),
    Fault(
        "webhooks-demand-all",
        "A webhook must have all its optional properties.",
        ("WHK-02", "WHK-01"),
        {
            "webhook_requires": (
                "eventTypes",
                "requestUrl",
                "payloadTemplate",
                "headersTemplate",
                "idempotencyKey",
            )
        },
    ),
    Fault(
        "webhooks-hyphen",
        "The event is spelled ACTOR.RUN.TIMED-OUT.",
        ("WHK-03",),
        {
            "webhook_known_events": (
                "ACTOR.RUN.CREATED",
                *TERMINAL_EVENTS,
                "ACTOR.RUN.TIMED-OUT",
                "ACTOR.RUN.RESURRECTED",
            )
        },
    ),
    Fault(
        "webhooks-no-resurrected",
        "The event ACTOR.RUN.RESURRECTED is refused.",
        ("WHK-03",),
        {"webhook_known_events": ("ACTOR.RUN.CREATED", *TERMINAL_EVENTS, "ACTOR.RUN.TIMED_OUT")},
    ),
    Fault(
        "webhooks-lost-by-reboot",
        "A run that was rebooted calls no webhook.",
        ("WHK-01b",),
        {"webhooks_survive_reboot": False},
    ),
)
