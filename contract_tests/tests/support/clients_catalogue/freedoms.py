"""Clients that differ from the good one where the API leaves them free: none of them breaks a promise."""

from __future__ import annotations

from typing import Final

from .patch import Patch

_HEADERS: Final = '"Accept": "application/json"}'

FREEDOMS: Final = (
    Patch(
        "spells-booleans-as-digits",
        "json.dumps(value) if isinstance(value, bool)",
        "str(int(value)) if isinstance(value, bool)",
        touches=("TSK-17", "ABT-08", "GEN-17"),
    ),
    Patch("encodes-the-tilde", 'safe="~"', 'safe=""', touches=("GEN-14", "TSK-01", "ABT-03")),
    Patch(
        "names-the-charset",
        '= "application/json"\n        target',
        '= "application/json; charset=utf-8"\n        target',
        touches=("BDY-01", "PUT-02", "TSK-06"),
    ),
    Patch(
        "escapes-non-ascii-in-json",
        ", ensure_ascii=False",
        "",
        touches=("GEN-03b", "PUT-02", "TSK-06"),
    ),
    Patch(
        "sends-headers-of-its-own",
        _HEADERS,
        '"Accept": "*/*", "User-Agent": "my-client/1.0", "X-Trace-Id": "1"}',
        touches=("GET-01", "TSK-01", "AUT-01"),
    ),
    Patch(
        "compresses-bodies",
        'headers["Content-Type"] = "application/json"',
        'headers |= {"Content-Type": "application/json", "Content-Encoding": "gzip"}\n            content = __import__("gzip").compress(content)',
        touches=("BDY-02", "PUT-02", "TSK-06"),
    ),
    Patch(
        "sends-bodies-in-chunks",
        "connection.request(method, target, body=content, headers=headers)",
        "connection.request(method, target, body=content and iter([content]), headers=headers, encode_chunked=True)",
        touches=("PUT-02", "TSK-06"),
    ),
    Patch(
        "spells-numbers-with-decimals",
        "else str(value)",
        "else str(float(value) if isinstance(value, int) else value)",
        touches=("TSK-10", "TSK-12", "GET-05"),
    ),
    Patch(
        "says-that-it-does-not-wait",
        '{} if wait_for_finish is None else {"waitForFinish": wait_for_finish}',
        '{"waitForFinish": wait_for_finish or 0}',
        touches=("GET-01", "GET-04"),
    ),
    Patch(
        "waits-in-short-slices",
        "LONGEST_HOLD_SECS: Final = 60",
        "LONGEST_HOLD_SECS: Final = 2",
        touches=("CLI-07", "LIF-03b"),
    ),
    Patch(
        "polls-without-waiting",
        "max(0, min(LONGEST_HOLD_SECS, int(left)))",
        "None",
        touches=("CLI-07", "LIF-03b"),
    ),
    Patch(
        "never-repeats-after-5xx",
        "(status >= 500 and repeatable)",
        "False",
        touches=("CLI-02", "CLI-06", "RTL-05", "RTL-03"),
    ),
    Patch(
        "does-not-tell-types-of-errors",
        '"type": error.kind',
        '"type": None',
        touches=("ERR-01", "AUT-07", "ERR-09"),
    ),
    Patch(
        "tells-unknown-runs-as-errors",
        'except NoSuchRunError:\n        return {"none": True}',
        'except NoSuchRunError as error:\n        return {"error": {"status": 404, "type": error.kind, "message": ""}}',
        touches=("ERR-01", "CLI-08"),
    ),
    Patch(
        "shows-only-id-and-status",
        'return {"run": carry_out(order)}',
        'return {"run": {k: v for k, v in carry_out(order).items() if k in ("id", "status")}}',
        touches=("CLI-01", "CLI-17"),
    ),
    Patch(
        "has-no-deprecated-abort",
        "**answer_to(order)}",
        '**({"unsupported": "no deprecated path"} if "actor" in order else answer_to(order))}',
        touches=("ABT-03", "ABT-25", "ABT-08"),
    ),
    Patch(
        "gives-up-after-three-tries", "TRIES: Final = 5", "TRIES: Final = 3", touches=("RTL-03",)
    ),
    Patch(
        "pauses-longer",
        "FIRST_DELAY_SECS: Final = 0.5",
        "FIRST_DELAY_SECS: Final = 0.9",
        touches=("RTL-03",),
    ),
    Patch(
        "speaks-http-1-0",
        "connection.request(method, target",
        'connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"\n            connection.request(method, target',
        touches=("GET-01", "TSK-01", "PUT-02"),
    ),
    Patch(
        "refuses-unknown-statuses",
        'return answered["data"]',
        'if answered["data"].get("status") not in (*TERMINAL, "READY", "RUNNING", "ABORTING", "TIMING-OUT"):\n                raise ApiError(status, None, "Unknown status")\n            return answered["data"]',
        touches=("CLI-11", "GET-01"),
    ),
    Patch(
        "refuses-new-keys",
        'return answered["data"]',
        'if "shoeSize" in answered["data"]:\n                raise ApiError(status, None, "Unknown key")\n            return answered["data"]',
        touches=("OBJ-40", "GET-01"),
    ),
    Patch(
        "overrides-the-method",
        "connection.request(method, target",
        'target += ("&" if "?" in target else "?") + "method=" + method.title()\n            connection.request("POST", target',
        touches=("GET-01", "GET-02", "PUT-24", "PUT-23", "ABT-25"),
    ),
    Patch(
        "spells-bearer-in-lower-case",
        'f"Bearer {self.token}"',
        'f"bearer {self.token}"',
        touches=("AUT-01", "CLI-24", "CLI-23"),
    ),
    Patch(
        "names-the-whole-url",
        "connection.request(method, target",
        'connection.request(method, f"http://{self.address.netloc}{target}"',
        touches=("GET-01", "GET-02", "CLI-12", "PUT-24"),
    ),
    Patch(
        "shows-more-than-the-api",
        'return {"run": carry_out(order)}',
        'run = carry_out(order)\n        return {"run": {**run, "isFinished": run["status"] in TERMINAL, "seconds": 1}}',
        touches=("CLI-01", "CLI-26"),
    ),
    Patch(
        "leaves-nulls-out",
        'return {"run": carry_out(order)}',
        'return {"run": {k: v for k, v in carry_out(order).items() if v is not None}}',
        touches=("CLI-01", "CLI-17", "CLI-26"),
    ),
    Patch(
        "shows-dates-with-an-offset",
        'return {"run": carry_out(order)}',
        'return {"run": {k: v[:-1] + "000+00:00" if k.endswith("At") and v else v for k, v in carry_out(order).items()}}',
        touches=("CLI-01",),
    ),
    Patch(
        "reads-gzip",
        "return answer.status, answer.read()",
        "whole = answer.read()\n"
        '            zipped = answer.headers.get("Content-Encoding") == "gzip"\n'
        '            return answer.status, __import__("gzip").decompress(whole) if zipped else whole',
        touches=("GET-01", "CLI-01"),
    ),
    Patch(
        "encodes-letters-of-ids",
        'return quote(name, safe="~")',
        'return "".join(f"%{byte:02x}" for byte in name.encode())',
        touches=("GET-02", "CLI-12", "GEN-14"),
    ),
    Patch(
        "reboots-with-an-empty-object",
        '/reboot", repeatable=False)',
        '/reboot", body={}, repeatable=False)',
        touches=("RBT-01", "RBT-09", "CLI-18"),
    ),
    Patch(
        "reads-a-run-before-it-aborts-it",
        'return same_run(self.call("POST", path, query=query), run)',
        'self.get(run)\n        return same_run(self.call("POST", path, query=query), run)',
        touches=("ABT-02", "ABT-07", "ABT-08", "ABT-25"),
    ),
    Patch(
        "takes-null-for-none",
        'if not isinstance(answered.get("data"), dict):',
        'if "data" in answered and answered["data"] is None:\n'
        '                raise NoSuchRunError(404, None, "")\n'
        '            if not isinstance(answered.get("data"), dict):',
        touches=("CLI-25",),
    ),
    Patch(
        "refuses-messages-with-line-breaks",
        'body = {"runId": run, **changes}',
        'if "\\n" in changes["statusMessage"]:\n            raise ApiError(None, None, "One line, please.")\n        body = {"runId": run, **changes}',
        touches=("PUT-02b", "PUT-23", "PUT-05"),
    ),
)
