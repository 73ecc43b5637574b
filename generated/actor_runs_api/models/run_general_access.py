from typing import Literal

RunGeneralAccess = Literal["ANYONE_WITH_ID_CAN_READ", "FOLLOW_USER_SETTING", "RESTRICTED"]

RUN_GENERAL_ACCESS_VALUES: set[RunGeneralAccess] = {
    "ANYONE_WITH_ID_CAN_READ",
    "FOLLOW_USER_SETTING",
    "RESTRICTED",
}


def check_run_general_access(value: str) -> RunGeneralAccess:
    if value in RUN_GENERAL_ACCESS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUN_GENERAL_ACCESS_VALUES!r}")
