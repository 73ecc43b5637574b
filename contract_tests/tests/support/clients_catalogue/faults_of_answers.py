"""Clients that repeat what must not be repeated, or that misread what they are answered."""

from __future__ import annotations

from typing import Final

from .patch import Patch

_AGAIN: Final = "again = status == 429 or (status >= 500 and repeatable)"
_LOST: Final = "if not repeatable or attempt == TRIES:\n                    raise"
_PAUSE: Final = "time.sleep(random.uniform(delay, 2 * delay))\n            delay *= 2"
_SHOWN: Final = 'return {"run": carry_out(order)}'
_DATA: Final = 'return answered["data"]'
_KINDS: Final = (
    'if status == 404 and error.get("type") in ("record-not-found", "record-or-token-not-found"):'
)
_PARSED: Final = "except ValueError:\n            parsed = None"
_READ: Final = "return answer.status, answer.read()"
_REBOOT: Final = (
    'found = self.call("POST", f"/v2/actor-runs/{segment(run)}/reboot", repeatable=False)'
)
_ENDED: Final = 'if found["status"] in TERMINAL or left <= 0:'
_STATUS: Final = '"status": error.status, "type"'

FAULTS_OF_ANSWERS: Final = (
    Patch(
        "starts-again-after-5xx",
        _AGAIN,
        "again = status == 429 or status >= 500",
        ("CLI-02", "CLI-06"),
    ),
    Patch(
        "starts-again-after-a-lost-connection",
        _LOST,
        "if attempt == TRIES:\n                    raise",
        ("CLI-03", "CLI-04"),
    ),
    Patch(
        "starts-again-after-half-an-answer",
        "return answer.status, answer.read()",
        "try:\n                return answer.status, answer.read()\n            except http.client.IncompleteRead:\n                return 429, b''",
        ("CLI-04",),
    ),
    Patch(
        "cuts-a-held-start-off-and-repeats-it",
        "status, text = self.send(method, path, query, body, ANSWER_SECS + held)\n            except NoAnswerError:\n                if not repeatable or",
        "status, text = self.send(method, path, query, body, 2)\n            except NoAnswerError:\n                if",
        ("CLI-05", "CLI-03", "CLI-04"),
    ),
    Patch("reboots-again-after-502", '/reboot", repeatable=False)', '/reboot")', ("CLI-06",)),
    Patch("reboots-twice", _REBOOT, f"{_REBOOT}\n        {_REBOOT}", ("CLI-18",)),
    Patch(
        "gives-up-after-429", _AGAIN, "again = status >= 500 and repeatable", ("RTL-03", "RTL-04")
    ),
    Patch("repeats-429-at-once", _PAUSE, "time.sleep(0.01)", ("RTL-03",)),
    Patch("pauses-429-as-long-each-time", "delay *= 2", "delay *= 1", ("RTL-03",)),
    Patch(
        "needs-retry-after",
        _READ,
        'if answer.status == 429 and "Retry-After" not in answer.headers:\n                raise ApiError(429, None, "Slow down")\n            '
        + _READ,
        ("RTL-03", "RTL-04"),
    ),
    Patch(
        "repeats-4xx",
        _AGAIN,
        "again = status >= 400 and (status != 404) and (status < 500 or repeatable)",
        ("RTL-06",),
    ),
    Patch(
        "repeats-404",
        _AGAIN,
        "again = status in (404, 429) or (status >= 500 and repeatable)",
        ("RTL-06",),
    ),
    Patch(
        "repeats-402-of-a-start",
        _AGAIN,
        "again = status in (402, 429) or (status >= 500 and repeatable)",
        ("RTL-06",),
    ),
    Patch("asks-without-pause", "PAUSE_SECS: Final = 1.0", "PAUSE_SECS: Final = 0.0", ("CLI-07",)),
    Patch(
        "asks-ten-times-a-second", "PAUSE_SECS: Final = 1.0", "PAUSE_SECS: Final = 0.1", ("CLI-07",)
    ),
    Patch(
        "takes-every-404-for-none",
        _KINDS,
        'if status == 404:\n            error = {"type": None}',
        ("CLI-08",),
    ),
    Patch(
        "takes-every-refusal-for-none",
        _KINDS,
        'if 400 <= status < 500:\n            error = {"type": None}',
        ("CLI-08", "GEN-04"),
    ),
    Patch(
        "mends-json-that-breaks-off",
        _PARSED,
        'except ValueError:\n            parsed = {"data": {"id": text.decode().split(\'"\')[5]}}',
        ("CLI-20", "CLI-09"),
    ),
    Patch(
        "takes-half-an-answer-for-a-run",
        "except (OSError, http.client.HTTPException) as error:",
        'except http.client.IncompleteRead as error:\n            return 200, b\'{"data": {"id": "%s", "status": "SUCCEEDED"}}\' % path.split(\'/\')[3].encode()\n        except (OSError, http.client.HTTPException) as error:',
        ("CLI-09",),
    ),
    Patch(
        "shows-the-envelope",
        _DATA,
        "return {**answered, 'id': answered['data'].get('id'), 'status': answered['data'].get('status')}",
        ("CLI-01",),
    ),
    Patch(
        "shows-no-zero",
        _SHOWN,
        'return {"run": {k: v or None for k, v in carry_out(order).items()}}',
        ("CLI-01",),
    ),
    Patch(
        "shows-dates-without-milliseconds",
        _SHOWN,
        'return {"run": {k: v[:19] + "Z" if k in ("startedAt", "finishedAt") and v else v for k, v in carry_out(order).items()}}',
        ("CLI-01",),
    ),
    Patch(
        "shows-costs-in-cents",
        _SHOWN,
        'return {"run": {k: round(v, 2) if k == "usageTotalUsd" and v else v for k, v in carry_out(order).items()}}',
        ("CLI-01",),
    ),
    Patch(
        "shows-messages-in-ascii",
        _SHOWN,
        'return {"run": {k: v.encode("ascii", "replace").decode() if isinstance(v, str) else v for k, v in carry_out(order).items()}}',
        ("CLI-01",),
    ),
    Patch(
        "shows-every-run-as-succeeded",
        _SHOWN,
        'return {"run": {**carry_out(order), "status": "SUCCEEDED"}}',
        ("GET-06b",),
    ),
    Patch(
        "crashes-on-null-general-access",
        _DATA,
        'answered["data"].get("generalAccess", "").lower()\n            ' + _DATA,
        ("CLI-17",),
    ),
    Patch(
        "demands-general-access",
        _DATA,
        'answered["data"]["generalAccess"]\n            ' + _DATA,
        ("CLI-19",),
    ),
    Patch(
        "adds-up-null-figures",
        _DATA,
        'sum((answered["data"].get("usage") or {}).values())\n            ' + _DATA,
        ("CLI-17",),
    ),
    Patch(
        "demands-usage",
        _DATA,
        'answered["data"]["usage"]["DATASET_READS"]\n            ' + _DATA,
        ("CLI-19", "CLI-17"),
    ),
    Patch(
        "demands-an-end",
        _DATA,
        'time.strptime(answered["data"]["finishedAt"][:19], "%Y-%m-%dT%H:%M:%S")\n            '
        + _DATA,
        ("CLI-19", "GET-01"),
    ),
    Patch(
        "waits-one-slice",
        "found = self.get(run, max(0, min(LONGEST_HOLD_SECS, int(left))))",
        "found = self.get(run, max(0, min(LONGEST_HOLD_SECS, int(left))))\n                return found",
        ("GET-06",),
    ),
    Patch(
        "takes-aborting-for-the-end",
        '"TIMED-OUT", "ABORTED")',
        '"TIMED-OUT", "ABORTED", "ABORTING", "TIMING-OUT")',
        ("GET-06",),
    ),
    Patch(
        "takes-ready-for-the-end",
        _ENDED,
        _ENDED.replace("in TERMINAL", '!= "RUNNING"'),
        ("GET-06",),
    ),
    Patch(
        "does-not-know-that-timed-out-is-an-end",
        '"FAILED", "TIMED-OUT", "ABORTED"',
        '"FAILED", "TIMED_OUT", "ABORTED"',
        ("LIF-03b",),
    ),
    Patch(
        "does-not-know-that-failed-is-an-end",
        '("SUCCEEDED", "FAILED",',
        '("SUCCEEDED",',
        ("LIF-03b",),
    ),
    Patch("tells-a-wrong-status", _STATUS, '"status": 500, "type"', ("GEN-04",)),
    Patch(
        "prints-its-token",
        "delay = FIRST_DELAY_SECS\n",
        'delay = FIRST_DELAY_SECS\n        sys.stderr.write(f"{method} {path} {self.token}\\n")\n',
        ("CLI-21",),
    ),
    Patch(
        "tells-its-token-in-errors",
        '"message": error.message}}',
        '"message": f"{error.message} {order[\'token\']}"}}',
        ("CLI-21",),
    ),
    Patch(
        "follows-redirects-with-its-token",
        "return answer.status, answer.read()",
        "if answer.status in (301, 302, 303, 307, 308):\n"
        "                there = urlsplit(answer.headers['Location'])\n"
        "                connection.close()\n"
        "                connection = http.client.HTTPConnection(there.hostname or '', there.port, timeout=timeout)\n"
        "                connection.request(method, there.path, headers=headers)\n"
        "                answer = connection.getresponse()\n"
        "            return answer.status, answer.read()",
        ("CLI-13",),
    ),
)
