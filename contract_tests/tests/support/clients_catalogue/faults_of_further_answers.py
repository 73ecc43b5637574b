"""Clients that read the plain answer well: another answer or status shows what is wrong."""

from __future__ import annotations

from typing import Final

from .patch import Patch

_DATA: Final = 'return answered["data"]'
_SHOWN: Final = 'return {"run": carry_out(order)}'
_PARSED: Final = "except ValueError:\n            parsed = None"
_REFUSED: Final = "except ApiError as error:"
_KINDS: Final = (
    'if status == 404 and error.get("type") in ("record-not-found", "record-or-token-not-found"):'
)
_ENDED: Final = 'if found["status"] in TERMINAL or left <= 0:'
_ABORT: Final = 'return same_run(self.call("POST", path, query=query), run)'
_REBOOT: Final = (
    'found = self.call("POST", f"/v2/actor-runs/{segment(run)}/reboot", repeatable=False)'
)


def _showing(change: str) -> str:
    return f'run = carry_out(order)\n        {change}\n        return {{"run": run}}'


FAULTS_OF_FURTHER_ANSWERS: Final = (
    Patch(
        "shows-a-run-as-it-was-before-the-abort",
        _ABORT,
        f"before = self.get(run)\n        {_ABORT.replace('return ', '')}\n        return before",
        ("ABT-02",),
    ),
    Patch(
        "shows-the-run-when-a-reboot-is-refused",
        _REBOOT,
        f"try:\n            {_REBOOT}\n        except ApiError:\n            return self.get(run)",
        ("GEN-04",),
    ),
    Patch(
        "takes-401-for-none",
        _KINDS,
        "if status == 401:\n            raise NoSuchRunError(status, None, message)\n        "
        + _KINDS,
        ("GEN-04",),
    ),
    Patch(
        "takes-any-json-with-404-for-none",
        _KINDS,
        "if status == 404 and parsed is not None:\n            error = {'type': None}",
        ("CLI-08",),
    ),
    Patch(
        "asks-for-gzip-and-cannot-read-it",
        '"Accept": "application/json"}',
        '"Accept": "application/json", "Accept-Encoding": "gzip"}',
        ("GET-01", "TSK-01"),
    ),
    Patch(
        "takes-every-success-for-a-run",
        _REFUSED,
        f'{_REFUSED}\n        if error.status == 200:\n            return {{"run": {{"id": order["run"]}}}}',
        ("CLI-25",),
    ),
    Patch(
        "takes-a-redirect-for-a-run",
        _REFUSED,
        f'{_REFUSED}\n        if error.status == 302:\n            return {{"run": {{"id": order["run"]}}}}',
        ("CLI-25",),
    ),
    Patch(
        "takes-a-page-with-200-for-none",
        _PARSED,
        f"{_PARSED}\n            if status == 200 and text:\n"
        '                raise NoSuchRunError(404, None, "")',
        ("CLI-25", "CLI-20"),
    ),
    Patch(
        "shows-0-for-absent-costs",
        _SHOWN,
        _showing('run.setdefault("usageTotalUsd", 0)'),
        ("CLI-26",),
    ),
    Patch(
        "shows-0-for-null",
        _SHOWN,
        _showing('run["usageTotalUsd"] = run.get("usageTotalUsd") or 0.0'),
        ("CLI-26",),
    ),
    Patch(
        "shows-an-exit-code-of-its-own",
        _SHOWN,
        _showing('run.setdefault("exitCode", -1)'),
        ("CLI-26",),
    ),
    Patch(
        "counts-bytes-in-32-bits",
        "parsed = json.loads(text)",
        "parsed = json.loads(text, parse_int=lambda digits: (int(digits) + 2**31) % 2**32 - 2**31)",
        ("CLI-01",),
    ),
    Patch(
        "reads-answers-as-latin-1",
        "parsed = json.loads(text)",
        'parsed = json.loads(text.decode("latin-1"))',
        ("CLI-01",),
    ),
    Patch(
        "shows-statuses-with-underscores",
        _SHOWN,
        _showing('run["status"] = run["status"].replace("-", "_")'),
        ("CLI-01",),
    ),
    Patch(
        "shows-no-run-that-failed",
        _DATA,
        'if answered["data"].get("status") == "FAILED":\n'
        '                raise ApiError(status, None, "The run failed")\n            ' + _DATA,
        ("CLI-01",),
    ),
    Patch(
        "shows-a-run-as-it-was-at-first",
        _SHOWN,
        'run = carry_out(order)\n        return {"run": globals().setdefault(run["id"], run)}',
        ("CLI-01",),
    ),
    Patch(
        "loses-charged-events",
        _SHOWN,
        _showing('run["chargedEventCounts"] = {}'),
        ("CLI-01",),
    ),
    Patch(
        "renames-charged-events",
        _SHOWN,
        _showing(
            'counts = run.get("chargedEventCounts") or {}\n'
            '        run["chargedEventCounts"] = {k.replace("-", "_"): v for k, v in counts.items()}'
        ),
        ("CLI-01",),
    ),
    Patch(
        "rounds-figures",
        "parsed = json.loads(text)",
        "parsed = json.loads(text, parse_float=lambda digits: round(float(digits), 4))",
        ("CLI-01",),
    ),
    Patch(
        "shows-dates-in-local-time",
        _SHOWN,
        _showing('run["startedAt"] = (run.get("startedAt") or "").rstrip("Z")'),
        ("CLI-01",),
    ),
    Patch(
        "takes-an-end-time-for-the-end",
        _ENDED,
        _ENDED.replace('found["status"] in TERMINAL', 'found["finishedAt"]'),
        ("GET-06",),
    ),
    Patch(
        "takes-an-exit-code-for-the-end",
        _ENDED,
        _ENDED.replace('found["status"] in TERMINAL', 'found["exitCode"] is not None'),
        ("GET-06",),
    ),
    Patch(
        "takes-the-last-message-for-the-end",
        _ENDED,
        _ENDED.replace("or left", 'or found["isStatusMessageTerminal"] or left'),
        ("GET-06",),
    ),
)
