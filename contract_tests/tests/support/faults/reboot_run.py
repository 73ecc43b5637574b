"""Faults of Reboot run."""

from tests.support.tampering import Answer, Fault, Request, replaces, runs, status


def reboots(change) -> object:
    """Operations whose reboot is `change(operations, run, reboot)`."""

    @replaces("operations")
    def make(operations: type) -> type:
        class Changed(operations):
            def reboot(self, run) -> None:
                change(self, run, super().reboot)

        return Changed

    return make


def finished_is_fine(operations, run, reboot) -> None:
    if not run.finished:
        reboot(run)


def finished_starts_again(operations, run, reboot) -> None:
    if run.finished and run.id not in operations.supervisor.active:
        from actor_runs_server.records.lifecycle import Event

        operations.repository.move(run, Event.RESURRECT, finished_at=None, exit_code=None)
        operations.supervisor.supervise(run)
    else:
        reboot(run)


def counts_only(operations, run, reboot) -> None:
    if run.finished:
        reboot(run)
    run.counters["rebootCount"] += 1
    operations.repository.store(run)


def new_dataset(operations, run, reboot) -> None:
    reboot(run)
    run.storages = {**run.storages, "dataset": run.storages["dataset"][::-1]}
    operations.repository.store(run)


def as_ready(run: dict) -> None:
    run["status"] = "READY"


def wants_body(request: Request) -> Answer | None:
    if request.operation == "rebootRun" and not request.body:
        return Answer.error(400, "invalid-request")
    return None


REBOOT_RUN = (
    Fault("reboot-answers-202", "rebootRun", ("RBT-01", "RBT-12"),
          "Reboot run answers 202.", after=status(200, 202, "rebootRun"), whole=True),
    Fault("reboot-of-finished-accepted", "rebootRun", ("RBT-02",),
          "A reboot of a finished run is accepted and does nothing.",
          parts=reboots(finished_is_fine)),
    Fault("reboot-resurrects", "rebootRun", ("RBT-02", "LIF-02", "LIF-03", "LIF-03b", "INV-10"),
          "A reboot of a finished run starts it again.", parts=reboots(finished_starts_again)),
    Fault("reboot-only-counts", "rebootRun", ("RBT-03",),
          "A reboot counts and restarts nothing.", parts=reboots(counts_only)),
    Fault("reboot-renews-dataset", "rebootRun", ("RBT-04", "INV-11"),
          "A reboot gives the run another dataset.", parts=reboots(new_dataset)),
    Fault("reboot-answers-ready", "rebootRun", ("RBT-07", "LIF-02", "LIF-03", "LIF-03b"),
          "The answer to a reboot says READY.", after=runs(as_ready, "rebootRun")),
    Fault("reboot-wants-body", "rebootRun", ("RBT-01", "RBT-09"),
          "A reboot without a body is refused.", before=wants_body),
)  # fmt: skip
