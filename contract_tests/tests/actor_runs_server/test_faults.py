"""A test can put a fault into the server, by replacing a part or by middleware."""

import pytest

PROGRAM = """
import sys
from actor_runs_server.__main__ import main
from actor_runs_server.runs.operations import RunOperations
from actor_runs_server.runs.service import Parts
from actor_runs_server.runs.views import RunViews

class WrongStatus(RunViews):
    def answer(self, run, *, owner):
        return {**super().answer(run, owner=owner), "status": "FAILED"}

class Impatient(RunOperations):
    async def wait(self, run, seconds):
        pass

def ok_for_created(app):
    async def middleware(scope, receive, send):
        async def sending(message):
            if message.get("status") == 201:
                message = {**message, "status": 200}
            await send(message)
        await app(scope, receive, sending)
    return middleware

sys.exit(main(sys.argv[1:], FAULT))
"""
FAULTS = [
    # what is given to main, the status code of a start that waits, the status of its run
    ("parts=Parts(views=WrongStatus)", 201, "FAILED"),
    ("parts=Parts(operations=Impatient)", 201, "READY"),
    ("wrap=ok_for_created", 200, "SUCCEEDED"),
]


@pytest.mark.parametrize(("fault", "code", "status"), FAULTS)
def test_a_fault_is_put_in(serve, client, tmp_path, fault, code, status):
    """Only what is overridden changes."""
    path = tmp_path / "faulty.py"
    path.write_text(PROGRAM.replace("FAULT", fault))
    with serve(program=[str(path)]) as server, client(server.url) as api:
        start = "/v2/actor-tasks/demo~fixture/runs?waitForFinish=20"
        answer = api.call("POST", start, code, json={"durationSecs": 0})
        assert answer.json()["data"]["status"] == status
