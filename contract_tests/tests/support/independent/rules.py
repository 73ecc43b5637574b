"""Everything about the server that a fault or a freedom can change, with what is right as default."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

TERMINAL = ("SUCCEEDED", "FAILED", "TIMED-OUT", "ABORTED")

Json = dict[str, Any]


def merged(saved: Json, given: Json) -> Json:
    """Return the input of a run: what the call gives goes before what the task has saved."""
    return {**saved, **given}


def outcome(exit_code: int) -> str:
    """Return the status of a run whose Actor exited with this code."""
    return "FAILED" if exit_code else "SUCCEEDED"


def is_allowed_memory(megabytes: float) -> bool:
    """Return whether this is a power of 2 from 128 to 32768."""
    return megabytes in {128 * 2**power for power in range(9)}


@frozen(kw_only=True)
class Rules:
    """How the server behaves. Times are in seconds."""

    # What is offered.
    documents_only: bool = False
    """Offer what the five documents state, and no more of the platform."""
    not_offered: tuple[str, ...] = ()
    legacy_prefix_only: bool = False
    paths: Mapping[str, str] = {}
    """Where an operation lies instead."""

    # The whole of HTTP.
    latency: float = 0.0
    content_type: str = "application/json; charset=utf-8"
    encoding: str = "utf-8"
    envelope: str | None = "data"
    rate_limit_on: tuple[str, ...] | None = None
    """The operations whose answers have X-RateLimit-Limit; None for all."""
    rate_limit: Callable[[int], str] = str
    statuses: Mapping[tuple[str, int], int] = {}
    """Replaces the status of an operation's answer."""
    error_statuses: Mapping[int, int] = {}
    error_shape: Callable[[str, str], Any] = lambda type_, message: {
        "error": {"type": type_, "message": message}
    }
    error_content_type: str | None = None
    error_type: Callable[[str], str] = lambda type_: type_
    charset_refused: bool = False
    chunks_refused: bool = False
    compression_refused: bool = False
    body_refused_on: tuple[str, ...] = ()
    unknown_query_refused: bool = False
    method_exact_case: bool = False
    unknown_path_status: int = 404
    ill_formed_id_status: int = 404
    method_override: bool = True
    body_limit: int = 9_437_184
    limit_counts_decompressed: bool = True
    unknown_encoding_refused: bool = True
    wrong_method_status: int = 405
    max_id_length: int | None = None
    trailing_slash_redirects: bool = False

    # Who may call.
    open_operations: tuple[str, ...] = ("getRun",)
    """The operations that need no token."""
    header_token_operations: tuple[str, ...] | None = None
    header_ignored_with_query: bool = False
    query_token_first: bool = False
    query_token_operations: tuple[str, ...] | None = None
    any_token: bool = False
    no_token_status: int = 401
    stranger_status: int = 404
    restricted_by_default: bool = False
    token_prefix_is_enough: bool = False
    lower_case_tokens: bool = False
    strangers_may: tuple[str, ...] = ()
    refused_but_done: tuple[str, ...] = ()
    """Operations that are refused to whoever has no right to them, and carried out all the same."""
    anonymous_refused: Callable[[str], bool] = lambda status: False
    hidden: tuple[str, ...] = ("usageUsd", "usageTotalUsd")
    hidden_as_null: bool = False
    hidden_when: Callable[[str, bool], bool] = lambda status, waited: True
    invalid_token_is_anonymous: bool = False

    # The Run object.
    shows: tuple[Callable[..., Json | None], ...] = ()
    """Change what is shown: called with the Run object, the run and the operation."""
    default_message: bool = True
    end_replaces_message: bool = False

    # Numbers and booleans in the query.
    whole_numbers_only: bool = False
    decimals_refused_for: tuple[str, ...] = ()
    only_words_as_booleans: bool = False
    present_is_true: tuple[str, ...] = ()
    odd_booleans_are_true: bool = False
    odd_numbers_are_ignored: bool = False

    # Get run.
    fresh_is_unknown: float = 0.0
    """How long a new run is unknown, but to its own Actor, which updates it."""
    finished_is_unknown: bool = False
    ready_is_unknown: bool = False
    cached: float = 0.0
    cached_for_anonymous: float = 0.0
    finds: Callable[..., Any] | None = None
    """Finds another run than the path names: called with all runs, the id and the operation."""

    # Waiting.
    wait_default: Mapping[str, float] = {}
    wait_unit: float = 1.0
    wait_limit: float = 60.0
    wait_above_limit_refused: bool = False
    wait_ignored: tuple[str, ...] = ()
    wait_ignored_from: float = math.inf
    """A wait of so many seconds, or more, is none."""
    wait_to_the_end_of_time: tuple[str, ...] = ()
    wait_shows_before: tuple[str, ...] = ()
    wait_ends_at: tuple[str, ...] = TERMINAL
    wait_over_status: Mapping[str, int] = {}
    wait_seen_end_status: int | None = None
    wait_over_shows: str | None = None
    wait_cut_to_seconds: bool = False
    wait_needs_token: bool = False
    wait_missed_when_ready: bool = False
    wait_lag: float = 0.0
    """How late those who wait hear of the end."""
    wait_ends_on: tuple[str, ...] = ()
    """The operations on a run that end the waits for it."""
    wait_limits: Mapping[str, float] = {}
    """The longest wait of some operations, where that is not `wait_limit`."""
    wait_per_run: bool = False
    """Only one caller at a time waits for a run; the others are answered at once."""

    # Abort.
    abort_delay: float = 0.0
    abort_answers_at_end: bool = False
    grace: float | None = 30.0
    graceful_default: bool = False
    graceful_never: tuple[str, ...] = ()
    announces: tuple[str, ...] = ("persistState", "aborting")
    abort_ready: bool = True
    abort_lost_before_start: bool = False
    abort_by_name_does_nothing: bool = False
    abort_restarts: bool = False
    """A run with restartOnError is restarted when it is aborted."""
    abort_kills: bool = True
    abort_ends: bool = True
    abort_outcome: str = "ABORTED"
    abort_changes: Mapping[str, str] = {}
    """From a status that an abort must leave alone to what it makes of it."""
    abort_changes_if_graceful: bool = False
    abort_touches_finished: bool = False
    abort_finished_status: int | None = None
    abort_aborting_status: int | None = None
    abort_aborted_status: int | None = None
    abort_looks_at_actor: bool = True
    abort_again_restarts_grace: bool = False
    abort_again_is_immediate: bool = True
    abort_waits_for_grace: bool = False
    actor_known_by: tuple[str, ...] = ("id", "name")
    graceful_exit_counts: bool = False
    """A run that ends by itself with 0 after a graceful abort has SUCCEEDED."""

    # Reboot.
    reboots: bool = True
    reboot_keeps_old: bool = False
    reboot_refused: tuple[str, ...] = ("READY", "ABORTING", "TIMING-OUT", *TERMINAL)
    reboot_restarts_finished: bool = False
    reboot_clears_store: bool = False
    reboot_input_is_saved: bool = False
    reboot_new_storage: str | None = None
    reboot_revives_aborting: bool = False
    reboot_outcome: str | None = None
    reboot_needs_body: bool = False
    reboot_shows_ready: float = 0.0
    reboot_refusal_status: int = 403
    reboot_refusal_clears_message: bool = False
    reboot_limit: int | None = None
    reboot_renews_timeout: bool = False

    # Run task.
    merge: Callable[[Json, Json], Json] = merged
    merge_is_saved: bool = False
    body_demanded: bool = False
    odd_input_is_none: bool = False
    names_in_any_case: bool = False
    unknown_build_is_latest: bool = False
    timeout_0_refused: bool = False
    caps_in_environment: tuple[str, ...] = ("maxItems", "maxTotalChargeUsd")
    cap_as_text: Callable[[float], str] = str
    odd_webhooks_are_ignored: bool = False
    empty_build_refused: bool = False
    task_known_by: tuple[str, ...] = ("id", "name", "~name")
    location: Callable[[str, str], str | None] = lambda base, run: f"{base}/v2/actor-runs/{run}"
    memory_allowed: Callable[[float], bool] = is_allowed_memory
    memory_used: Callable[[float], float] = lambda megabytes: megabytes
    refused_memory_starts: bool = False
    timeout_used: Callable[[float], float] = lambda seconds: seconds
    timeout_outcome: str = "TIMED-OUT"
    timeout_is_kept: bool = True
    timeout_fraction_refused: bool = False
    build_by: tuple[str, ...] = ("tag", "number")
    build_shown: Callable[[str, str], str] = lambda asked, number: asked
    build_ignored: bool = False
    ignored: tuple[str, ...] = ()
    """Query parameters of Run task that are not read."""
    refused: tuple[str, ...] = ()
    """Query parameters of Run task that are refused."""
    query_forgets_task: bool = False
    caps_shown: bool = True
    charge_used: Callable[[float], float] = lambda dollars: dollars
    restarts: int = 3
    restart_input_is_saved: bool = False
    restart_begins_anew: bool = False
    """A restart and a reboot set `startedAt` anew."""
    input_forgotten_by_id: bool = False
    """A task that the path names by its id starts without its saved input."""
    restarts_without_being_told: bool = False
    starts_once: bool = False
    """A start is answered with a run of the task that is going on."""
    start_waits_for_container: bool = False
    location_without_wait_only: bool = False
    json_refused_on: tuple[str, ...] = ()
    ascii_bodies_only: bool = False
    answers_output_when_finished: bool = False

    # Life.
    container_start: float = 0.0
    outcome: Callable[[int], str] = outcome
    first_status: str = "READY"
    runs_at_once: float = math.inf
    """How many runs an account may have that have not finished."""
    run_id: Callable[[], str] | None = None
    clock_ahead: int = 0
    """Seconds by which the server's clock is ahead; its dates are in whole seconds then."""
    running_flaps: float = 0.0
    terminal_flaps: bool = False
    terminal_turns: Mapping[str, str] = {}
    timing_out_lasts: float = 0.0

    # Webhooks.
    webhooks: bool = True
    webhook_events: tuple[str, ...] | None = None
    """The only events that are delivered; None for all that a webhook names."""
    webhook_all_events: bool = False
    webhooks_survive_reboot: bool = True
    webhook_first_only: bool = False
    webhook_method: str = "POST"
    webhook_at_start: bool = False
    webhook_delay: float = 0.0
    webhook_requires: tuple[str, ...] = ("eventTypes", "requestUrl")
    webhook_known_events: tuple[str, ...] | None = None
    webhook_payload: Callable[[Json], Json] = lambda payload: payload
    webhook_keys: bool = True
    webhook_plain_json: bool = False

    # Update run.
    update_reads_query: bool = False
    update_requires: tuple[str, ...] = ()
    update_refuses: tuple[str, ...] = ()
    update_refuses_unknown: bool = False
    update_refuses_finished: bool = False
    update_casts: bool = False
    update_stores: Callable[[str | None, str], str | None] = lambda old, new: new
    odd_messages_refused: bool = False
    update_needs_flag_to_store: bool = False
    update_answers_before: bool = False
    update_flag: Callable[[bool | None, bool], bool] = lambda given, old: bool(given)
    update_named_by_body: bool = False
    update_accepts_any_json: bool = False
    update_forgets_after: float | None = None
    update_survives_reboot: bool = True
    update_survives_start: bool = True
    update_previous_too: bool = False
    update_after_last_status: int | None = None
    """The status that refuses a message after the one marked as the last."""
