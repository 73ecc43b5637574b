"""The target file is read, and every mistake in it is named."""

import pytest

from actor_runs_conformance.ledger import contract, ledger
from actor_runs_conformance.target.target_file import read_target
from actor_runs_conformance.target.toml_file import BadFileError

MISTAKES = {
    "no TOML": ("[promises", "not TOML"),
    "unknown section": ('[promise]\nX = "y"', "did you mean 'promises'?"),
    "unknown promise": ('[promises]\nRBT-2 = "y"', "did you mean 'RBT-02'?"),
    "unknown field": ('[fields]\n"stats.rebootCont" = "y"', "did you mean 'stats.rebootCount'?"),
    "unknown operation": ('[operations]\nabortActorRuns = "y"', "did you mean 'abortActorRun'?"),
    "unknown capability": ('[capabilities]\nreceivers = "y"', "did you mean 'receiver'?"),
    "no reason": ('[promises]\nRBT-02 = ""', "give the reason"),
    "reason is no text": ("[promises]\nRBT-02 = true", "is True; give the reason"),
    "section is no table": ('promises = "RBT-02"', "write it as [promises]"),
}


def read(tmp_path, text):
    path = tmp_path / "file.toml"
    path.write_text(text, encoding="utf-8")
    return read_target(path, promises=ledger.by_id(), operations=contract.operations())


@pytest.mark.parametrize(("text", "says"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_refused(tmp_path, text, says):
    """A mistake is refused with the file's name and what to write instead."""
    with pytest.raises(BadFileError) as told:
        read(tmp_path, text)
    assert says in str(told.value)
    assert "file.toml" in str(told.value)


def test_earlier_id_is_read_as_that_of_today(tmp_path):
    """A file written for an earlier ledger goes on to work."""
    assert read(tmp_path, '[promises]\nERR-03 = "a"').promises == {"AUT-07b": "a"}


def test_byte_order_mark_is_no_mistake(tmp_path):
    """A file that an editor began with a byte order mark is read."""
    assert read(tmp_path, '\ufeff[promises]\nRBT-02 = "a"').promises == {"RBT-02": "a"}
