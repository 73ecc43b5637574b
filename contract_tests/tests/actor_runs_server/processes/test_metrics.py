"""Stats, usage and prices are measured and agree with each other."""

import pytest

COUNTERS = ("migrationCount", "rebootCount", "restartCount", "resurrectCount")
GIGABYTE = 1024
HOUR = 3600


@pytest.fixture(scope="module")
def measured(server, client):
    with client(server.url) as api:
        return api.start({"durationSecs": 1}, memory=1024, waitForFinish=20)


def test_a_new_run_has_consumed_nothing(api):
    """A READY run has counters of zero and no measurements yet."""
    run = api.start({"durationSecs": 0})
    assert {run["stats"][name] for name in COUNTERS} == {0}
    assert run["stats"]["computeUnits"] == 0
    assert run["usageTotalUsd"] == 0
    assert "durationMillis" not in run["stats"]


def test_time_is_measured(measured):
    """The run time is that of the process, in both units, and not longer than the run."""
    stats = measured["stats"]
    assert 1 <= stats["runTimeSecs"] < 5
    assert stats["durationMillis"] == round(stats["runTimeSecs"] * 1000)


def test_memory_and_cpu_are_measured(measured):
    """A Python process uses megabytes; the average is not above the maximum; afterwards none is used."""
    stats = measured["stats"]
    assert 2**20 < stats["memAvgBytes"] <= stats["memMaxBytes"] < 2**30
    assert 0 < stats["cpuAvgUsage"] <= stats["cpuMaxUsage"] < 1000
    assert (stats["memCurrentBytes"], stats["cpuCurrentUsage"]) == (0, 0)


def test_units_are_memory_times_time(measured):
    """Compute units are gigabytes times hours."""
    gigabytes = measured["options"]["memoryMbytes"] / GIGABYTE
    hours = measured["stats"]["runTimeSecs"] / HOUR
    assert measured["stats"]["computeUnits"] == pytest.approx(gigabytes * hours, rel=1e-9)
    assert measured["usage"]["ACTOR_COMPUTE_UNITS"] == measured["stats"]["computeUnits"]


def test_the_price_is_the_sum_of_its_parts(measured):
    """The total is the sum of usageUsd, whose keys are those of usage."""
    assert set(measured["usage"]) == set(measured["usageUsd"])
    assert sum(measured["usageUsd"].values()) == pytest.approx(measured["usageTotalUsd"], rel=1e-9)
    assert measured["usage"]["KEY_VALUE_STORE_READS"] == 1


def test_figures_of_a_finished_run_stay(api, measured):
    """Reading a finished run or its storages does not change its usage."""
    first = api.get(measured["id"])
    api.call("GET", f"/v2/key-value-stores/{first['defaultKeyValueStoreId']}/records/INPUT", 200)
    assert api.get(measured["id"]) == first


def test_figures_grow_while_a_run_goes(api):
    """The measurements of a running run never decrease."""
    run = api.running({"durationSecs": 30})
    seen = []
    while len(seen) < 3:
        now = api.get(run["id"])["stats"]["runTimeSecs"]
        if not seen or now != seen[-1]:
            seen.append(now)
    assert sorted(seen) == seen
    api.post(run["id"], "abort")


def test_the_other_spelling_can_be_chosen(serve, client, config):
    """The configuration can choose the documented spelling with a question mark."""
    name = "DATA_TRANSFER_EXTERNAL_GBYTES"
    spelling = f'\n[answers]\nexternal_transfer_key = "{name}?"\n'
    with serve(config=config + spelling) as server, client(server.url) as api:
        run = api.start({"durationSecs": 0})
    assert f"{name}?" in run["usage"]
    assert f"{name}?" in run["usageUsd"]
    assert name not in run["usage"]
