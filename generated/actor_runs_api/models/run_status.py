from typing import Literal

RunStatus = Literal["ABORTED", "ABORTING", "FAILED", "READY", "RUNNING", "SUCCEEDED", "TIMED-OUT", "TIMING-OUT"]

RUN_STATUS_VALUES: set[RunStatus] = {
    "ABORTED",
    "ABORTING",
    "FAILED",
    "READY",
    "RUNNING",
    "SUCCEEDED",
    "TIMED-OUT",
    "TIMING-OUT",
}


def check_run_status(value: str) -> RunStatus:
    if value in RUN_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUN_STATUS_VALUES!r}")
