"""Short forms for changes that several families of faults share."""

from tests.support.tampering import Answer, Request


def problem(**changes: object):
    """Change the error object of every error answer; None takes a key away."""

    def edit(request: Request, answer: Answer) -> None:
        error = answer.problem
        if error is not None:
            error = {**error, **changes}
            answer.json = {"error": {k: v for k, v in error.items() if v is not None}}

    return edit


def problem_of(kind: str, status: int | None = None, new_kind: str | None = None):
    """Change status or type of the errors of one type."""

    def edit(request: Request, answer: Answer) -> None:
        error = answer.problem
        if error is not None and error.get("type") == kind:
            answer.status = status or answer.status
            answer.json = {"error": {**error, "type": new_kind or kind}}

    return edit


def status_of(was: int, now: int, kind: str | None = None):
    def edit(request: Request, answer: Answer) -> None:
        if answer.status == was:
            answer.status = now
            if kind:
                answer.json = {"error": {"type": kind, "message": "This server is faulty."}}

    return edit


def header(name: str, value: str | None):
    def edit(request: Request, answer: Answer) -> None:
        answer.headers.pop(name, None)
        if value is not None:
            answer.headers[name] = value

    return edit


GONE = object()


def put(path: str, value: object):
    """Set a value of the Run object, which may be a path with dots; GONE takes the key away."""
    *parents, last = path.split(".")

    def edit(run: dict) -> None:
        place = run
        for key in parents:
            place = place.setdefault(key, {})
        if value is GONE:
            place.pop(last, None)
        else:
            place[last] = value

    return edit


def when(statuses: str | tuple[str, ...], change):
    """Change runs in these statuses only."""
    wanted = (statuses,) if isinstance(statuses, str) else statuses

    def edit(run: dict) -> None:
        if run["status"] in wanted:
            change(run)

    return edit
