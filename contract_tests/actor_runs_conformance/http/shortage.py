"""What this machine has too little of: that says nothing about any target."""

from __future__ import annotations

import errno

SHORTAGES = {
    errno.EMFILE: ("open files", "n", "RLIMIT_NOFILE"),
    errno.ENFILE: ("open files", "", ""),
    errno.EAGAIN: ("processes or threads", "u", "RLIMIT_NPROC"),
    errno.ENOMEM: ("memory", "", ""),
    errno.ENOBUFS: ("memory for connections", "", ""),
}
"""By the error: what there is too little of, and the option of `ulimit` that limits it."""
NO_THREAD = "can't start new thread"
"""What Python says where there is no errno."""


def shortage(error: BaseException) -> str | None:
    """Return in a sentence what this machine lacks, where that is why an error was raised."""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, RuntimeError) and NO_THREAD in str(error):
        number = errno.EAGAIN
    if number not in SHORTAGES:
        return None
    what, option, limit = SHORTAGES[number]
    return f"this machine gives no more {what}{_limit(option, limit)}"


def advice(error: BaseException) -> str | None:
    """Return the same for whoever has to see to it."""
    lacking = shortage(error)
    return lacking and f"{lacking}; raise that or end other programs, and try again"


def _limit(option: str, name: str) -> str:
    """Return the limit as it is set here; nothing where there is none, as on Windows."""
    if not option:
        return ""
    try:
        import resource
    except ImportError:
        return ""
    soft, _ = resource.getrlimit(getattr(resource, name))
    return "" if soft == resource.RLIM_INFINITY else f" (ulimit -{option} is {soft})"
