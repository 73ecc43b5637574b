"""The file of expected deviations is read, and every mistake in it is named."""

import pytest

from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.target.expected_failures import read_expected
from actor_runs_conformance.target.toml_file import BadFileError

MISTAKES = {
    "unknown promise": ('[[deviation]]\npromise="RBT-2"\nreason="a"\nlink="b"', "did you mean"),
    "no reason": (
        '[[deviation]]\npromise="RBT-02"\nlink="b"',
        "reason is missing; give the reason",
    ),
    "no link": ('[[deviation]]\npromise="RBT-02"\nreason="a"', "link is missing; give the link"),
    "expires is text": (
        '[[deviation]]\npromise="RBT-02"\nreason="a"\nlink="b"\nexpires="2027-01-31"',
        "write a date like 2027-01-31",
    ),
    "twice": ('[[deviation]]\npromise="RBT-02"\nreason="a"\nlink="b"\n' * 2, "stands there twice"),
    "unknown key": (
        '[[deviation]]\npromise="RBT-02"\nreason="a"\nlink="b"\nexpiry=2027-01-31',
        "did you mean 'expires'?",
    ),
    "one bracket": ('[deviation]\npromise="RBT-02"', "in two brackets"),
    "another table": ('[[deviations]]\npromise="RBT-02"', "write each entry as [[deviation]]"),
}


def read(tmp_path, text):
    path = tmp_path / "file.toml"
    path.write_text(text, encoding="utf-8")
    return read_expected(path, promises=ledger.by_id())


@pytest.mark.parametrize(("text", "says"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_refused(tmp_path, text, says):
    """A mistake is refused with the file's name and what to write instead."""
    with pytest.raises(BadFileError) as told:
        read(tmp_path, text)
    assert says in str(told.value)
    assert "file.toml" in str(told.value)


def test_missing_file(tmp_path):
    """A file that is not there is named."""
    with pytest.raises(BadFileError, match=r"absent.toml: No such file"):
        read_expected(tmp_path / "absent.toml", promises=())


def test_file_is_read(tmp_path):
    """An entry has its reason, its link and its last day."""
    text = '[[deviation]]\npromise="RBT-02"\nreason="a"\nlink="b"\nexpires=2027-01-31\n'
    deviation = read(tmp_path, text)["RBT-02"]
    assert (deviation.reason, deviation.link, deviation.expires.day) == ("a", "b", 31)


def test_earlier_id_is_read_as_that_of_today(tmp_path):
    """A file written for an earlier ledger goes on to work."""
    assert set(read(tmp_path, '[[deviation]]\npromise="ERR-03"\nreason="a"\nlink="b"')) == {
        "AUT-07b"
    }
