"""The action, the component and the recipes of docs/ci.md: their shell steps run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
import yaml

from actor_runs_conformance.report.annotations import workflow_commands
from tests.support.plain_schemathesis import environment
from tests.support.targets import faulty

pytestmark = [pytest.mark.integrations, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SPEC, COMPONENT = yaml.safe_load_all(
    (ROOT / "templates/check-server.yml").read_text(encoding="utf-8")
)
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
ONLY = "--only TSK-03 --expected 'known $(touch run).toml'"
"""Further options: quotes hold a file's name together, and no shell runs what is in it."""
DOCUMENTED_ENVIRONMENT = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")


@pytest.fixture(scope="session")
def machine(tmp_path_factory, commands):
    """The environment of a fresh Python with pip, which finds what is installed here, and no network."""
    folder = tmp_path_factory.mktemp("machine")
    venv.create(folder, with_pip=True)
    [packages] = folder.glob("lib/python*/site-packages")
    paths = [path for path in sys.path if path and Path(path).is_dir()]
    (packages / "here.pth").write_text("\n".join(str(Path(path).resolve()) for path in paths))
    path = os.pathsep.join((str(folder / "bin"), commands["PATH"]))
    kept = {name: value for name, value in commands.items() if name != "PYTHONPATH"}
    return {**kept, "PATH": path, "PIP_NO_INDEX": "1"}


def bash(script, folder, **variables):
    """Run a step as GitHub runs those with `shell: bash`."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


def inputs_of(declared, **given):
    return {name: given.get(name, one.get("default")) for name, one in declared.items()}


def filled(text, inputs, outputs):
    """Put values in the place of expressions: of `${{ inputs.x }}` and of a step's outputs."""
    text = re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)
    return re.sub(
        r"\$\{\{ steps\.check\.outputs\.([\w-]+) \}\}", lambda found: outputs[found[1]], text
    )


def run_action(target, folder, machine, options=ONLY):
    """Run the steps of the action that are shell; return each one's result, the outputs, the summary."""
    (folder / "known $(touch run).toml").touch()
    inputs = inputs_of(ACTION["inputs"], url=target.url, task=target.task, options=options)
    files = {name: folder / name.lower() for name in DOCUMENTED_ENVIRONMENT}
    for path in files.values():
        path.touch()
    done, outputs = {}, {}
    for step in ACTION["runs"]["steps"]:
        if "run" not in step:
            continue
        given = {name: filled(value, inputs, outputs) for name, value in step["env"].items()}
        variables = machine | {"APIFY_TOKEN": target.token} | given
        variables |= {name: str(path) for name, path in files.items()}
        done[step["name"]] = bash(step["run"], folder, **variables)
        lines = files["GITHUB_OUTPUT"].read_text().splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
    return done, outputs, files["GITHUB_STEP_SUMMARY"].read_text()


def test_the_action_is_green_on_a_good_server(server, machine, tmp_path):
    """It installs, checks, writes summary and outputs, and ends with 0."""
    done, outputs, summary = run_action(server, tmp_path, machine)
    assert [(name, one.returncode) for name, one in done.items()] == [
        ("Install actor-runs", 0),
        ("Check the server", 0),
        ("Say the verdict", 0),
    ], [one.stderr for one in done.values()]
    assert (outputs["verdict"], outputs["exit-code"]) == ("conformant", "0")
    assert (tmp_path / outputs["badge"]).read_text().startswith("<svg")
    assert "onformant" in summary
    assert not (tmp_path / "run").exists()


def test_options_that_are_no_words_judge_nobody(server, machine, tmp_path):
    """A quote that is not closed is an error, and no verdict on the server."""
    done, outputs, _ = run_action(server, tmp_path, machine, "--only 'TSK-03")
    assert (outputs["verdict"], done["Say the verdict"].returncode) == ("error", 2)
    assert "was not started: No closing quotation" in done["Check the server"].stderr


def test_the_action_annotates_what_is_broken(machine, tmp_path):
    """Each broken promise is an annotation; the steps before the verdict do not fail, the last does."""
    with faulty("no-location", tmp_path / "data") as target:
        done, outputs, summary = run_action(target, tmp_path, machine)
    assert done["Check the server"].returncode == 0, done["Check the server"].stderr
    assert "\n::error title=TSK-03 runTask (" in done["Check the server"].stdout
    assert (outputs["verdict"], done["Say the verdict"].returncode) == ("violated", 1)
    assert "TSK-03" in summary


def test_the_component_checks_a_server(server, machine, tmp_path):
    """Its script ends well on a good server and leaves what it declares as artifacts."""
    inputs = inputs_of(SPEC["spec"]["inputs"], url=server.url, task=server.task, options=ONLY)

    def interpolated(text):
        return re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda found: inputs[found[1]], text)

    (tmp_path / "known $(touch run).toml").touch()
    [job] = COMPONENT.values()
    variables = {name: interpolated(value) for name, value in job["variables"].items()}
    script = "\n".join(job["script"])
    done = bash(script, tmp_path, **(machine | variables | {"APIFY_TOKEN": server.token}))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "run").exists()
    for path in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]):
        assert (tmp_path / interpolated(path)).exists()


def test_the_version_is_the_one_that_belongs_to_it():
    """Action, component and recipes install the version of the tree that they stand in."""
    text = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    pinned = f"actor-runs[conformance]=={VERSION}"
    assert ACTION["inputs"]["package"]["default"] == pinned
    assert SPEC["spec"]["inputs"]["package"]["default"] == pinned
    assert set(re.findall(r"actor-runs\[conformance\]\S*?(?=')", text)) == {pinned}


def recipe(blocks, holding):
    [block] = [block for block in blocks("ci.md", "yaml") if holding in block]
    return yaml.safe_load(block)


def shares(script, server, machine, folder, number, **variables):
    """Run a share of a recipe, with few cases and promises; the rest as it stands."""
    small = script.replace("--cases 100000", "--cases 60 --only GET-09").replace("/8", "/2")
    small = small.replace("/reports/", f"{folder}/")
    found = environment(server)
    given = {"URL": found["ACTOR_RUNS_URL"], "TASK": server.task, "APIFY_TOKEN": server.token}
    return bash(small, folder, **(machine | given | variables))


@pytest.mark.parametrize("kind", ["matrix", "kubernetes"])
def test_the_shares_of_a_recipe_make_a_whole(kind, server, machine, blocks, tmp_path):
    """The step of each machine and the merge run as they stand, for two machines."""
    jobs = recipe(blocks, "matrix:")["jobs"]
    [merging] = [one["run"] for one in jobs["verdict"]["steps"] if one.get("name")]
    if kind == "matrix":
        [script] = [one["run"] for one in jobs["share"]["steps"] if one.get("name")]
        given = [{"SHARE": "1"}, {"SHARE": "2"}]
    else:
        [container] = recipe(blocks, "kind: Job")["spec"]["template"]["spec"]["containers"]
        [script] = container["args"]
        given = [{"JOB_COMPLETION_INDEX": "0"}, {"JOB_COMPLETION_INDEX": "1"}]
    for number, variables in enumerate(given):
        done = shares(script, server, machine, tmp_path, number, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
    done = bash(merging, tmp_path, **machine)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "whole" / "report.html").exists()


def test_the_manifest_is_one_of_kubernetes(blocks):
    """The Job is valid by the schemas of Kubernetes, and so strictly that no key is misspelt."""
    import kubernetes_validate  # Here, since only the session of this marker installs it.

    manifest = recipe(blocks, "kind: Job")
    assert kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)
    manifest["spec"]["completionModus"] = "Indexed"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_an_annotation_ends_no_command():
    """What a server sends neither ends the annotation nor begins another command."""
    promise = {"id": "A", "operation": "getRun", "level": "must", "verdict": "failed"}
    hostile = "50%\r\n::set-env name=A::b"
    [line] = workflow_commands({"promises": [{**promise, "text": "a:b", "message": hostile}]})
    assert line == "::error title=A getRun (must)::a:b 50%25%0D%0A::set-env name=A::b"
