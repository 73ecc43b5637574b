"""Faults of starting a run of a task: options, input, answer."""

from tests.support.tampering import (
    Answer,
    Fault,
    Request,
    on,
    replaces,
    runs,
    status,
    without_query,
)

STARTED: dict = {}


def location(make):
    def edit(request: Request, answer: Answer) -> None:
        if "location" in answer.headers:
            value = make(answer.headers.pop("location"))
            if value:
                answer.headers["location"] = value

    return edit


def waits_unasked(request: Request) -> None:
    """Wait in starts of runs that work for longer than the first one, which preflight looks at."""
    body = request.json()
    works = body.get("durationSecs") if isinstance(body, dict) else None
    long = isinstance(works, int | float) and works > 1
    if request.operation == "runTask" and long:
        request.query.setdefault("waitForFinish", "8")


def query_is(name: str, change):
    """Change a query parameter of a start, where it is given; None takes it away."""

    def edit(request: Request) -> Answer | None:
        if request.operation != "runTask" or name not in request.query:
            return None
        value = change(request.query[name])
        if isinstance(value, Answer):
            return value
        if value is None:
            del request.query[name]
        else:
            request.query[name] = value
        return None

    return edit


def times_ten(text: str) -> str:
    return str(float(text) * 10)


def refused(_text: str) -> Answer:
    return Answer.error(400, "invalid-value")


def nearest_power(text: str) -> str:
    """Take the next memory size that there is, but leave what is below the least alone."""
    if not text.isdigit() or not 128 <= int(text) <= 32768:
        return text
    return str(2 ** (int(text).bit_length() - 1))


def at_least_128(text: str) -> str:
    try:
        return "128" if 0 < float(text) < 128 else text
    except ValueError:
        return text


def numbers_only(request: Request) -> None:
    """Overlook a timeout that is no number."""
    text = request.query.get("timeout", "")
    if request.operation == "runTask" and text.isalpha():
        del request.query["timeout"]


def empty_object_refused(request: Request) -> Answer | None:
    if request.operation == "runTask" and request.json() == {}:
        return Answer.error(400, "invalid-input")
    return None


def malformed_is_empty(request: Request) -> None:
    malformed = request.json() is None and request.body.strip() not in (b"", b"null")
    if request.operation == "runTask" and malformed:
        request.body = b"{}"


def decides(part: str, **methods):
    """Replace decisions of a part; each takes the original one, the part and the arguments."""

    @replaces(part)
    def make(base: type) -> type:
        faulty = type("Faulty", (base,), {})
        for name, decision in methods.items():
            original = getattr(base, name)

            def method(self, *given, _original=original, _decision=decision, **named):
                return _decision(lambda *a, **n: _original(self, *a, **n), self, *given, **named)

            setattr(faulty, name, method)
        return faulty

    return make


STEERING = ("durationSecs", "exitCode", "onAbort", "report")


def input_for_fixture_only(own, part, task, given):
    """Overlook the input, but for what steers the fixture Actor: the suite rests on it."""
    return own(task, {key: given[key] for key in STEERING if key in given} if given else None)


def given_input_only(own, part, task, given):
    return own(task, given) if given is None else given


def read_as_latin_1(request: Request) -> None:
    request.body = request.body.decode("latin-1").encode()


def given_or_defaults(own, part, task, given):
    """Merge a body with the defaults of the schema, without what the task has saved."""
    return {**part.schemas[task.actor].defaults(), **given} if given else own(task, given)


def saves_override(own, part, task, given):
    merged = own(task, given)
    if task.input is not None and given:
        task.input.update(given)
    return merged


def shown_option(name: str, value):
    """Show an option other than it is."""

    def edit(run: dict) -> None:
        if name in run["options"]:
            run["options"][name] = value(run)

    return edit


async def never_times_out(own, part, active, container):
    active.deadline = None
    return await own(active, container)


def timed_out_is_failed(run: dict) -> None:
    if run["status"] == "TIMED-OUT":
        run["status"], run["exitCode"] = "FAILED", 1


def tags_only(own, part, actor, build):
    from actor_runs_server.api_error import ApiError

    if build[:1].isdigit():
        raise ApiError("build-not-found")
    return own(actor, build)


def any_build(own, part, actor, build):
    return own(actor, build if build in (*actor.builds, *actor.builds.values()) else "latest")


def without_variable(name: str):
    def fewer(own, part, *given):
        return {key: value for key, value in own(*given).items() if key != name}

    return decides("supervisor", environment=fewer)


def never_restarts(own, part, active) -> bool:
    return False


@replaces("starter")
def always_restarts(starter: type) -> type:
    class Stubborn(starter):
        async def start(self, name, task, caller, request):
            run = await super().start(name, task, caller, request)
            run.restart_on_error = True
            return run

    return Stubborn


def drifting_options(own, part, asked, task, actor):
    import msgspec

    options = own(asked, task, actor)
    STARTED["drift"] = STARTED.get("drift", 0) + 1
    if asked.timeout_secs is None:
        return msgspec.structs.replace(
            options, timeout_secs=options.timeout_secs + STARTED["drift"]
        )
    return options


def tag_as_number(request: Request, answer: Answer) -> None:
    if request.operation == "runTask" and request.query.get("build") and answer.run:
        run = answer.run
        answer.json = {"data": run | {"options": run["options"] | {"build": run["buildNumber"]}}}


def shared_dataset(run: dict) -> None:
    run["defaultDatasetId"] = run["storageIds"]["datasets"]["default"] = "sharedByAllOfThem"


@replaces("starter")
def one_run_for_all(starter: type) -> type:
    class Sparing(starter):
        async def start(self, name, task, caller, request):
            key = (task.id, str(request.input), str(request.options))
            earlier = STARTED.get(key)
            if earlier is None or earlier.finished:
                earlier = STARTED[key] = await super().start(name, task, caller, request)
            return earlier

    return Sparing


def task_is_null(run: dict) -> None:
    run["actorTaskId"] = None


def shows_place_in_queue(run: dict) -> None:
    run["placeInQueue"] = 1


def other_options(run: dict) -> None:
    run["options"]["timeoutSecs"] += 1


async def output_instead(request: Request, answer: Answer) -> None:
    if request.operation == "runTask" and answer.run:
        answer.json = {"data": {"greeting": "This is what the Actor made."}}


def finished_is_200(request: Request, answer: Answer) -> None:
    if request.operation == "runTask" and answer.run and answer.run["finishedAt"]:
        answer.status = 200


async def wait_without_sight(request: Request, answer: Answer) -> None:
    """Wait, and show the run as it was started."""
    if request.operation == "runTask" and answer.run and answer.run["finishedAt"]:
        run = {**answer.run, "status": "RUNNING", "finishedAt": None, "exitCode": None}
        answer.json = {"data": run}


def late_first_status(run: dict) -> None:
    run["status"] = "TIMING-OUT"


RUN_TASK = (
    Fault("start-answers-200", "runTask", ("TSK-01", "TSK-29", "TSK-33"),
          "Run task answers 200.", after=status(201, 200, "runTask"), whole=True),
    Fault("no-location", "runTask", ("TSK-03",),
          "Run task sends no Location.", after=location(lambda url: None)),
    Fault("location-of-something-else", "runTask", ("TSK-03b",),
          "Location ends with another id.", after=location(lambda url: url + "x")),
    Fault("start-waits-unasked", "runTask", ("TSK-02",),
          "Run task waits eight seconds without being asked, for runs of more than a second.", before=waits_unasked),
    Fault("start-with-empty-object-refused", "runTask", ("TSK-05b",),
          "An empty object is no input.", before=empty_object_refused),
    Fault("input-ignored", "runTask", ("TSK-06",),
          "The input of a start is overlooked, but for what steers the fixture Actor.", parts=decides("starter", merged_input=input_for_fixture_only)),
    Fault("input-replaced", "runTask", ("TSK-06b",),
          "The body of a start replaces the saved input.",
          parts=decides("starter", merged_input=given_input_only)),
    Fault("input-replaced-by-defaults", "runTask", ("TSK-06b",),
          "What the body leaves out is as the input schema says, not as the task.",
          parts=decides("starter", merged_input=given_or_defaults)),
    Fault("input-in-latin-1", "runTask", ("TSK-06",),
          "The bytes of a start's body are read as Latin-1.",
          before=on("runTask", read_as_latin_1)),
    Fault("override-is-saved", "runTask", ("TSK-07",),
          "The body of a start is saved in the task.",
          parts=decides("starter", merged_input=saves_override)),
    Fault("malformed-input-starts", "runTask", ("TSK-08b",),
          "A start with malformed JSON starts a run.", before=malformed_is_empty),
    Fault("timeout-ignored", "runTask", ("TSK-10", "TSK-11"),
          "Run task overlooks timeout.", before=without_query("timeout", "runTask")),
    Fault("never-times-out", "runTask", ("TSK-11",),
          "A timeout is shown and not kept.", parts=decides("supervisor", watch=never_times_out)),
    Fault("timed-out-is-failed", "runTask", ("TSK-11",),
          "A run that exceeds its timeout ends as FAILED.", after=runs(timed_out_is_failed)),
    Fault("memory-ignored", "runTask", ("TSK-12",),
          "Run task overlooks memory.", before=query_is("memory", lambda text: None)),
    Fault("memory-rounded", "runTask", ("TSK-12e",),
          "A memory that is no power of 2 is rounded.", before=query_is("memory", nearest_power),
          whole=True),
    Fault("memory-raised", "runTask", ("TSK-12e",),
          "A memory below 128 is raised.", before=query_is("memory", at_least_128),
          found_by="refused_small_memory"),
    Fault("build-shown-as-number", "runTask", ("TSK-13",),
          "options.build of a start shows the number of the build, not the tag that it asks for.",
          after=tag_as_number),
    Fault("build-number-refused", "runTask", ("TSK-13b",),
          "A build is chosen by its tag only.", parts=decides("starter", build_of=tags_only)),
    Fault("unknown-build-is-latest", "runTask", ("ERR-12",),
          "An unknown build means the latest.", parts=decides("starter", build_of=any_build)),
    Fault("words-for-numbers", "runTask", ("ERR-16",),
          "A timeout that is a word is overlooked.", before=numbers_only),
    Fault("max-items-refused", "runTask", ("TSK-14",),
          "maxItems is refused.", before=query_is("maxItems", refused)),
    Fault("max-items-shown-wrong", "runTask", ("TSK-14",),
          "options.maxItems shows 1.", after=runs(shown_option("maxItems", lambda run: 1))),
    Fault("max-items-kept-from-actor", "runTask", ("TSK-14b",),
          "The Actor does not learn of maxItems.",
          parts=without_variable("ACTOR_MAX_PAID_DATASET_ITEMS")),
    Fault("max-charge-refused", "runTask", ("TSK-15",),
          "maxTotalChargeUsd is refused.", before=query_is("maxTotalChargeUsd", refused)),
    Fault("max-charge-shown-in-cents", "runTask", ("TSK-15",),
          "options.maxTotalChargeUsd shows cents.",
          after=runs(shown_option("maxTotalChargeUsd",
                                  lambda run: 100 * run["options"]["maxTotalChargeUsd"]))),
    Fault("max-charge-kept-from-actor", "runTask", ("TSK-15b",),
          "The Actor does not learn of maxTotalChargeUsd.",
          parts=without_variable("ACTOR_MAX_TOTAL_CHARGE_USD")),
    Fault("restart-ignored", "runTask", ("TSK-17",),
          "A run that fails is never restarted.", parts=decides("supervisor", may_restart=never_restarts)),
    Fault("restart-always", "runTask", ("TSK-17c",),
          "Every run that fails is restarted.", parts=always_restarts),
    Fault("start-wait-ignored", "runTask", ("TSK-19b", "TSK-19"),
          "Run task overlooks waitForFinish.", before=without_query("waitForFinish", "runTask")),
    Fault("start-waits-too-long", "runTask", ("TSK-19b",),
          "A start waits ten times as long as asked.", before=query_is("waitForFinish", times_ten)),
    Fault("start-wait-shows-start", "runTask", ("TSK-19", "LIF-02", "LIF-03", "LIF-03b"),
          "A start that waited shows the run as it was started.", after=wait_without_sight),
    Fault("finished-start-is-200", "runTask", ("TSK-19c", "TSK-29"),
          "A start that waited for the end answers 200.", after=finished_is_200),
    Fault("task-settings-drift", "runTask", ("TSK-21",),
          "What a start leaves out is another each time.",
          parts=decides("starter", options_of=drifting_options)),
    Fault("run-without-task", "runTask", ("TSK-22",),
          "The new run names no task.", after=runs(task_is_null)),
    Fault("dataset-is-shared", "runTask", ("TSK-23", "TSK-22", "RTL-08"),
          "All runs share one dataset.", after=runs(shared_dataset)),
    Fault("start-is-idempotent", "runTask", ("TSK-23", "RTL-08"),
          "The same start gives the same run while it works.", parts=one_run_for_all),
    Fault("start-answer-has-other-options", "runTask", ("TSK-10", "TSK-24"),
          "The answer to a start shows a timeout a second longer than it is.",
          after=runs(other_options, "runTask")),
    Fault("start-answer-shows-more", "runTask", ("TSK-24",),
          "The answer to a start has a field that Get run lacks.",
          after=runs(shows_place_in_queue, "runTask")),
    Fault("start-answers-output", "runTask", ("TSK-33", "TSK-01", "GEN-02", "INV-12", "OBJ-01"),
          "The answer to a start is what the Actor made.", after=output_instead),
    Fault("start-answers-timing-out", "runTask", ("LIF-02", "LIF-01", "LIF-03", "LIF-03b", "INV-01"),
          "The answer to a start says TIMING-OUT.", after=runs(late_first_status, "runTask")),
)  # fmt: skip
