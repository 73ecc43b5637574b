"""Logs: streamed while the run goes, with times, within a limit."""

import re
import time

CONFIG = """
[actors."demo~talker"]
command = ["{python}", "-u", "-c", '''
import sys, time
for number in range(8):
    print("\\033[1mline\\033[0m", number)
    time.sleep(0.2)
sys.stdout.write("no end")
''']
[tasks."demo~talker"]
actor = "demo~talker"

[actors."demo~chatterbox"]
command = ["{python}", "-c", "import sys; sys.stdout.write('x' * 5_000_000)"]
[tasks."demo~chatterbox"]
actor = "demo~chatterbox"
"""
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (.*)")


def test_a_log_is_streamed_until_the_run_has_ended(serve, client, config):
    """With `stream` lines arrive as they are written; each has its own time."""
    with serve(config=config + CONFIG) as server, client(server.url) as api:
        run = api.start(task="demo~talker")
        with api.http.stream("GET", f"/v2/logs/{run['id']}", params={"stream": "1"}) as answer:
            arrived = [(time.monotonic(), line) for line in answer.iter_lines()]
        assert arrived[-2][0] - arrived[0][0] > 0.8
        texts = [LINE.fullmatch(line)[1] for _, line in arrived]
        assert texts == [*(f"line {number}" for number in range(8)), "no end"]
        at_once = api.call("GET", f"/v2/logs/{run['id']}", 200)
        assert [LINE.fullmatch(line)[1] for line in at_once.text.splitlines()] == texts
        raw = api.call("GET", f"/v2/logs/{run['id']}", 200, params={"raw": "true", "download": 1})
        assert "\x1b[1mline" in raw.text
        assert raw.headers["content-disposition"] == f'attachment; filename="{run["id"]}.log"'
        api.call("GET", f"/v2/logs/{run['id']}", 400, params={"stream": "maybe"})


def test_a_log_does_not_grow_beyond_its_limit(serve, client, config):
    """The rest of a log that is full is discarded, and its last line says so."""
    more = config.replace("[limits]", "[limits]\nmax_log_mbytes = 1") + CONFIG
    with serve(config=more) as server, client(server.url) as api:
        run = api.start(task="demo~chatterbox", waitForFinish=20)
        assert run["status"] == "SUCCEEDED"
        log = api.call("GET", f"/v2/logs/{run['id']}", 200).text
        assert 1_000_000 < len(log) < 1_000_200
        assert log.endswith("The log is full; the rest is discarded.\n")
