"""A real headless browser, and pages for it to open.

`nox -s browser` names the browser in ACTOR_RUNS_BROWSER; without it nothing here is collected.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actor_runs_conformance.cli import table
from actor_runs_conformance.report.render import render_all
from tests.support.made_log import every_verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

BROWSER = "ACTOR_RUNS_BROWSER"
NODE_MODULES = Path(__file__).parent / "node_modules"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"wide": (1200, 900), "phone": (390, 780)}

collect_ignore_glob = [] if os.environ.get(BROWSER) else ["test_*.py"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser, with a profile of its own that is gone afterwards."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=os.environ[BROWSER], args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of a report with every verdict, of a cut-off one, and of a table of both."""
    room = tmp_path_factory.mktemp("pages")
    render_all(every_verdict().write(room / "whole"))
    cut_off = every_verdict()
    cut_off.events = [
        one
        for one in cut_off.events
        if one["event"] not in {"verdict", "run_ended", "end"} and one.get("promise") != "RBT-02"
    ]
    render_all(cut_off.write(room / "cut-off"))
    given = [str(room / "whole"), str(room / "cut-off")]
    assert table.main([*given, "--html", "-o", str(room / "table.html")]) == 0
    addresses = {
        "whole": room / "whole" / "report.html",
        "cut-off": room / "cut-off" / "report.html",
        "table": room / "table.html",
    }
    return {name: path.as_uri() for name, path in addresses.items()}


@pytest.fixture
def open_page(browser: Browser, pages: dict[str, str]) -> Iterator[Callable[..., Page]]:
    """Opens a page and holds it to its promise: no error on the console, nothing requested."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_it(
        name: str = "whole",
        fragment: str = "",
        size: str = "wide",
        uri: str | None = None,
        **options: object,
    ) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        address = uri or pages[name]
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: (
                request.url.split("#")[0] == address or complaints.append(f"request: {request.url}")
            ),
        )
        page.goto(address + fragment)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []
