"""Every task of the house, one session each.

`python scripts/run.py` runs the default ones from a fresh clone; `nox -l` lists all.
"""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_external_run = True
nox.options.sessions = ["lint", "lint-spec", "drift", "types", "tests", "build"]

FAULTS = "contract_tests/tests/faults"
CLIENT_CHECKS = "contract_tests/tests/actor_runs_conformance/clients"
PYPROJECT = nox.project.load_toml("pyproject.toml")


def group(*names: str) -> tuple[str, ...]:
    """Return the requirements of these dependency groups of pyproject.toml."""
    return nox.project.dependency_groups(PYPROJECT, *names)


@nox.session
def tests(session: nox.Session) -> None:
    """Run our own tests: contract, client, server, suite, reports."""
    session.install("-e", ".[all]", *group("tests"))
    # More workers than cores: many tests wait for real processes.
    session.run("pytest", "-n", "6", "--dist", "worksteal", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff."""
    session.install(*group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy --strict and pyright."""
    session.install("-e", ".[all]", *group("tests", "types", "browser"))
    session.run("mypy")
    session.run("pyright")


@nox.session
def regenerate(session: nox.Session) -> None:
    """Write generated/ again from the contract."""
    session.install(*group("regenerate"))
    session.run("python", "scripts/regenerate.py")


@nox.session
def drift(session: nox.Session) -> None:
    """Generate into a temporary folder and fail on any byte of difference."""
    session.install(*group("regenerate"))
    session.run("python", "scripts/regenerate.py", "--check")


@nox.session(name="lint-spec")
def lint_spec(session: nox.Session) -> None:
    """Lint the contract with redocly, spectral and openapi-spec-validator; brings its own Node."""
    session.install(*group("lint-spec"))
    room, contract = Path("scripts/lint_spec"), "spec/actor_runs_spec/openapi.yaml"
    lock, installed = room / "package-lock.json", room / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", f"--prefix={room}")
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    redocly, spectral = ("@redocly/cli/bin/cli.js", "@stoplight/spectral-cli/dist/index.js")
    for linter, *options in (
        (redocly, "lint", f"--config={room}/redocly.yaml", "--max-problems=1000", contract),
        (spectral, "lint", f"--ruleset={room}/spectral.yaml", "--fail-severity=hint", contract),
    ):
        session.run("node", f"{room}/node_modules/{linter}", *options, env=quiet)
    session.run("openapi-spec-validator", contract)


@nox.session
def browser(session: nox.Session) -> None:
    """Open the reports in a real headless browser, which is installed when there is none."""
    session.install("-e", ".[all]", *group("tests", "browser"))
    room = Path("contract_tests/tests/browser")
    session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", f"--prefix={room}")
    session.run("pytest", str(room), *session.posargs, env=find_browser(session))


@nox.session
def screenshot(session: nox.Session) -> None:
    """Make the pictures of the docs again, from a check of a server with one broken promise."""
    session.install("-e", ".[all]", *group("browser"))
    session.run("python", "scripts/screenshot.py", env=find_browser(session))


@nox.session(name="weigh-report")
def weigh_report(session: nox.Session) -> None:
    """Render 100,000 exchanges: at most 10 s and 20 MB."""
    session.install("-e", ".[conformance]")
    session.run("python", "scripts/weigh_report.py")


def find_browser(session: nox.Session) -> dict[str, str]:
    """Return where a browser is, as the environment that the sessions above read."""
    found = str(session.run("python", "scripts/browser.py", silent=True))
    return {"ACTOR_RUNS_BROWSER": found.strip().splitlines()[-1]}


@nox.session
def docs(session: nox.Session) -> None:
    """Render the pages of docs/ that are made from spec and tests; `-- --check` finds stale ones."""
    session.install("-e", ".[conformance]")
    session.run("python", "scripts/docs.py", *session.posargs)
    session.run("python", "scripts/docs_of_tests.py", *session.posargs)


@nox.session
def robustness(session: nox.Session) -> None:
    """Check hostile, partial and all-accepting servers in processes of their own."""
    session.install("-e", ".[all]", *group("tests"))
    room = "contract_tests/tests/actor_runs_conformance/robustness"
    session.run("pytest", "-m", "robustness", "-n", "4", *session.posargs, room)


@nox.session(name="first-run")
def first_run(session: nox.Session) -> None:
    """Build the small server of docs/from-an-empty-server.md step by step, and judge each step.

    Fails when the page says something else; `-- --write` renders the page again.
    """
    session.install("-e", ".[all]", *group("first-run"))
    session.run("python", "scripts/first_run.py", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Try every row of docs/fault-matrix.md, servers that are none, and other implementations.

    One fault alone: `-- -k NAME`. All of them take minutes.
    """
    session.install("-e", ".[all]", *group("tests", "faults"))
    room = Path("scripts/prism")
    if not (room / "node_modules").exists():
        session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", f"--prefix={room}")
    # More workers than cores: they wait most of the time. But so many checks at once make each other
    # late, so whatever fails among them must hold by itself.
    matrix = ("pytest", "-m", "faults", *session.posargs, FAULTS)
    session.run(*matrix, "-n", "12", "--maxschedchunk", "1", success_codes=[0, 1])
    none_failed = 5
    session.run(*matrix, "--last-failed", "--lfnf=none", success_codes=[0, none_failed])


@nox.session(name="coverage-of-contract")
def coverage_of_contract(session: nox.Session) -> None:
    """Measure which keywords and statuses of the contract a full check reaches: all keywords."""
    session.install("-e", ".[all]", *group("coverage-of-contract"))
    session.run("python", "scripts/coverage_of_contract.py")


@nox.session(name="client-properties")
def client_properties(session: nox.Session) -> None:
    """Let Schemathesis check the client: what it draws is sent, decoded, or refused."""
    session.install("-e", ".[all]", *group("tests"))
    drawn = "contract_tests/tests/actor_runs/properties"
    session.run("pytest", "-m", "client_properties", "-n", "2", *session.posargs, drawn)


@nox.session
def clients(session: nox.Session) -> None:
    """Run the platform's clients, SDKs, crawlers and command line on the reference server."""
    session.install("-e", ".[all]", *group("tests", "clients", "go"))
    room = Path("contract_tests/tests/actor_runs_server/clients")
    older = Path(session.create_tmp()).resolve() / "older"
    session.install("--target", str(older), "apify-client==2.5.1")
    npm = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    session.run(*npm, f"--prefix={room}/javascript")
    environment = {
        "ACTOR_RUNS_OLDER_CLIENT": str(older),
        "GOCACHE": str(older.with_name("go")),
        "GOTOOLCHAIN": "local",
    }
    session.run("pytest", "-m", "clients", "-n", "2", *session.posargs, str(room), env=environment)


@nox.session
def drivers(session: nox.Session) -> None:
    """Judge our own client and others by `check-client`, each through its driver."""
    session.install("-e", ".[all]", *group("tests", "clients"))
    room = Path("contract_tests/client_drivers")
    older = str(Path(session.create_tmp()).resolve() / "older")
    session.install("--target", older, "apify-client==2.5.1")
    session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", f"--prefix={room}")
    environment = {"ACTOR_RUNS_OLDER_CLIENT": older}
    session.run(
        "pytest", "-m", "drivers", "-n", "4", *session.posargs, CLIENT_CHECKS, env=environment
    )


@nox.session(name="weigh-cases")
def weigh_cases(session: nox.Session) -> None:
    """Check a server with many generated cases: `-- 100000 URL TASK`; its time and memory have bounds."""
    session.install("-e", ".[all]")
    session.run("python", "scripts/weigh_cases.py", *session.posargs)


@nox.session
def integrations(session: nox.Session) -> None:
    """Check servers from where people work already: pytest, a program, other tools."""
    session.install("-e", ".[all]", *group("tests", "integrations"))
    # More workers than cores: they wait most of the time.
    parallel = ("-n", "4", "--dist", "worksteal")
    session.run("pytest", "-m", "integrations", *parallel, *session.posargs, "contract_tests/tests")


@nox.session
def catalogue(session: nox.Session) -> None:
    """Judge faulty and lawful clients by `check-client`: each fault is found, no freedom blamed."""
    session.install("-e", ".[all]", *group("tests"))
    # A process a file: the clients of the catalogue are judged side by side in one event loop.
    parallel = ("-n", "2", "--dist", "loadfile")
    session.run("pytest", "-m", "catalogue", *parallel, *session.posargs, CLIENT_CHECKS)


@nox.session
def mutants(session: nox.Session) -> None:
    """Break the client in many ways: the test that the ledger names for a promise must notice."""
    session.install("-e", ".[all]", *group("tests"))
    session.run("python", "scripts/mutants.py", *session.posargs)


@nox.session
def determinism(session: nox.Session) -> None:
    """Check the reference server ten times, and by three shares: the same verdicts, the same requests."""
    session.install("-e", ".[all]", *group("tests"))
    session.run("pytest", "-m", "determinism", *session.posargs, FAULTS)


@nox.session
def conformance(session: nox.Session) -> None:
    """Check the reference server against the contract: `actor-runs check-server --reference`."""
    session.install(".[all]")
    session.run("actor-runs", "check-server", "--reference", *session.posargs)


@nox.session
def stress(session: nox.Session) -> None:
    """Try to break the reference server: waiting, speed beside Prism, shapes, killing, leaks."""
    session.install("-e", ".[server]", *group("lint-spec"))
    session.run(
        "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix=scripts/prism"
    )
    session.run("python", "-m", "scripts.stress", *session.posargs)


@nox.session(name="stress-client")
def stress_client(session: nox.Session) -> None:
    """Start 10,000 runs on a server that fails at random: none twice, each accounted for."""
    session.install(".")
    session.run("python", "scripts/stress_starts.py", *session.posargs)


@nox.session
def frozen(session: nox.Session) -> None:
    """Freeze an application that uses the client with PyInstaller and zipapp, and run it."""
    session.install(".", "pyinstaller")
    session.run("python", "scripts/frozen.py")


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel, look that its data is inside, and import it in a bare environment."""
    session.install("build", "hatchling")
    session.run("python", "scripts/build.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the client beside apify-client and bare httpx; `-- --slow` adds httpx's own pool."""
    session.install(".", "apify-client==3.4.*")
    session.run("python", "scripts/bench.py", *session.posargs)
