from typing import Literal

RunOrigin = Literal["ACTOR", "API", "CI", "CLI", "DEVELOPMENT", "MCP", "SCHEDULER", "STANDBY", "TEST", "WEB", "WEBHOOK"]

RUN_ORIGIN_VALUES: set[RunOrigin] = {
    "ACTOR",
    "API",
    "CI",
    "CLI",
    "DEVELOPMENT",
    "MCP",
    "SCHEDULER",
    "STANDBY",
    "TEST",
    "WEB",
    "WEBHOOK",
}


def check_run_origin(value: str) -> RunOrigin:
    if value in RUN_ORIGIN_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUN_ORIGIN_VALUES!r}")
