"""What Actors leave behind is removed, and never hinders a run or a server."""

import os
import shutil
import stat
from pathlib import Path

import pytest

CONFIG = """
[actors."demo~locker"]
command = ["/bin/sh", "-c", "mkdir -p a/b; touch a/b/c; chmod 0555 a/b a; chmod 0 a/b/c"]
[tasks."demo~locker"]
actor = "demo~locker"
"""


def test_a_folder_that_was_made_read_only_is_removed(serve, client, config):
    """Each process starts in a new folder, whatever the one before has done to its own."""
    with serve(config=config + CONFIG) as server, client(server.url) as api:
        for _ in range(2):
            assert api.start(task="demo~locker", waitForFinish=20)["status"] == "SUCCEEDED"
        assert [*(server.data / "work").glob("*/*")] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root removes every folder")
def test_a_folder_that_cannot_be_removed_hinders_no_server(serve, client, config, tmp_path):
    """The next server works in another folder."""
    stuck = tmp_path / "data" / "work" / "old"
    stuck.mkdir(parents=True)
    stuck.parent.chmod(0o500)
    try:
        with serve(config=config + CONFIG) as server, client(server.url) as api:
            assert api.start(waitForFinish=20)["status"] == "SUCCEEDED"
    finally:
        stuck.parent.chmod(0o700)
        shutil.rmtree(stuck.parent)


def test_the_data_directory_is_private(serve):
    """Other users of the machine cannot read runs, inputs and logs."""
    with serve() as server:
        assert stat.S_IMODE(Path(server.data).stat().st_mode) == 0o700
