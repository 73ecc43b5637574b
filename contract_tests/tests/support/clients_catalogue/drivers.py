"""Drivers that misbehave: each is a short program, to be run without site-packages."""

from __future__ import annotations

from typing import Final

# A request for the run that the first command names, and its answer as the API's JSON.
ASKS: Final = """
import http.client, json, os, subprocess, sys, time
from urllib.parse import urlsplit

def ask(told):
    where = http.client.HTTPConnection(urlsplit(told["base_url"]).netloc)
    path = "/v2/actor-runs/" + told.get("run", "x")
    where.request("GET", path, headers={"Authorization": "Bearer " + told["token"]})
    return json.loads(where.getresponse().read())["data"]

def say(told, **reply):
    print(json.dumps({"id": told["id"], **reply}), flush=True)

told = json.loads(sys.stdin.readline())
"""

SILENT: Final = "import sys\nsys.stdin.read()"
CRASHING: Final = "import sys\nsys.stdin.readline()\nsys.exit(3)"
BABBLING: Final = "import sys\nfor line in sys.stdin: print('not JSON', flush=True)"
FLOODING: Final = "import sys\nsys.stdin.readline()\nwhile True: print('x' * 1000, end='')"
LYING: Final = """
import json, sys
for line in sys.stdin:
    told = json.loads(line)
    print(json.dumps({"id": told["id"], "run": {"id": told.get("run")}}), flush=True)
"""
SENDING_ELSEWHERE: Final = f"""
{ASKS}
import socket, threading
other = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=other.accept, daemon=True).start()
elsewhere = http.client.HTTPConnection("127.0.0.1", other.getsockname()[1])
elsewhere.request("GET", "/v2/actor-runs/" + told["run"])
say(told, run={{"id": told["run"], "status": "RUNNING"}})
"""
NOTHING_SENT: Final = (CRASHING, BABBLING, FLOODING, LYING, SENDING_ELSEWHERE)
"""They reply at once and send nothing to the address that they are told."""

SHOWS: Final = f"{ASKS}say(told, run=ask(told))"
CRASHES_OVER_THE_ANSWER: Final = f"{ASKS}ask(told)\nraise KeyError('usage')"
HANGS_OVER_THE_ANSWER: Final = f"{ASKS}ask(told)\ntime.sleep(60)"
HALF_A_LINE: Final = f"{ASKS}ask(told)\nprint('{{\"id\": 1, \"run\": {{', end='', flush=True)"
HALF_JSON: Final = f'{ASKS}ask(told)\nprint(\'{{"id": 1, "run": {{\', flush=True)\nsys.stdin.read()'
ANSWERS_ANOTHER: Final = f"{ASKS}run = ask(told)\ntold['id'] += 1\nsay(told, run=run)"
LIES_ABOUT_THE_RUN: Final = f"{ASKS}run = ask(told)\nsay(told, run={{**run, 'id': 'another'}})"
SAYS_UNSUPPORTED: Final = f"{ASKS}say(told, unsupported='not yet')"
SHOUTS: Final = f"{ASKS}sys.stderr.write('x' * 2**20)\nsay(told, run=ask(told))"
IGNORES_THE_END: Final = f"{ASKS}say(told, run=ask(told))\ntime.sleep(60)"
LEAVES_A_CHILD: Final = f"""
{ASKS}
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
sys.stderr.write(f"child {{child.pid}}\\n")
say(told, run=ask(told))
"""
LEAVES_A_CHILD_OF_ITS_OWN: Final = LEAVES_A_CHILD.replace('60)"]', '20)"], start_new_session=True')
