"""Users, their limits and their usage."""

import pytest


def test_a_user_is_described(api, anonymous):
    """The owner of a token sees all of the user, others the name."""
    me = api.call("GET", "/v2/users/me", 200).json()["data"]
    assert me["username"] == "demo"
    shown = anonymous.call("GET", f"/v2/users/{me['id']}", 200).json()["data"]
    assert shown == {"id": me["id"], "username": "demo", "profile": {"name": "demo"}}
    anonymous.call("GET", "/v2/users/me", 401)
    anonymous.call("GET", "/v2/users/nobody", 404)


def test_the_limits_are_those_of_the_configuration(server, client):
    """The limits of a user are shown beside what its runs take at the moment."""
    with client(server.url, token="small-token", task="small~fixture") as api:
        run = api.start(memory=256)
        shown = api.call("GET", "/v2/users/me/limits", 200).json()["data"]
        assert shown["limits"]["maxConcurrentActorJobs"] == 1
        assert shown["limits"]["maxActorMemoryGbytes"] == 0.5
        assert shown["current"]["activeActorJobCount"] == 1
        assert shown["current"]["actorMemoryGbytes"] == 0.25
        api.post(run["id"], "abort")


def test_the_usage_of_a_month_is_that_of_its_runs(server, client):
    """The usage is summed up over the runs of the month, and by days; other months have none."""
    with client(server.url, token="closed-token", task="closed~fixture") as api:
        runs = [api.start(waitForFinish=20) for _ in range(2)]
        place = "/v2/users/me/usage/monthly"
        usage = api.call("GET", place, 200).json()["data"]
        paid = sum(run["usageTotalUsd"] for run in runs)
        assert usage["totalUsageCreditsUsdAfterVolumeDiscount"] == pytest.approx(paid)
        current = api.call("GET", "/v2/users/me/limits", 200).json()["data"]["current"]
        assert current["monthlyUsageUsd"] == pytest.approx(paid)
        units = usage["monthlyServiceUsage"]["ACTOR_COMPUTE_UNITS"]
        assert units["quantity"] == pytest.approx(sum(run["stats"]["computeUnits"] for run in runs))
        days = {run["startedAt"][:10] for run in runs}
        assert {day["date"][:10] for day in usage["dailyServiceUsages"]} == days
        past = api.call("GET", place, 200, params={"date": "2020-06-14"}).json()["data"]
        assert past["monthlyServiceUsage"] == {}
        assert past["usageCycle"]["startAt"] == "2020-06-01T00:00:00.000Z"
        assert past["usageCycle"]["endAt"] == "2020-06-30T23:59:59.999Z"
