"""What the server keeps: users, one Actor with its builds, one task, and the runs."""

import asyncio
import json
import secrets
import string
import time
from datetime import UTC, datetime

from attrs import Factory, define, frozen

from tests.support.independent.rules import TERMINAL, Json

BUILDS = {"latest": ("0.1.7", "bLd7sT5jcggjjA9fN"), "beta": ("0.2.0", "bLdxF7sT5jcggjjA9")}


def new_id() -> str:
    """Return 17 letters and digits."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(17))


def now() -> datetime:
    return datetime.now(UTC)


@frozen
class User:
    id: str
    name: str
    token: str


@frozen
class Actor:
    id: str
    name: str
    owner: User


@define
class Task:
    """A task and what is saved for its runs."""

    id: str
    name: str
    owner: User
    actor: Actor
    input: Json
    options: Json


@define(eq=False)
class Run:
    """One run; `ended` and `changed` wake up those who wait."""

    user: User
    actor: Actor
    task: Task | None
    input: bytes
    options: Json
    build_number: str
    build_id: str
    user_agent: str | None
    origin: str = "API"
    client_ip: str | None = None
    id: str = Factory(new_id)
    store: str = Factory(new_id)
    dataset: str = Factory(new_id)
    queue: str = Factory(new_id)
    status: str = "READY"
    message: str | None = None
    message_is_last: bool = False
    message_was_set: bool = False
    """Whether an update set the message, and not the platform."""
    general_access: str = "ANYONE_WITH_ID_CAN_READ"
    started: datetime = Factory(now)
    finished: datetime | None = None
    exit_code: int | None = None
    restart_on_error: bool = False
    restarts: int = 0
    reboots: int = 0
    born: float = Factory(time.monotonic)
    ended_at: float | None = None
    announced_at: float = 0.0
    process: asyncio.subprocess.Process | None = None
    old_processes: list[asyncio.subprocess.Process] = Factory(list)
    rebooting: bool = False
    timeout_timer: asyncio.TimerHandle | None = None
    grace_timer: asyncio.TimerHandle | None = None
    changed: asyncio.Condition = Factory(asyncio.Condition)
    announced: list[str] = Factory(list)
    sockets: set[object] = Factory(set)
    webhooks: list[Json] = Factory(list)
    waiters: int = 0
    wakes: int = 0
    """How often those who wait were answered, whatever the status."""
    snapshot: tuple[float, Json] | None = None
    records: dict[str, bytes] = Factory(dict)

    @property
    def is_finished(self) -> bool:
        return self.status in TERMINAL

    @property
    def age_of_end(self) -> float | None:
        """Seconds since its end; None before."""
        return None if self.ended_at is None else time.monotonic() - self.ended_at

    @property
    def seconds(self) -> float:
        """How long it has run, or ran."""
        return (time.monotonic() if self.ended_at is None else self.ended_at) - self.born


class World:
    """The accounts, the Actor, the task, and every run by its id, in the order of their starts."""

    def __init__(self) -> None:
        self.owner = User("uOwner5jcggjjA9fN", "demo", "owner-token-" + secrets.token_hex(8))
        self.other = User("uOther5jcggjjA9fN", "stranger", "other-token-" + secrets.token_hex(8))
        self.actor = Actor("aFixture78YcAPEBx", "fixture-actor", self.owner)
        self.task = Task(
            id="tFixtureidyaJKHsx",
            name="fixture-task",
            owner=self.owner,
            actor=self.actor,
            input={"durationSecs": 1, "exitCode": 0},
            options={"build": "latest", "timeoutSecs": 300, "memoryMbytes": 512},
        )
        self.runs: dict[str, Run] = {}
        self.idempotency_keys: set[str] = set()

    @property
    def users(self) -> tuple[User, User]:
        return (self.owner, self.other)

    def last(self) -> Run | None:
        return next(reversed(self.runs.values()), None)

    def by_store(self, store: str) -> Run | None:
        return next((run for run in self.runs.values() if run.store == store), None)


def as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
