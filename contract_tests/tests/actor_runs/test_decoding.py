"""From answers to runs: strict where the contract is, tolerant where it is not."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle
import tracemalloc

import attrs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import actor_runs_api.models as generated
from actor_runs import UNSET, Run, errors
from actor_runs_api.validation import MismatchError, read_json
from tests.support.client_wire import EXAMPLES, ROOT, answer, example

SNAPSHOTS = ROOT / "contract_tests" / "tests" / "snapshots"
NEEDED = json.loads((EXAMPLES / "get-run.json").read_text(encoding="utf-8"))["data"]
CONTRACT = yaml.safe_load((ROOT / "spec/actor_runs_spec/openapi.yaml").read_text(encoding="utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
REQUIRED = {
    *("id", "actId", "userId", "startedAt", "status", "meta", "stats", "options", "buildId"),
    *("defaultKeyValueStoreId", "defaultDatasetId", "defaultRequestQueueId"),
}


def may_be_null(schema: dict) -> bool:
    kinds = schema.get("type", ())
    return "null" in kinds or any(map(may_be_null, schema.get("anyOf", schema.get("oneOf", []))))


def decoded(run: dict) -> Run:
    return Run.checked(read_json(json.dumps({"data": run}).encode()), "RunEnvelope", "data")


def test_wrong_body_of_megabytes_takes_no_gigabytes(connect, serve):
    """What is no JSON is decoded, redacted and told within a few times its size."""
    caller = connect(serve(answer(200, b"<html>" + b"x" * 2_000_000)).url)
    tracemalloc.start()
    try:
        with pytest.raises(errors.DecodeError, match="<html>x"):
            caller.get_run("x")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 60_000_000


def changed(pointer: str, value: object) -> dict:
    """Return the Get run example's run with one value changed."""
    run = example()["data"]
    *parents, last = pointer.split("/")[2:]
    place = run
    for name in parents:
        place = place[int(name) if isinstance(place, list) else name]
    place[last] = value
    return run


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_examples_round_trip(path, connect, serve):
    """Each of the documents' examples is received, and comes back as it was, dates included."""
    run = json.loads(path.read_text(encoding="utf-8"))["data"]
    assert run == connect(serve(answer(200, {"data": run})).url).get_run(run["id"]).to_dict()
    started = serve(answer(201, {"data": run}))
    assert run == connect(started.url).run_task("a~b").to_dict()


@pytest.mark.parametrize("path", sorted(SNAPSHOTS.glob("*.json")), ids=lambda path: path.stem)
def test_snapshots_round_trip(path):
    """Each real answer decodes and comes back as it was.

    Where one lacks required properties, the example lends them.
    """
    real = json.loads(path.read_text(encoding="utf-8"))
    lent = {name: NEEDED[name] for name in REQUIRED - real.keys()}
    run = {**real, **lent}
    assert run == decoded(run).to_dict()


def test_attributes_have_their_types():
    """Texts, numbers, dates and objects of the example are attributes."""
    run = decoded(example()["data"])
    assert (run.id, run.status, run.exit_code) == ("HG7ML7M8z78YcAPEB", "READY", 0)
    assert isinstance(run, generated.Run)
    assert run.started_at == dt.datetime(2019, 11, 30, 7, 34, 24, 202000, tzinfo=dt.UTC)
    assert (run.options.max_items, run.options.max_total_charge_usd) == (1000, 5)
    assert run.charged_event_counts["page-crawled"] == 150
    assert run.metamorphs[0].input_key == "INPUT-METAMORPH-1"
    assert isinstance(run.pricing_info, generated.PayPerEventPricing)


@pytest.mark.parametrize("name", sorted(NEEDED.keys() - REQUIRED))
def test_optional_properties_may_be_absent(name):
    """Whatever is not required may be left out, and is UNSET; it is null where that is listed."""
    run = example()["data"]
    del run[name]
    attribute = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    assert UNSET is getattr(decoded(run), attribute)
    assert run == decoded(run).to_dict()
    run[name] = None
    if may_be_null(SCHEMAS["Run"]["properties"][name]):
        assert getattr(decoded(run), attribute) is None
        assert run == decoded(run).to_dict()
    else:
        with pytest.raises(MismatchError):
            decoded(run)


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_required_properties_must_be_there(name):
    """A missing required property is an error that names it."""
    run = example()["data"]
    del run[name]
    with pytest.raises(MismatchError) as caught:
        decoded(run)
    assert caught.value.pointer == "/data"
    assert name in caught.value.expected


# Values that the contract does not know, and leaves open.
OPEN = {
    "/data/status": "PAUSED",
    "/data/meta/origin": "TELEPATHY",
    "/data/generalAccess": "FRIENDS",
    "/data/pricingInfo": {"pricingModel": "PAY_AS_YOU_LIKE", "tip": 1},
    "/data/consoleUrl": "https://console.apify.com/view/runs/x",
    "/data/stats/newCounter": {"a": [1, None]},
    "/data/usage/NEW_RESOURCE": 3,
    "/data/options/restartOnError": True,
}


@pytest.mark.parametrize("pointer", OPEN)
def test_what_the_contract_leaves_open_is_kept(pointer):
    """Unknown statuses, origins, pricing models and keys pass, and come back as they were."""
    run = changed(pointer, OPEN[pointer])
    assert run == decoded(run).to_dict()


# Values that the contract does not allow.
MALFORMED = [
    ("/data/finishedAt", "garbage"),
    ("/data/finishedAt", 5),
    ("/data/startedAt", "2019-11-30T07:34:24.202"),
    ("/data/startedAt", "2019-11-30"),
    ("/data/startedAt", None),
    ("/data/metamorphs/0/createdAt", "yesterday"),
    ("/data/pricingInfo/createdAt", "2024-07-29 15:51:28"),
    ("/data/usage", [1, 2]),
    ("/data/usage/DATASET_READS", "4"),
    ("/data/usageUsd/DATASET_READS", "0.1"),
    ("/data/usageTotalUsd", "0.2654"),
    ("/data/exitCode", True),
    ("/data/exitCode", "0"),
    ("/data/exitCode", 1.5),
    ("/data/id", None),
    ("/data/id", 7),
    ("/data/status", None),
    ("/data/meta", []),
    ("/data/meta/origin", 1),
    ("/data/stats", None),
    ("/data/stats/restartCount", "0"),
    ("/data/options/memoryMbytes", "1024"),
    ("/data/isStatusMessageTerminal", "yes"),
    ("/data/chargedEventCounts/actor-start", "1"),
    ("/data/storageIds/datasets/default", 1),
    ("/data/metamorphs", {}),
    ("/data/buildNumber", 5),
]


@pytest.mark.parametrize(("pointer", "value"), MALFORMED)
def test_malformed_value_is_named(pointer, value, connect, serve):
    """A value that breaks the contract raises, with its JSON pointer and what is expected."""
    server = serve(answer(200, {"data": changed(pointer, value)}))
    with pytest.raises(errors.DecodeError) as caught:
        connect(server.url).get_run("x")
    error = caught.value
    assert (pointer, value) == (error.pointer, error.value)
    assert error.expected
    assert f"{pointer} is {value!r}; the contract says: {error.expected}" == error.message
    assert error.response.status_code == 200
    assert len(server.requests) == 1


@pytest.mark.parametrize("odd", [("usage",), ("usageUsd",), ("usage", "usageUsd"), ()])
def test_either_spelling_is_one_attribute(odd):
    """External transfer is one attribute under either key, and goes back under the same."""
    run = example()["data"]
    for name in odd:
        amount = run[name].pop("DATA_TRANSFER_EXTERNAL_GBYTES")
        run[name]["DATA_TRANSFER_EXTERNAL_GBYTES?"] = amount
    result = decoded(run)
    assert (
        result.usage.data_transfer_external_gbytes,
        result.usage_usd.data_transfer_external_gbytes,
    ) == (3, 0.003)
    assert run == result.to_dict()


def test_both_spellings_at_once_are_kept():
    """Should both keys appear, the plain one is the attribute, and both go back."""
    run = changed("/data/usage/DATA_TRANSFER_EXTERNAL_GBYTES?", 9)
    assert decoded(run).usage.data_transfer_external_gbytes == 3
    assert run == decoded(run).to_dict()


def test_dates_go_back_in_milliseconds_and_z():
    """What is written has milliseconds and Z, and microseconds where there are some."""
    run = decoded(changed("/data/finishedAt", "2020-01-01T01:00:00.5+01:00"))
    assert run.to_dict()["finishedAt"] == "2020-01-01T01:00:00.500+01:00"
    run = decoded(changed("/data/finishedAt", "2020-01-01T00:00:00Z"))
    assert run.to_dict()["finishedAt"] == "2020-01-01T00:00:00.000Z"
    run = decoded(changed("/data/finishedAt", "2020-01-01T00:00:00.123456Z"))
    assert run.to_dict()["finishedAt"] == "2020-01-01T00:00:00.123456Z"


def test_second_that_python_does_not_know_is_an_error():
    """A leap second is a date by the contract, but not one that a datetime can carry."""
    with pytest.raises(MismatchError, match="values that can be read"):
        decoded(changed("/data/finishedAt", "2016-12-31T23:59:60Z"))


def test_runs_can_be_copied_and_pickled(connect, serve):
    """A received run survives copying and pickling, with its answer."""
    run = connect(serve().url).get_run("x")
    for other in (copy.deepcopy(run), pickle.loads(pickle.dumps(run))):
        assert run == other
        assert run.response.content == other.response.content


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
DATES = st.datetimes().map(
    lambda date: date.isoformat(timespec="microseconds").removesuffix("000") + "Z"
)


def contract_values(schema: dict, schemas: dict, depth: int = 0) -> st.SearchStrategy:
    """Return what a schema of the contract allows, unknown keys included."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return st.deferred(lambda: contract_values(schemas[name], schemas, depth))
    if "anyOf" in schema or "oneOf" in schema:
        return st.one_of(
            *(
                contract_values(each, schemas, depth)
                for each in schema.get("anyOf", schema.get("oneOf"))
            )
        )
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return st.one_of(*(values_of(kind, schema, schemas, depth) for kind in kinds))


def values_of(kind: str, schema: dict, schemas: dict, depth: int) -> st.SearchStrategy:
    low = schema.get("minimum", -(2**40))
    high = schema.get("maximum", 2**40)
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        return st.integers(low, high)
    if kind == "number":
        return st.floats(low, high, allow_nan=False) | st.integers(int(low), int(high))
    if kind == "array":
        return st.lists(contract_values(schema["items"], schemas, depth), max_size=2)
    if kind == "string":
        if schema.get("format") == "date-time":
            return DATES
        if schema.get("format") == "uri":
            return st.just("https://g8kd8kbc5ge8.runs.apify.net/x?y=1")
        if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True)
        return st.text(min_size=schema.get("minLength", 0), max_size=12)
    required = schema.get("required", [])
    fixed = {
        name: contract_values(each, schemas, depth + 1)
        for name, each in schema.get("properties", {}).items()
    }
    known = st.fixed_dictionaries(
        {name: fixed[name] for name in required},
        optional={name: fixed[name] for name in fixed if name not in required},
    )
    extra = schema.get("additionalProperties", True)
    others = (
        JSON
        if extra is True
        else st.nothing()
        if extra is False
        else contract_values(extra, schemas, depth + 1)
    )
    names = st.text("abcdefgh-", min_size=1, max_size=6).map(lambda name: f"x{name}")
    return st.builds(
        lambda more, given_: {**more, **given_},
        st.dictionaries(names, others, max_size=2) if extra is not False else st.just({}),
        known,
    )


@pytest.mark.parametrize(
    "model", ["FREE", "FLAT_PRICE_PER_MONTH", "PRICE_PER_DATASET_ITEM", "PAY_PER_EVENT", "NEW"]
)
def test_pointer_names_what_is_wrong_in_the_alternative_meant(model):
    """Where a pricing model is named, the other models say nothing of what is wrong."""
    wrong = {"pricingModel": model, "createdAt": 5}
    with pytest.raises(MismatchError) as caught:
        decoded(changed("/data/pricingInfo", wrong))
    assert not caught.value.pointer.endswith("pricingModel"), caught.value


@pytest.mark.parametrize("key", ["0", "00", "01", "+1", "-1", "9" * 19, "9" * 25, "a/b~c"])
def test_pointer_names_any_key(key):
    """A key that looks like an index of an array is named as the key that it is."""
    with pytest.raises(MismatchError) as caught:
        decoded(changed("/data/storageIds/datasets", {"default": "x", key: None}))
    escaped = key.replace("~", "~0").replace("/", "~1")
    assert caught.value.pointer == f"/data/storageIds/datasets/{escaped}"
    assert caught.value.value is None


RUNS = contract_values(SCHEMAS["Run"], SCHEMAS)
QUIET = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@QUIET
@given(run=RUNS)
def test_whatever_the_contract_allows_round_trips(run):
    """Generated answers that keep the contract decode and come back without loss."""
    assert run == decoded(run).to_dict()


def places(value: object, pointer: tuple = ()):
    """Return the paths of all values inside a run."""
    yield pointer
    if isinstance(value, dict):
        for name, each in value.items():
            yield from places(each, (*pointer, name))


@QUIET
@given(data=st.data())
def test_whatever_the_contract_forbids_raises(data):
    """An example with any known value replaced by another type is refused, or is still allowed.

    The contract itself judges: decoding raises exactly where the contract's schemas refuse.
    """
    import jsonschema

    run = example()["data"]
    *parents, last = data.draw(st.sampled_from(list(places(run))[1:]))
    place = run
    for name in parents:
        place = place[name]
    place[last] = data.draw(JSON)
    schema = {"$ref": "#/components/schemas/RunEnvelope", "components": {"schemas": SCHEMAS}}
    judge = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    if judge.is_valid({"data": run}):
        assert run == decoded(run).to_dict()
    else:
        with pytest.raises(MismatchError):
            decoded(run)


NULLABLE = [
    *(f"/data/{usage}/DATASET_READS" for usage in ("usage", "usageUsd")),
    *("/data/generalAccess", "/data/pricingInfo", "/data/storageIds", "/data/chargedEventCounts"),
    *("/data/platformUsageBillingModel", "/data/containerUrl", "/data/usage", "/data/usageUsd"),
]


@pytest.mark.parametrize("pointer", NULLABLE)
def test_null_where_real_answers_have_it_is_kept(pointer):
    """A null in place of a figure or of an object that is not told passes, and comes back."""
    run = changed(pointer, None)
    assert run == decoded(run).to_dict()


def test_changed_copy_keeps_what_the_contract_does_not_know():
    """`attrs.evolve` keeps unknown keys, the odd spelling, and the answer."""
    given_ = changed("/data/consoleUrl", "https://x/")
    given_["usage"]["NEW_RESOURCE"] = 3
    given_["usage"]["DATA_TRANSFER_EXTERNAL_GBYTES?"] = given_["usage"].pop(
        "DATA_TRANSFER_EXTERNAL_GBYTES"
    )
    run = decoded(given_)
    other = attrs.evolve(run, status="SUCCEEDED", usage=attrs.evolve(run.usage, dataset_reads=7))
    expected = copy.deepcopy(given_)
    expected["status"] = "SUCCEEDED"
    expected["usage"]["DATASET_READS"] = 7
    assert other.to_dict() == expected
    assert run.to_dict() == given_


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "src_dict is {}; the contract says:"),
        ([], r"src_dict is \[\]"),
        ({**NEEDED, "finishedAt": "garbage"}, "/finishedAt is 'garbage'"),
        ({**NEEDED, "usage": {"DATASET_READS": "4"}}, "/usage/DATASET_READS is '4'"),
        ({**NEEDED, "finishedAt": "2016-12-31T23:59:60Z"}, "values that can be read"),
        ({**NEEDED, "exitCode": object()}, "values that can be read"),
    ],
)
def test_run_from_a_dict_is_held_against_the_contract(value, text):
    """`Run.from_dict` raises, with the place, where an answer would be refused."""
    with pytest.raises(errors.InvalidArgumentError, match=text):
        Run.from_dict(value)


def test_run_from_a_dict_is_a_run():
    """`Run.from_dict` gives back what an answer would, without an answer."""
    run = Run.from_dict(NEEDED)
    assert run == decoded(NEEDED)
    assert run.response is None


def test_run_prints_as_one_short_line():
    """`print(run)` shows id, status and message; `repr` what says most, each in one line."""
    run = decoded({**NEEDED, "statusMessage": f"1\nof {'x' * 500}"})
    assert str(run).startswith("HG7ML7M8z78YcAPEB READY: 1 of xxx")
    assert len(str(run)) < 120
    assert "\n" not in str(run) + repr(run)
    text = repr(Run.from_dict(NEEDED))
    assert text.startswith("Run(id='HG7ML7M8z78YcAPEB', status='READY', status_message='Actor is")
    assert "started_at='2019-11-30T07:34:24.202000+00:00'" in text
    assert len(text) < 400
    bare = {name: NEEDED[name] for name in REQUIRED}
    assert "UNSET" not in str(Run.from_dict(bare)) + repr(Run.from_dict(bare))


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("1e999", "error"),
        ('"\\ud800"', "\ud800"),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1.0", 1.0),
        ('{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_json_is_read_as_by_the_standard_library(text, outcome):
    """What msgspec takes otherwise than `json` is read as before; no number is infinite."""
    body = json.dumps({"data": {**NEEDED, "new": "HERE"}}).replace('"HERE"', text).encode()
    if outcome == "error":
        with pytest.raises(MismatchError):
            Run.checked(read_json(body), "RunEnvelope", "data")
    else:
        run = Run.checked(read_json(body), "RunEnvelope", "data")
        assert run["new"] == outcome
        assert type(run["new"]) is type(outcome)
