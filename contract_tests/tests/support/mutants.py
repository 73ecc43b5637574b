"""Mutants of the client: each breaks promises, and the tests that the ledger names for them must fail.

A mutant is a small patch of a module of overrides/actor_runs. What it replaces has to stand there
exactly once. mutmut and cosmic-ray change operators at random and know nothing of promises, so the
table is our own.
"""

from pathlib import Path

from attrs import frozen

from actor_runs_conformance.ledger import ledger


@frozen
class Mutant:
    """A client with one thing wrong: `wrong` says what, in one sentence."""

    name: str
    promises: tuple[str, ...]
    wrong: str
    file: str
    old: str
    new: str

    @property
    def tests(self) -> list[str]:
        """The tests that must fail, as the ledger names them for the promises."""
        sides = (ledger.by_id()[promise].client for promise in self.promises)
        return sorted({side.check for side in sides if side.check})

    def apply(self, package: Path) -> None:
        """Change a copy of the package.

        Raises:
            ValueError: What it replaces does not stand there, or more than once.
        """
        path = package / self.file
        source = path.read_text(encoding="utf-8")
        if (times := source.count(self.old)) != 1:
            raise ValueError(f"{self.name}: {self.old!r} stands {times} times in {self.file}")
        path.write_text(source.replace(self.old, self.new), encoding="utf-8")


def mutant(name: str, promises: str, wrong: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, tuple(promises.split()), wrong, file, old, new)


def request(name: str, promises: str, wrong: str, code: str) -> Mutant:
    """A client that changes the parts of a request before it is built."""
    anchor = "        headers = {**usual_headers()"
    return mutant(name, promises, wrong, "_exchange.py", anchor, f"        {code}\n{anchor}")


def run(name: str, promises: str, wrong: str, code: str) -> Mutant:
    """A client that changes the run of an answer."""
    anchor = '        for name, usage in (("usage", run.usage)'
    return mutant(name, promises, wrong, "_run.py", anchor, f"        {code}\n{anchor}")


def answer(name: str, promises: str, wrong: str, condition: str) -> Mutant:
    """A client that refuses more answers than the contract does."""
    anchor = "        hold(value, schema)"
    code = (
        f"        if {condition}:\n            raise MismatchError('', value, 'something else')\n"
    )
    return mutant(name, promises, wrong, "_run.py", anchor, f"{code}{anchor}")


def lost(name: str, promises: str) -> tuple[Mutant, Mutant]:
    """Clients that leave a query parameter out, or send another value."""
    other = "value[:-1] if isinstance(value, str) else (not value if value in {True, False} else value * 2)"
    return (
        request(f"{name}-left-out", promises, f"`{name}` is left out.",
                f'parts.get("params", {{}}).pop("{name}", None)'),
        request(f"{name}-changed", promises, f"`{name}` has another value.",
                f'parts = {{**parts, "params": {{key: ({other}) if key == "{name}" else value '
                f'for key, value in parts.get("params", {{}}).items()}}}}'),
    )  # fmt: skip


JSON_CHANGED = 'parts = {{**parts, "json": {}}} if "json" in parts else parts'
UPDATED = 'parts = {{**parts, "json": {}}} if parts["method"] == "put" else parts'
BODY = 'parts["json"]'
OPTIONAL = (
    "AUT-05 OBJ-04 OBJ-06 OBJ-08 OBJ-09 OBJ-24 OBJ-27 OBJ-28 OBJ-29 OBJ-31 OBJ-32 OBJ-33 OBJ-34 "
    "OBJ-35 OBJ-36 OBJ-37 OBJ-38 OBJ-12 OBJ-13 OBJ-14 OBJ-25b OBJ-39"
)
REQUIRED = (
    "OBJ-01 OBJ-02 OBJ-03 OBJ-05 OBJ-10 OBJ-16 OBJ-25 OBJ-26 OBJ-30 OBJ-30b OBJ-30c INV-12 OBJ-11"
)
REFUSED = (
    "GEN-08 AUT-07 AUT-07c AUT-08 AUT-08b AUT-08d AUT-09 AUT-10 ERR-01 ERR-02 ERR-12 ERR-21 ERR-22 "
    "ERR-23 ERR-27 GET-16 ABT-19 ABT-24 RBT-12 PUT-17 PUT-20 TSK-29"
)
UNCHECKED = "ERR-16 ERR-17 GET-09 PUT-14 TSK-08 TSK-08b TSK-12b TSK-12c TSK-12d TSK-12e TSK-31"
DOCUMENTED = "GET-01 ABT-01 ABT-02 RBT-01 PUT-01 TSK-01 TSK-24 TSK-22 TSK-33"

MUTANTS = (
    # Paths.
    request("another-version", "GEN-01", "Calls go to /v3/.",
            'parts = {**parts, "url": parts["url"].replace("/v2/", "/v3/")}'),
    request("users-left-out", "GEN-14 ABT-03b", "`user~name` becomes `name`.",
            'parts = {**parts, "url": __import__("re").sub(r"[^/]+~", "", parts["url"])}'),
    request("tilde-left-out", "GEN-14c", "`~name` becomes `name`.",
            'parts = {**parts, "url": parts["url"].replace("/~", "/")}'),
    request("another-run", "GET-02 ABT-25 PUT-24 RBT-09", "Another run is named in the path.",
            'parts = {**parts, "url": parts["url"].replace(str(run_id), str(run_id)[::-1])}'),
    mutant("actor-for-run", "ABT-03 ABT-03b", "The deprecated abort names the Actor as the run.",
           "_operations.py", 'checked("run_id", run_id),\n            gracefully',
           'checked("run_id", actor_id),\n            gracefully'),
    mutant("any-id", "GEN-12", "An id may lead to another path.",
           "_arguments.py", "ID: Rule = (_is_id,", "ID: Rule = (str,"),
    mutant("no-warning", "ABT-02b", "The deprecated abort warns of nothing.",
           "_operations.py", "text, DeprecationWarning,", "text, ImportWarning,"),
    # Queries.
    request("words-for-booleans", "GEN-17 ABT-20", "Booleans are sent as yes and no.",
            'parts = {**parts, "params": {key: ("no", "yes")[value] if isinstance(value, bool) '
            'else value for key, value in parts.get("params", {}).items()}}'),
    request("decimals-cut", "GEN-18 TSK-10 TSK-14 TSK-15", "Decimals are cut.",
            'parts = {**parts, "params": {key: int(value) if isinstance(value, float) '
            'else value for key, value in parts.get("params", {}).items()}}'),
    *lost("gracefully", "ABT-08"),
    *lost("timeout", "TSK-10"),
    *lost("memory", "TSK-12"),
    *lost("build", "TSK-13 TSK-13b"),
    *lost("maxItems", "TSK-14"),
    *lost("maxTotalChargeUsd", "TSK-15"),
    *lost("restartOnError", "TSK-17"),
    *lost("waitForFinish", "TSK-19 TSK-19b"),
    request("waits-unasked", "GET-04 TSK-02", "A wait of a second is asked for by itself.",
            'parts = {**parts, "params": {"waitForFinish": 1} | parts.get("params", {})}'),
    request("graceful-unasked", "ABT-07", "Every abort is a graceful one.",
            'parts = {**parts, "params": {"gracefully": True}} '
            'if parts["url"].endswith("/abort") else parts'),
    # Bodies.
    mutant("ascii-only", "GEN-03b", "Characters outside ASCII become question marks.",
           "_arguments.py", "JSON.encode(value).encode()",
           'JSON.encode(value).encode("ascii", "replace")'),
    mutant("plain-text", "BDY-01", "A body is sent as text/plain.",
           "_exchange.py", 'headers["Content-Type"] = "application/json"',
           'headers["Content-Type"] = "text/plain"'),
    request("body-of-reboot", "RBT-09", "A reboot has a body.",
            'parts = {**parts, "json": {}} if parts["url"].endswith("/reboot") else parts'),
    request("empty-object-lost", "TSK-05b", "An empty object is sent as no body.",
            'parts = {k: v for k, v in parts.items() if k != "json" or v != {}}'),
    request("input-as-text", "TSK-06", "Values of the input are sent as text.",
            'parts = {**parts, "json": {k: str(v) for k, v in parts["json"].items()}} '
            'if parts["url"].endswith("/runs") and "json" in parts else parts'),
    request("message-reversed", "PUT-02 PUT-18", "The message is sent back to front.",
            UPDATED.format(f'{BODY} | {{"statusMessage": {BODY}["statusMessage"][::-1]}}')),
    request("message-stripped", "PUT-18", "Blanks around a message are left out.",
            UPDATED.format(f'{BODY} | {{"statusMessage": {BODY}["statusMessage"].strip()}}')),
    request("another-run-in-body", "PUT-23", "The body of an update names another run.",
            UPDATED.format(f'{BODY} | {{"runId": "x"}}')),
    request("no-run-in-body", "PUT-23 PUT-02", "The body of an update names no run.",
            UPDATED.format(f'{{k: v for k, v in {BODY}.items() if k != "runId"}}')),
    request("flag-always", "PUT-02b", "`isStatusMessageTerminal` is sent also when it is not given.",
            UPDATED.format(f'{{"isStatusMessageTerminal": False}} | {BODY}')),
    request("flag-lost", "PUT-07 PUT-02", "`isStatusMessageTerminal` is left out.",
            UPDATED.format(f'{{k: v for k, v in {BODY}.items() if k[:2] != "is"}}')),
    request("access-lost", "PUT-11", "`generalAccess` is left out.",
            UPDATED.format(f'{{k: v for k, v in {BODY}.items() if k != "generalAccess"}}')),
    *(
        mutant(name, promises, wrong, "_arguments.py", "as_json(items)", f"({code}).encode()")
        for name, promises, wrong, code in (
            ("webhook-keys-replaced", "WHK-02", "Keys of webhooks are written with underscores.",
             'json.dumps(items).replace("requestUrl", "request_url")'),
            ("webhook-events-lower", "WHK-03", "Event types are written in lower case.",
             'json.dumps(items).replace("ACTOR.RUN", "actor.run")'),
            ("webhook-key-lost", "WHK-06", "`idempotencyKey` is left out.",
             ('json.dumps([{k: v for k, v in each.items() if k != "idempotencyKey"} '
             "for each in items])")),
            ("webhook-alone", "WHK-01", "Webhooks are sent one object, not as an array.",
             "json.dumps(items[0])"),
        )
    ),
    mutant("anything-goes", UNCHECKED, "No argument is looked at.",
           "_arguments.py", "        if accepts(value):", "        if True:"),
    # Tokens.
    mutant("token-in-another-header", "AUT-01", "The token is sent in another header.",
           "_exchange.py", '{"Authorization": f"Bearer', '{"X-Token": f"Bearer'),
    mutant("token-always", "AUT-04", "A client without a token sends one all the same.",
           "_exchange.py", 'f"Bearer {self.token}"} if self.token else {}',
           'f"Bearer {self.token}"}'),
    mutant("token-shown", "AUT-12", "A token in an answer is shown.",
           "_exchange.py", 'return text.replace(self.token, "<token>") if self.token else text',
           "return text"),
    # Answers.
    run("figures-lost", DOCUMENTED, "The figures of a run are left out.",
        "run.stats = type(run.stats)()"),
    run("keys-lost", "OBJ-40", "Keys that the contract does not know are left out.",
        "run.additional_properties.clear()"),
    run("options-lost", "TSK-18", "Unknown options are left out.",
        "run.options.additional_properties.clear(); run.options.restart_on_error = None"),
    run("nulls-lost", f"{OPTIONAL} ABT-16 TSK-16", "What is null is taken for absent.",
        "[setattr(part, name, type(part).__attrs_attrs__ and __import__('actor_runs').UNSET) "
        "for part in (run, run.meta, run.options, run.stats) for name in "
        "[field.name for field in type(part).__attrs_attrs__ if field.name[0] != '_'] "
        "if getattr(part, name) is None]"),
    run("dates-in-seconds", "GEN-19 GEN-19b", "Dates lose their milliseconds.",
        "run.finished_at = run.finished_at and run.finished_at.replace(microsecond=0)"),
    answer("unknown-status-refused", "OBJ-07", "A new status is refused.",
           '"PAUSED" in str(value)'),
    answer("unknown-origin-refused", "OBJ-11b", "A new origin is refused.",
           '"TELEPATHY" in str(value)'),
    answer("unknown-pricing-refused", "OBJ-15", "A new model of prices is refused.",
           '"PAY_AS_YOU_LIKE" in str(value)'),
    mutant("nothing-is-held", f"{REQUIRED} OBJ-17 OBJ-18 OBJ-19 OBJ-20 OBJ-21 OBJ-22 OBJ-23 OBJ-41",
           "Answers are not held against the contract.", "_run.py", "        hold(value, schema)", "        pass"),
    mutant("question-mark-unknown", "OBJ-35b", "The spelling with a question mark is not read.",
           "_run.py", 'ODD_KEY = f"{PLAIN_KEY}?"', 'ODD_KEY = f"{PLAIN_KEY}!"'),
    mutant("bare-run", "GEN-02", "A success needs no `data`.", "_exchange.py",
           'Run.checked(read_json(answer.body), "RunEnvelope", "data")',
           'Run.checked(read_json(answer.body).get("data", json.loads(answer.body)), "Run")'),
    mutant("latin-1", "GEN-03", "A success is read as Latin-1.", "_exchange.py",
           "read_json(answer.body)", 'json.loads(answer.body.decode("latin-1"))'),
    mutant("refusals-are-json", "GEN-03c", "A refusal that is not JSON ends in an error of Python.",
           "_exchange.py", "except (ValueError, RecursionError, TypeError, KeyError):",
           "except (RecursionError, TypeError, KeyError):"),
    mutant("start-answers-200", "TSK-01 TSK-19c", "A start has to answer 200.",
           "_exchange.py", "OK, CREATED, REDIRECTION = 200, 201, 300",
           "OK, CREATED, REDIRECTION = 200, 200, 300"),
    mutant("location-lost", "TSK-03", "The headers of an answer are lost.", "_exchange.py",
           "        run._answer = answer", "        answer.headers = []\n        run._answer = answer"),
    # Refusals.
    mutant("refusals-are-unexpected", REFUSED, "A refusal is an unexpected status.",
           "errors.py", "LOWEST_REFUSAL, LOWEST_SERVER_ERROR = 400, 500",
           "LOWEST_REFUSAL, LOWEST_SERVER_ERROR = 500, 500"),
    mutant("redirects-followed", "GEN-06", "A redirect counts as a success.",
           "_exchange.py", "if is_cut or answer.status == (OK if self.run_id else CREATED):",
           "if is_cut or answer.status < errors.LOWEST_REFUSAL:"),
    mutant("types-lost", "GEN-04 GEN-05 GEN-05b GEN-08b ERR-22c ERR-23b PUT-17b",
           "The type of an error is lost.", "_exchange.py",
           "self._redacted(error_type) if isinstance(error_type, str) else None", "None"),
    mutant("further-keys-lost", "GEN-04b", "The answer of a refusal is lost.", "_exchange.py",
           "response = answer if answer.status else None", "response = None"),
    *(
        mutant(f"no-class-for-{what}", promises, f"`{what}` has no class of its own.",
               "errors.py", f"    {what}: ", "    -1: " if what.isdigit() else '    "nothing": ')
        for what, promises in (
            ("401", "AUT-07b AUT-08c"),
            ("402", "ERR-11 TSK-32"),
            ("403", "AUT-11 ERR-08"),
            ("404", "ERR-01b ERR-02b"),
            ("429", "ERR-25b"),
            ('"actor-memory-limit-exceeded"', "ERR-09"),
            ('"concurrent-runs-limit-exceeded"', "ERR-10"),
            ('"invalid-input"', "ERR-13 ERR-14"),
            ('"job-finished"', "ERR-07 RBT-02"),
        )
    ),
    # Attempts.
    mutant("429-is-final", "ERR-25 RTL-04", "A 429 is not tried again.",
           "_retries.py", "UNSEEN = (errors.RateLimitError, ", "UNSEEN = ("),
    mutant("5xx-is-final", "ERR-26 RTL-05", "A 5xx is not tried again.",
           "_retries.py", "PERHAPS_SEEN = (errors.ServerError, ", "PERHAPS_SEEN = (errors.TlsError, "),
    mutant("starts-repeated", "RTL-07 RTL-08", "A start is repeated.",
           "_retries.py", "perhaps_seen_is_fine = idempotent or self.repeat_starts",
           "perhaps_seen_is_fine = True"),
    mutant("4xx-repeated", "RTL-06", "Every refusal is tried again.",
           "_retries.py", "UNSEEN = (errors.RateLimitError, ", "UNSEEN = (errors.ApiError, "),
    mutant("delays-alike", "RTL-03", "Delays do not grow.",
           "_retries.py", "2 ** min(attempt - 1, 30)", "1"),
    # Waits.
    *(
        mutant(name, promises, wrong, "_run.py", 'TERMINAL = frozenset({"SUCCEEDED", "FAILED", ', new)
        for name, promises, wrong, new in (
            ("aborting-ends", "GET-05 GET-06 LIF-03b", "ABORTING counts as ended.",
             'TERMINAL = frozenset({"ABORTING", "SUCCEEDED", "FAILED", '),
            ("timing-out-ends", "GET-05 GET-06 LIF-03b", "TIMING-OUT counts as ended.",
             'TERMINAL = frozenset({"TIMING-OUT", "SUCCEEDED", "FAILED", '),
            ("running-ends", "LIF-03", "RUNNING counts as ended.",
             'TERMINAL = frozenset({"RUNNING", "SUCCEEDED", "FAILED", '),
            ("failed-goes-on", "LIF-03b", "FAILED does not count as ended.",
             'TERMINAL = frozenset({"SUCCEEDED", '),
        )
    ),
    mutant("wait-raises", "GET-05b GET-06b", "Time that runs out is an error.", "_session.py",
           "        return [run async for run in self._looks(run_id, deadline_secs)][-1]",
           "        run = [run async for run in self._looks(run_id, deadline_secs)][-1]\n"
           "        if not run.ended:\n            raise errors.StillRunningError(run)\n"
           "        return run"),
    mutant("slices-of-ninety", "GET-07 GET-07b", "A wait asks for 90 seconds at once.",
           "_session.py", "LONGEST_SLICE_SECS = float(_arguments.LONGEST_SERVER_WAIT_SECS)",
           "LONGEST_SLICE_SECS = 90.0"),
    mutant("no-patience", "RTL-09", "A run that was just started may not be unknown.",
           "_session.py", "NOT_FOUND_GRACE_SECS = 3.0", "NOT_FOUND_GRACE_SECS = 0.0"),
    mutant("endless-patience", "ERR-01c", "A run that is gone is waited for.",
           "_session.py", "if ended < min(known_at, until) else None", "if ended < until else None"),
)  # fmt: skip
