"""The suite says in one sentence what is wrong with a server that is none, and blames no proxy."""

import pytest

from tests.support.bad_servers import BAD_SERVERS, BadServer
from tests.support.checking import FEW_CASES, Checked, command, unrelated
from tests.support.targets import Target, prism, reference

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

NO_SERVERS = [server for server in BAD_SERVERS if not server.proxy]
PROXIES = [server for server in BAD_SERVERS if server.proxy]


def named(server: BadServer) -> str:
    return server.name


def says(checked: Checked, server: BadServer) -> None:
    end = checked.of("end")[-1]
    assert server.exit_code == checked.exit_code, checked.output
    assert server.exit_code == end["exit_code"]
    missing = [word for word in server.says if word.lower() not in end["message"].lower()]
    assert missing == [], end["message"]
    assert checked.errors == []


@pytest.mark.parametrize("server", NO_SERVERS, ids=named)
def test_no_server(server, tmp_path):
    """A server that is no implementation gets its exit code and a message that says what it is."""
    with server.start() as url:
        target = Target(url, "a-token-of-many-letters", "another-token-of-letters", "me~task")
        checked = command(target, report=tmp_path)
    says(checked, server)
    if server.exit_code == 2:
        assert checked.with_verdict("passed") == set()


@pytest.mark.long
@pytest.mark.parametrize("server", PROXIES, ids=named)
def test_proxy(server, tmp_path):
    """A good server that is slow, throttles or caches for two seconds is not blamed."""
    with reference(tmp_path / "data") as target, server.start(target.url) as url:
        behind = Target(url, target.token, target.other_token, target.task)
        checked = command(behind, *FEW_CASES, report=tmp_path / "report")
    assert unrelated(checked.findings, ()) == []
    says(checked, server)


@pytest.mark.long
def test_prism(tmp_path):
    """A stateless mock of the contract is violated, and the suite says that it keeps no state."""
    with prism() as target:
        checked = command(target, *FEW_CASES, report=tmp_path)
    assert checked.exit_code == 1, checked.output
    assert checked.errors == []
    told = " ".join(str(event["message"]) for event in checked.of("end"))
    assert "mock" in told
