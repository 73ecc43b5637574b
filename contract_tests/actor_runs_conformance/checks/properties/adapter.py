"""Draws cases by Schemathesis, which does nothing else here.

Its engine could also send and judge. But it passes a target that answers 404 to everything, and
the answers steer what it draws next. So only its generators are used. What of them is not public
stands in `not_public`; the version is pinned to 4.32.x.

The same contract, seed and counts give the same cases, byte for byte: no example database, no
feedback, and none of the constants that Hypothesis finds in loaded modules.
"""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from actor_runs_conformance.checks.properties import not_public
from actor_runs_conformance.checks.properties.case import PLACEHOLDERS, Case
from actor_runs_conformance.testkit.shard import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hypothesis.strategies import SearchStrategy
    from schemathesis import APIOperation
    from schemathesis import Case as DrawnCase

    from actor_runs_conformance.checks.properties.case import CaseCounts
    from actor_runs_conformance.testkit.shard import Shard

BASE = "http://target.invalid"
CONFIG: Mapping[str, Any] = {
    "generation": {
        "database": "none",
        "allow-extra-parameters": False,
        "allow-x00": False,  # Proxies refuse it in a URL before the target sees it.
        "with-security-parameters": False,  # Scenarios test credentials.
    },
    "cache": {"enabled": False},
    "phases": {"coverage": {"unexpected-methods": ["get", "put", "patch", "delete"]}},
}
# Headers that the HTTP library adds; they are not part of the case.
TRANSPORT_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "user-agent",
        "x-schemathesis-testcaseid",
    }
)

# From the tenth value on Hypothesis varies what it has drawn: slow, and full of repetitions.
FRESH = 9

# Drawing may be slow, and may discard much: neither is an error.
HEALTH_CHECKS = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)


def load(contract: Mapping[str, Any], operation: str) -> APIOperation[Any, Any, Any, Any]:
    """Return an operation of the contract, an OpenAPI document as data.

    The operation gets a schema of its own: what Schemathesis draws for one operation depends on
    what it has drawn for others of the same schema.

    Raises:
        KeyError: the contract has no such operation.
        schemathesis.errors.InvalidSchema: the contract cannot be read.
    """
    config = schemathesis.Config.from_dict(copy.deepcopy(dict(CONFIG)))
    schema = schemathesis.openapi.from_dict(copy.deepcopy(dict(contract)), config=config)
    for path, methods in contract["paths"].items():
        for method, described in methods.items():
            if isinstance(described, dict) and described.get("operationId") == operation:
                return schema[path][method.upper()]
    raise KeyError(operation)


def cases(
    contract: Mapping[str, Any],
    operation: str,
    *,
    seed: int,
    counts: CaseCounts,
    shard: Shard = WHOLE,
) -> Iterator[Case]:
    """Yield the distinct cases of an operation: examples, coverage, then random ones.

    Of the random ones a share gets every so many-th batch; coverage is the first one's.

    Raises:
        KeyError: the contract has no such operation.
    """
    seen: set[int] = set()
    with not_public.without_local_constants(), warnings.catch_warnings():
        # The linters of the contract say what Schemathesis warns of.
        warnings.simplefilter("ignore")
        for phase, drawn in draw(load(contract, operation), seed=seed, counts=counts, shard=shard):
            case = convert(drawn, phase, operation)
            key = hash(case.request_key)
            if key not in seen:
                seen.add(key)
                yield case


def draw(
    operation: APIOperation[Any, Any, Any, Any],
    *,
    seed: int,
    counts: CaseCounts,
    shard: Shard = WHOLE,
) -> Iterator[tuple[str, DrawnCase[Any]]]:
    """Yield what Schemathesis draws, with the name of the phase."""
    names = {parameter.name for parameter in operation.path_parameters}
    ids = {name: value for name, value in PLACEHOLDERS.items() if name in names}
    if not not_public.gone():
        # Valid requests, beside which each share judges its own.
        for case in not_public.attempt(not_public.EXAMPLES, not_public.examples, operation, ids):
            yield "examples", case
        if shard.first:
            for case in not_public.attempt(
                not_public.COVERAGE, not_public.coverage, operation, ids
            ):
                yield "coverage", case
    for phase, mode, number in (
        ("fuzzing", GenerationMode.POSITIVE, counts.positive),
        ("fuzzing", GenerationMode.NEGATIVE, counts.negative),
        ("ids", GenerationMode.POSITIVE, counts.ids),
    ):
        strategy = not_public.strategy(operation, mode)
        for case in sample(strategy, seed=seed, number=number, shard=shard):
            if phase != "ids":
                case.path_parameters = {**case.path_parameters, **ids}
            yield phase, case


def sample(
    strategy: SearchStrategy[DrawnCase[Any]], *, seed: int, number: int, shard: Shard = WHOLE
) -> Iterator[DrawnCase[Any]]:
    """Yield a share of this many values of a strategy, the same ones for a seed.

    Yields nothing for an empty strategy, such as negative cases of an operation without input.
    """
    for batch, first in enumerate(range(0, number, FRESH)):
        if not shard.has(batch):
            continue
        # Far from the batches of other seeds, which lie 10,000 apart.
        place = seed * 10_000 + first if first < 10_000 else (seed << 40) + first
        values = draw_some(strategy, seed=place, number=min(FRESH, number - first))
        yield from values
        if not values:
            return


def draw_some(
    strategy: SearchStrategy[DrawnCase[Any]], *, seed: int, number: int
) -> list[DrawnCase[Any]]:
    """Return a few values of a strategy; none when it is empty."""
    values: list[DrawnCase[Any]] = []

    @hypothesis.seed(seed)
    @settings(max_examples=number)
    @hypothesis.given(strategy)
    def collect(case: DrawnCase[Any]) -> None:
        values.append(case)

    try:
        collect()
    except Unsatisfiable:
        return []
    return values


def settings(**more: int) -> hypothesis.settings:
    """Return settings for Hypothesis with which it stores, shrinks and times nothing."""
    return hypothesis.settings(
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=HEALTH_CHECKS,
        verbosity=hypothesis.Verbosity.quiet,
        **more,  # type: ignore[arg-type]
    )


def convert(drawn: DrawnCase[Any], phase: str, operation: str) -> Case:
    """Return the case as a request, without the headers that the HTTP library adds."""
    request = requests.Request(**drawn.as_transport_kwargs(base_url=BASE)).prepare()
    url = urlsplit(str(request.url))
    body = request.body
    mode, note = not_public.described(drawn)
    return Case(
        operation=operation,
        phase=phase,
        mode=mode,
        method=str(request.method),
        path=url.path,
        query=url.query,
        headers=tuple(
            (name, text(value))
            for name, value in sorted(request.headers.items())
            if name.lower() not in TRANSPORT_HEADERS
        ),
        body=body.encode() if isinstance(body, str) else cast("bytes | None", body),
        note=note,
    )


def text(value: str | bytes) -> str:
    """Return a header's value as text."""
    return value.decode("latin-1") if isinstance(value, bytes) else value
