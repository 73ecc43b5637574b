"""No exception ends the supervision of a run."""

PROGRAM = """
import sys
from actor_runs_server.__main__ import main
from actor_runs_server.runs.repository import RunRepository
from actor_runs_server.runs.service import Parts

class Failing(RunRepository):
    failures = []

    def move(self, run, event, **values):
        if event.name == "EXITED_WELL" and not self.failures:
            self.failures.append(run.id)
            raise RuntimeError("a bug on the way to the database")
        super().move(run, event, **values)

sys.exit(main(sys.argv[1:], parts=Parts(repository=Failing)))
"""


def test_a_bug_delays_the_end_of_a_run_and_is_logged(serve, client, tmp_path):
    """The transition is tried again until it succeeds; the log has the traceback."""
    program = tmp_path / "failing.py"
    program.write_text(PROGRAM)
    with serve(program=[str(program)]) as server, client(server.url) as api:
        assert api.start({"durationSecs": 0}, waitForFinish=20)["status"] == "SUCCEEDED"
        assert api.start({"durationSecs": 0}, waitForFinish=20)["status"] == "SUCCEEDED"
        errors = server.errors.read_text()
        assert "the status of a run cannot be changed, trying again" in errors
        assert errors.count("RuntimeError: a bug on the way to the database") == 1
