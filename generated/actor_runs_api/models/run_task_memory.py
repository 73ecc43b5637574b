from typing import Literal

RunTaskMemory = Literal[128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768]

RUN_TASK_MEMORY_VALUES: set[RunTaskMemory] = {
    128,
    256,
    512,
    1024,
    2048,
    4096,
    8192,
    16384,
    32768,
}


def check_run_task_memory(value: int) -> RunTaskMemory:
    if value in RUN_TASK_MEMORY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUN_TASK_MEMORY_VALUES!r}")
