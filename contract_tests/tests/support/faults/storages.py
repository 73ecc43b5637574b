"""Faults of what lies around the operations: default storages, and defaults of the input schema."""

from tests.support.faults.run_task import decides
from tests.support.tampering import Answer, Fault, Request, replaces, runs

FIRST: dict[str, str] = {}


def below_run_other_dataset(request: Request, answer: Answer) -> None:
    if request.path.startswith("/v2/actor-runs/") and request.path.endswith("/dataset"):
        data = (answer.json or {}).get("data")
        if data:
            answer.json = {"data": {**data, "id": data["id"][::-1]}}


def no_queue_below_run(request: Request) -> Answer | None:
    if request.path.startswith("/v2/actor-runs/") and request.path.endswith("/request-queue"):
        return Answer.error(404, "page-not-found")
    return None


def dataset_of_first_run(run: dict) -> None:
    run["defaultDatasetId"] = FIRST.setdefault("dataset", run["defaultDatasetId"])


def items_not_found(request: Request) -> Answer | None:
    if request.path.startswith("/v2/datasets/") and request.path.endswith("/items"):
        return Answer.error(404, "record-not-found")
    return None


def emptied(kind: str, table: str, column: str):
    """Empty a default storage of a run that is rebooted."""

    @replaces("operations")
    def make(operations: type) -> type:
        class Emptying(operations):
            def reboot(self, run) -> None:
                super().reboot(run)
                # The Actor's input stays, which the suite rests on.
                self.repository.table.database.write(
                    f"DELETE FROM {table} WHERE {column} = ? "
                    + ("AND key <> 'INPUT'" if table == "key_values" else ""),
                    run.storages[kind],
                )

        return Emptying

    return make


def no_defaults(own, part, task, given):
    """Merge the input as if the schema had no defaults."""
    merged = own(task, given)
    known = {**(task.input or {}), **(given or {})}
    return merged and {key: value for key, value in merged.items() if key in known}


def no_false_defaults(own, part, task, given):
    """Merge the input as if a default of the schema that is false, or 0, were none."""
    known = {**(task.input or {}), **(given or {})}
    return {k: v for k, v in (own(task, given) or {}).items() if v or k in known}


def defaults_before_saved(own, part, task, given):
    """Merge the input as if the schema went before the task."""
    defaults = part.schemas[task.actor].defaults()
    return {**(own(task, given) or {}), **defaults, **(given or {})}


def another_default(own, part, task, given):
    """Merge the input as if the schema had another default for `onAbort`."""
    known = {**(task.input or {}), **(given or {})}
    return {**(own(task, given) or {}), "onAbort": known.get("onAbort", "ignore")}


STORAGES = (
    Fault("dataset-below-run-is-another", "getRun", ("GET-12",),
          "The path of a run's default dataset leads to another dataset.",
          after=below_run_other_dataset),
    Fault("no-queue-below-run", "getRun", ("GET-12",),
          "Below a run there is no default request queue, though there are the other storages.",
          before=no_queue_below_run),
    Fault("start-names-dataset-of-first-run", "runTask",
          ("TSK-25", "TSK-24", "INV-05", "INV-11", "GEN-20", "RBT-04"),
          "Each start names the default dataset of the first run.",
          after=runs(dataset_of_first_run, "runTask")),
    Fault("no-items-by-dataset-id", "runTask", ("TSK-25",),
          "The items of a dataset are found below its run, and not by the dataset's id.",
          before=items_not_found),
    Fault("reboot-empties-dataset", "rebootRun", ("RBT-04b",),
          "A reboot empties the default dataset.", parts=emptied("dataset", "items", "dataset")),
    Fault("reboot-empties-store", "rebootRun", ("RBT-04b",),
          "A reboot deletes the records of the default key-value store, but for the input.",
          parts=emptied("key-value-store", "key_values", "store")),
    Fault("reboot-empties-queue", "rebootRun", ("RBT-04b",),
          "A reboot empties the default request queue.",
          parts=emptied("request-queue", "requests", "queue")),
    Fault("schema-defaults-overlooked", "runTask", ("TSK-06d",),
          "The defaults of the input schema are overlooked.",
          parts=decides("starter", merged_input=no_defaults)),
    Fault("false-schema-defaults-overlooked", "runTask", ("TSK-06d",),
          "A default of the input schema that is false or 0 is overlooked.",
          parts=decides("starter", merged_input=no_false_defaults)),
    Fault("schema-defaults-before-saved-input", "runTask", ("TSK-06b",),
          "The defaults of the input schema replace what the task has saved.",
          parts=decides("starter", merged_input=defaults_before_saved)),
    Fault("schema-default-is-another", "runTask", ("TSK-06d",),
          "A property gets another value than the default of the input schema.",
          parts=decides("starter", merged_input=another_default)),
)  # fmt: skip
