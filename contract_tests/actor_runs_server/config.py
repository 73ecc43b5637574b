"""The configuration: users, Actors and tasks, as a TOML file says it.

Every table and key is described in `docs/reference-server.md`. A mistake is an `InvalidConfig`
whose message names the file, the line, what is wrong and what to do.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

GeneralAccess = Literal["FOLLOW_USER_SETTING", "ANYONE_WITH_ID_CAN_READ", "RESTRICTED"]
WholeSeconds = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]
Memory = Literal[128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768]
BuildNumber = Annotated[str, Meta(pattern=r"^\d{1,2}\.\d{1,2}(\.[1-9]\d{0,4})?$")]

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*~[A-Za-z0-9][A-Za-z0-9-]{1,61}[A-Za-z0-9]")
USER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
DEMO_TOKENS: Final = frozenset({"demo-token", "other-token"})
UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`(?: - at `(.*)`)?", re.DOTALL)
AT: Final = re.compile(r"(.*?)(?: - at `(?:key in )?(.*)`)?", re.DOTALL)


class InvalidConfig(ValueError):
    """The configuration cannot be used; the message says where and why."""


class User(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody with a token.

    `general_access` is what a run that follows the user's setting allows to those who know its
    id; the limits are absent when there are none.
    """

    token: Annotated[str, Meta(min_length=1)]
    general_access: Literal["ANYONE_WITH_ID_CAN_READ", "RESTRICTED"] = "ANYONE_WITH_ID_CAN_READ"
    max_concurrent_runs: Annotated[int, Meta(ge=1)] | None = None
    max_memory_mbytes: Annotated[int, Meta(ge=128)] | None = None


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """Options of a run; absent ones are left to whoever is asked next."""

    timeout_secs: WholeSeconds | None = None
    memory_mbytes: Memory | None = None
    build: str | None = None
    max_items: Annotated[int, Meta(ge=0)] | None = None
    max_total_charge_usd: Annotated[float, Meta(ge=0)] | None = None
    restart_on_error: bool | None = None


class Actor(Struct, frozen=True, forbid_unknown_fields=True):
    """A program to run: its command, its files, its environment, its builds by tag."""

    command: Annotated[list[str], Meta(min_length=1)]
    directory: str | None = None
    environment: dict[str, str] = {}
    builds: dict[str, BuildNumber] = field(default_factory=lambda: {"latest": "0.1.1"})
    options: Options = Options()
    webhooks: list[dict[str, Any]] = []


class Task(Struct, frozen=True, forbid_unknown_fields=True):
    """A saved way to run an Actor: its input and its options."""

    actor: str
    input: dict[str, Any] | None = None
    options: Options = Options()
    webhooks: list[dict[str, Any]] = []


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What the server's clock goes by, in seconds."""

    graceful_abort_secs: Seconds = 30.0
    sample_secs: Annotated[float, Meta(ge=0.05)] = 1.0
    webhook_timeout_secs: Annotated[float, Meta(gt=0)] = 120.0
    webhook_first_retry_secs: Seconds = 60.0
    webhook_retries: Annotated[int, Meta(ge=0)] = 11


class Answers(Struct, frozen=True, forbid_unknown_fields=True):
    """How answers are spelt.

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
        """Tell whether somebody uses a token that everybody knows."""
        return any(user.token in DEMO_TOKENS for user in self.users.values())


def stable_id(kind: str, name: str) -> str:
    """Return the id of a configured resource: 17 letters and digits, the same at each start."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
    value = int.from_bytes(hashlib.sha256(f"{kind} {name.lower()}".encode()).digest())
    letters = []
    for _ in range(17):
        value, digit = divmod(value, len(alphabet))
        letters.append(alphabet[digit])
    return "".join(letters)


def fixture_directory() -> Path:
    """Return where the fixture Actor lies: in the wheel, or beside this package."""
    here = Path(__file__).resolve().parent
    inside = here / "fixture_actor"
    return inside if inside.is_dir() else here.parent / "fixture_actor"


def demo() -> Config:
    """Return the configuration of a server that was given none."""
    return Config(
        users={"demo": User(token="demo-token"), "other": User(token="other-token")},  # noqa: S106
        actors={
            "demo~fixture-actor": Actor(
                command=[sys.executable, "-I", "-S", str(fixture_directory() / "main.py")],
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
        InvalidConfig: The file cannot be read, is not TOML, or says something that cannot be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise InvalidConfig(f"{path}: cannot be read: {error}") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
        if found:
            raise InvalidConfig(
                f"{path}:{found[2]}: {found[1]} (column {found[3]}). Hint: the file is TOML; "
                "a string stands in quotes, a name with '~' too."
            ) from error
        raise InvalidConfig(f"{path}: {error}") from error
    try:
        config = msgspec.convert(data, Config)
    except msgspec.ValidationError as error:
        raise InvalidConfig(_explain(path, text, data, str(error))) from error
    problem = _contradiction(config)
    if problem:
        where, message = problem
        raise InvalidConfig(f"{path}:{line_of(text, where)}: {message}")
    base = path.resolve().parent
    actors = {name: _placed(actor, base) for name, actor in config.actors.items()}
    return msgspec.structs.replace(config, actors=actors)


def _placed(actor: Actor, base: Path) -> Actor:
    """Resolve an Actor's directory against the file's; `{python}` is the server's Python."""
    directory = str(base / actor.directory) if actor.directory is not None else None
    command = [word.replace("{python}", sys.executable) for word in actor.command]
    return msgspec.structs.replace(actor, directory=directory, command=command)


def _contradiction(config: Config) -> tuple[list[str], str] | None:
    """Return where and what one table says that another forbids."""
    tokens: dict[str, str] = {}
    for name, user in config.users.items():
        if not USER_NAME.fullmatch(name):
            return ["users", name], f"user name {name!r} is not letters, digits, '.', '_', '-'."
        twin = tokens.setdefault(user.token, name)
        if twin != name:
            return ["users", name, "token"], f"users {twin!r} and {name!r} have the same token."
    for kind, named in (("actors", config.actors), ("tasks", config.tasks)):
        for name in named:
            if not NAME.fullmatch(name):
                return [kind, name], (
                    f"{name!r} is not USER~NAME with 3 to 63 letters, digits and hyphens. "
                    f'Hint: [{kind}."demo~my-name"]'
                )
            owner = name.split("~")[0]
            if owner not in config.users:
                return [kind, name], f"no user {owner!r}{_guess(owner, config.users)}"
    for name, task in config.tasks.items():
        if task.actor not in config.actors:
            where = ["tasks", name, "actor"]
            return where, f"no Actor {task.actor!r}{_guess(task.actor, config.actors)}"
    for name, actor in config.actors.items():
        where = ["actors", name, "options", "build"]
        wanted = [("actors", name, actor.options.build)] + [
            ("tasks", key, task.options.build)
            for key, task in config.tasks.items()
            if task.actor == name
        ]
        known = {*actor.builds, *actor.builds.values()}
        for kind, key, build in wanted:
            if (build or "latest") not in known:
                where = [kind, key, "options", "build"]
                return where, f"no build {build or 'latest'!r}{_guess(build or 'latest', known)}"
    return None


def _guess(name: str, known: Any) -> str:  # noqa: ANN401 - any collection of names
    near = difflib.get_close_matches(name, list(known), n=1)
    there = f"there are: {', '.join(sorted(known)) or 'none'}"
    return f". Hint: did you mean {near[0]!r}?" if near else f". Hint: {there}."


def _explain(path: Path, text: str, data: dict[str, Any], error: str) -> str:
    """Turn msgspec's message into one with a line and a hint."""
    unknown = UNKNOWN.fullmatch(error)
    if unknown:
        where = _resolve(unknown[2] or "$", data)
        known = _fields_at(where)
        line = line_of(text, [*where, unknown[1]])
        return f"{path}:{line}: unknown key {unknown[1]!r}{_guess(unknown[1], known)}"
    match = AT.fullmatch(error)
    message, at = (match[1], match[2]) if match else (error, None)
    where = _resolve(at or "$", data)
    shown = ".".join(where) or "the file"
    value = _value_at(data, where)
    given = "" if isinstance(value, dict) or value is None else f", not {value!r}"
    return f"{path}:{line_of(text, where)}: {shown}: {message[:1].lower()}{message[1:]}{given}"


def _fields_at(where: list[str]) -> list[str]:
    """Return the keys that exist in the table at this path."""
    kinds: dict[str, type[Struct]] = {
        "users": User, "actors": Actor, "tasks": Task, "limits": Limits, "answers": Answers,
    }  # fmt: skip
    kind = Options if "options" in where else kinds.get(where[0], Config) if where else Config
    return list(kind.__struct_fields__)


def _resolve(at: str, data: dict[str, Any]) -> list[str]:
    """Turn msgspec's path, in which the keys of a mapping are `[...]`, into names.

    Which of a mapping's entries is meant it does not say: the first that fails alone is.
    """
    steps = re.findall(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]", at)
    names: list[str] = []
    here: Any = data
    for position, (name, index) in enumerate(steps):
        step = name or index
        if index == "..." and isinstance(here, dict) and here:
            step = _failing(names, here) if position == 1 else next(iter(here))
        names.append(step)
        here = here.get(step) if isinstance(here, dict) else None
    return names


def _failing(names: list[str], entries: dict[str, Any]) -> str:
    kinds = {"users": User, "actors": Actor, "tasks": Task}
    for name, entry in entries.items():
        try:
            msgspec.convert(entry, kinds[names[0]])
        except msgspec.ValidationError:
            return name
    return next(iter(entries))


def _value_at(data: Any, where: list[str]) -> Any:  # noqa: ANN401 - any TOML value
    for step in where:
        if not isinstance(data, dict):
            return None
        data = data.get(step)
    return data


def line_of(text: str, where: list[str]) -> int:
    """Return the line (from 1) that says the last part of this path that is said at all."""
    best, depth = 1, 0
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?([^\]]+)\]", line)
        key = re.match(r"""\s*((?:"[^"]*"|'[^']*'|[\w.-])+)\s*=""", line)
        if header:
            table = _keys(header[1])
            path = table
        elif key:
            path = [*table, *_keys(key[1])]
        else:
            continue
        same = 0
        while same < min(len(path), len(where)) and path[same] == where[same]:
            same += 1
        if same > depth and (same == len(path) or header is None):
            best, depth = number, same
    return best


def _keys(dotted: str) -> list[str]:
    return [part.strip("\"' ") for part in re.findall(r"""\s*"[^"]*"|'[^']*'|[^.]+""", dotted)]
