"""The configuration of users, Actors and tasks, read from a TOML file.

`docs/reference-server.md` describes every table and key. An invalid file raises
`InvalidConfigError`, whose message names the file, the line, what is wrong and what to do.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from actor_runs_server.config.input_schema import InputSchema
from actor_runs_server.config.messages import EntryError, convert, hint, line_of
from actor_runs_server.config.webhook import Webhook

GeneralAccess = Literal["FOLLOW_USER_SETTING", "ANYONE_WITH_ID_CAN_READ", "RESTRICTED"]
WholeSeconds = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]
Memory = Literal[128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768]
BuildNumber = Annotated[str, Meta(pattern=r"^\d{1,2}\.\d{1,2}(\.[1-9]\d{0,4})?$")]

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*~[A-Za-z0-9][A-Za-z0-9-]{1,61}[A-Za-z0-9]")
USER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
DEMO_TOKENS: Final = frozenset({"demo-token", "other-token"})


class InvalidConfigError(ValueError):
    """The configuration is invalid; the message says where and why."""


class User(Struct, frozen=True, forbid_unknown_fields=True):
    """A user with a token.

    `general_access` applies to runs that follow the user's setting. A limit that is None does not
    exist.
    """

    token: Annotated[str, Meta(min_length=1)]
    general_access: Literal["ANYONE_WITH_ID_CAN_READ", "RESTRICTED"] = "ANYONE_WITH_ID_CAN_READ"
    max_concurrent_runs: Annotated[int, Meta(ge=1)] | None = None
    max_memory_mbytes: Annotated[int, Meta(ge=128)] | None = None


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """Options of a run; None leaves an option to the next source: task, Actor, default."""

    timeout_secs: WholeSeconds | None = None
    memory_mbytes: Memory | None = None
    build: str | None = None
    max_items: Annotated[int, Meta(ge=0)] | None = None
    max_total_charge_usd: Annotated[float, Meta(ge=0)] | None = None
    restart_on_error: bool | None = None


class Actor(Struct, frozen=True, forbid_unknown_fields=True):
    """A program to run: its command, its files, its environment, its builds by tag.

    `input_schema` is a file: a JSON Schema, or an `actor.json` with one in its `input`.
    `event_prices` makes the Actor pay per event: US dollars by the name of the event.
    """

    command: Annotated[list[str], Meta(min_length=1)]
    directory: str | None = None
    environment: dict[str, str] = {}
    input_schema: str | None = None
    builds: dict[str, BuildNumber] = field(default_factory=lambda: {"latest": "0.1.1"})
    options: Options = Options()
    webhooks: list[dict[str, Any]] = []
    event_prices: dict[str, Annotated[float, Meta(ge=0)]] | None = None

    def numbers(self) -> list[str]:
        """Return the numbers of the builds, lowest first."""
        return sorted(set(self.builds.values()), key=lambda number: [*map(int, number.split("."))])


class Task(Struct, frozen=True, forbid_unknown_fields=True):
    """A saved way to run an Actor: its input and its options."""

    actor: str
    input: dict[str, Any] | None = None
    options: Options = Options()
    webhooks: list[dict[str, Any]] = []


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """Times in seconds, the number of retries, the size of a log."""

    graceful_abort_secs: Seconds = 30.0
    sample_secs: Annotated[float, Meta(ge=0.05)] = 1.0
    webhook_timeout_secs: Annotated[float, Meta(gt=0)] = 120.0
    webhook_first_retry_secs: Seconds = 60.0
    webhook_retries: Annotated[int, Meta(ge=0)] = 11
    max_log_mbytes: Annotated[int, Meta(ge=1)] = 100


class Answers(Struct, frozen=True, forbid_unknown_fields=True):
    """Spellings in answers.

    `external_transfer_key` is the usage key that the documents spell in two ways.
    """

    external_transfer_key: Literal[
        "DATA_TRANSFER_EXTERNAL_GBYTES", "DATA_TRANSFER_EXTERNAL_GBYTES?"
    ] = "DATA_TRANSFER_EXTERNAL_GBYTES"


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration."""

    users: Annotated[dict[str, User], Meta(min_length=1)]
    actors: dict[str, Actor] = {}
    tasks: dict[str, Task] = {}
    limits: Limits = Limits()
    answers: Answers = Answers()

    def has_demo_token(self) -> bool:
        """Return whether a user has one of the public demo tokens."""
        return any(user.token in DEMO_TOKENS for user in self.users.values())

    def demo_task(self) -> tuple[str, str] | None:
        """Return a demo token and a task of its user; None without both."""
        for task in self.tasks:
            user = self.users.get(task.partition("~")[0])
            if user and user.token in DEMO_TOKENS:
                return user.token, task
        return None


NAMED: Final[dict[str, type[User | Actor | Task]]] = {
    "users": User,
    "actors": Actor,
    "tasks": Task,
}


def stable_id(kind: str, name: str) -> str:
    """Return the id of a configured resource: 17 letters and digits, the same at every start."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
    value = int.from_bytes(hashlib.sha256(f"{kind} {name.lower()}".encode()).digest())
    letters = []
    for _ in range(17):
        value, digit = divmod(value, len(alphabet))
        letters.append(alphabet[digit])
    return "".join(letters)


def fixture_directory() -> Path:
    """Return the directory of the fixture Actor: in the wheel, or beside this package."""
    here = Path(__file__).resolve().parents[1]
    inside = here / "fixture_actor"
    return inside if inside.is_dir() else here.parent / "fixture_actor"


def demo() -> Config:
    """Return the configuration of a server that is started without one."""
    return Config(
        users={"demo": User(token="demo-token"), "other": User(token="other-token")},  # noqa: S106
        actors={
            "demo~fixture-actor": Actor(
                command=[sys.executable, "-I", "-S", str(fixture_directory() / "main.py")],
                input_schema=str(fixture_directory() / ".actor/actor.json"),
                builds={"latest": "0.1.1", "beta": "0.2.1"},
                options=Options(timeout_secs=300, memory_mbytes=256),
            )
        },
        tasks={
            "demo~fixture": Task(
                actor="demo~fixture-actor", input={"durationSecs": 1, "exitCode": 0}
            )
        },
    )


def load(path: Path) -> Config:
    """Read a configuration file.

    Raises:
        InvalidConfigError: The file cannot be read, is not TOML, or has an invalid entry.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise InvalidConfigError(f"{path}: cannot be read: {error}") from error
    try:
        config = _read(tomllib.loads(text))
        base = path.resolve().parent
        actors = {name: _placed(actor, base) for name, actor in config.actors.items()}
        config = msgspec.structs.replace(config, actors=actors)
        _check(config)
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
        line, what = (found[2], f"{found[1]}, column {found[3]}") if found else ("1", str(error))
        raise InvalidConfigError(
            f"{path}:{line}: not TOML: {what}. Hint: strings stand in quotes, names with '~' too."
        ) from error
    except EntryError as error:
        raise InvalidConfigError(f"{path}:{line_of(text, error.where)}: {error}") from error
    return config


def _read(data: dict[str, Any]) -> Config:
    """Convert the tables one by one, so that an error names its table."""
    entries = {
        table: {
            name: convert(entry, kind, [table, name]) for name, entry in data.get(table, {}).items()
        }
        for table, kind in NAMED.items()
        if isinstance(data.get(table), dict)
    }
    return convert({**data, **entries}, Config, [])


def _placed(actor: Actor, base: Path) -> Actor:
    """Resolve an Actor's directory against the file's; `{python}` is the server's Python."""
    directory = str(base / actor.directory) if actor.directory is not None else None
    fixture = str(fixture_directory() / "main.py")
    command = [
        word.replace("{python}", sys.executable).replace("{fixture}", fixture)
        for word in actor.command
    ]
    schema = str(base / actor.input_schema) if actor.input_schema is not None else None
    return msgspec.structs.replace(actor, directory=directory, command=command, input_schema=schema)


def _check(config: Config) -> None:
    """Raise an `EntryError` where two tables contradict each other."""
    tokens: dict[str, str] = {}
    for name, user in config.users.items():
        if not USER_NAME.fullmatch(name):
            message = f"user name {name!r} is not letters, digits, '.', '_' and '-'."
            raise EntryError(["users", name], message)
        first = tokens.setdefault(user.token, name)
        if first != name:
            where = ["users", name, "token"]
            raise EntryError(where, f"the users {first!r} and {name!r} have the same token.")
    for kind, named in (("actors", config.actors), ("tasks", config.tasks)):
        for name in named:
            _check_name(kind, name, config)
    for name, actor in config.actors.items():
        _check_build(["actors", name], actor.options.build, actor)
        _check_webhooks(["actors", name], actor.webhooks)
        _check_files(["actors", name], actor)
    for name, task in config.tasks.items():
        if task.actor not in config.actors:
            where = ["tasks", name, "actor"]
            raise EntryError(where, f"no Actor {task.actor!r}. {hint(task.actor, config.actors)}")
        _check_build(["tasks", name], task.options.build, config.actors[task.actor])
        _check_webhooks(["tasks", name], task.webhooks)


def _check_name(kind: str, name: str, config: Config) -> None:
    if not NAME.fullmatch(name):
        raise EntryError(
            [kind, name],
            f"{name!r} is not USER~NAME with a name of 3 to 63 letters, digits and hyphens. "
            f'Hint: [{kind}."demo~my-name"]',
        )
    owner = name.split("~")[0]
    if owner not in config.users:
        raise EntryError([kind, name], f"no user {owner!r}. {hint(owner, config.users)}")


def _check_build(where: list[str], build: str | None, actor: Actor) -> None:
    known = {*actor.builds, *actor.builds.values()}
    wanted = build or "latest"
    if wanted not in known:
        where = [*where, "options", "build"]
        raise EntryError(where, f"no build {wanted!r} of the Actor. {hint(wanted, known)}")


def _check_files(where: list[str], actor: Actor) -> None:
    if actor.directory is not None and not Path(actor.directory).is_dir():
        message = f"no directory {actor.directory!r}. Hint: it is looked up beside this file."
        raise EntryError([*where, "directory"], message)
    if actor.input_schema is not None:
        try:
            InputSchema.read(Path(actor.input_schema))
        except ValueError as error:
            message = f"not an input schema: {error}. Hint: give a JSON Schema or an actor.json."
            raise EntryError([*where, "input_schema"], message) from error


def _check_webhooks(where: list[str], definitions: list[dict[str, Any]]) -> None:
    for definition in definitions:
        webhook = convert(definition, Webhook, [*where, "webhooks"])
        problem = webhook.problem()
        if problem:
            raise EntryError([*where, "webhooks"], f"{problem}.")
