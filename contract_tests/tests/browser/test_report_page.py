"""report.html in a real browser: filters, links, copying, colours, keys, paper, a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from actor_runs_conformance.report.render import render_all
from tests.actor_runs_conformance.report.test_hostile import PAYLOADS, hostile_log
from tests.support.made_log import MadeLog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

# What is pressed or typed, and the promises that are then seen.
FILTERS = {
    "one-verdict": (["failed"], "", {"RUN-03", "ABT-02"}),
    "two-verdicts": (["failed", "warned"], "", {"RUN-03", "ABT-02", "GET-07"}),
    "level": (["should"], "", {"GET-07"}),
    "verdict-and-level": (["passed", "must"], "", {"GET-01", "RBT-02"}),
    "text": ([], "aborted run", {"ABT-02"}),
    "text-in-evidence": ([], "RBT-02", {"RBT-02"}),
    "both": (["failed"], "finishedat", {"RUN-03"}),
    "none": (["failed"], "no such words", set()),
}
VIEWS = ("promises", "contract", "timeline", "exchanges")


def seen(page: Page) -> set[str]:
    """The promises that are visible."""
    return set(
        page.eval_on_selector_all(
            "details.promise", "all => all.filter(one => one.offsetParent).map(one => one.id)"
        )
    )


def press(page: Page, *values: str) -> None:
    for value in values:
        page.click(f".chip[data-value='{value}']")


@pytest.mark.parametrize("name", FILTERS)
def test_filters(open_page: Callable[..., Page], name: str) -> None:
    """Chips and words narrow the list, empty groups go, and the count is told."""
    chips, text, expected = FILTERS[name]
    page = open_page()
    press(page, *chips)
    if text:
        page.fill("#text", text)
    assert expected == seen(page)
    assert page.inner_text("#count") == f"{len(expected)} of 10 promises"
    assert page.is_visible("#nothing") == (not expected)
    groups = page.eval_on_selector_all(
        ".group", "all => all.filter(one => one.offsetParent).length"
    )
    assert groups == len({key.split("-")[0] for key in expected})


def test_filters_stay_in_the_address(open_page: Callable[..., Page]) -> None:
    """The address holds the filters: opened again it shows the same; cleared it shows all."""
    page = open_page()
    press(page, "failed", "must")
    page.fill("#text", "abort")
    assert page.evaluate("location.hash") == "#promises?verdict=failed&level=must&q=abort"
    page.reload()
    assert seen(page) == {"ABT-02"}
    assert page.input_value("#text") == "abort"
    assert page.get_attribute(".chip[data-value='failed']", "aria-pressed") == "true"
    page.click("#clear")
    assert len(seen(page)) == 10


@pytest.mark.parametrize("key", ["GET-01", "ABT-02", "UPD-03"])
def test_a_link_to_a_promise_opens_it(open_page: Callable[..., Page], key: str) -> None:
    """A deep link opens the promise, brings it into view below the bar, and focuses it."""
    page = open_page(fragment=f"#{key}")
    assert page.evaluate(f"document.getElementById('{key}').open")
    top, bar = page.evaluate(
        f"[document.getElementById('{key}').getBoundingClientRect().top,"
        "document.querySelector('.views').getBoundingClientRect().bottom]"
    )
    assert bar - 1 <= top < 900
    page.wait_for_function(f"document.activeElement.closest('details')?.id === '{key}'")


def test_a_link_to_a_filtered_promise_shows_it(open_page: Callable[..., Page]) -> None:
    """A link wins over the filters that hide its target."""
    page = open_page(fragment="#promises?verdict=failed")
    assert "GET-01" not in seen(page)
    page.evaluate("location.hash = 'GET-01'")
    page.wait_for_selector("#GET-01 .body", state="visible")


@pytest.mark.parametrize("view", VIEWS)
def test_views(open_page: Callable[..., Page], view: str) -> None:
    """Each view has an address; the others are then not shown."""
    page = open_page()
    page.click(f".views a[href='#{view}']")
    visible = [one for one in VIEWS if page.is_visible(f"#{one}")]
    assert visible == [view]
    assert page.get_attribute(f".views a[href='#{view}']", "aria-current") == "page"
    assert open_page(fragment=f"#{view}").is_visible(f"#{view}")


def test_the_margin_leads_to_the_promise_and_back(open_page: Callable[..., Page]) -> None:
    """From the contract's margin to the promise, and from the promise to its place."""
    page = open_page(fragment="#contract")
    page.click("#contract-Run .mark[href='#RUN-03']")
    assert page.is_visible("#RUN-03 .body")
    page.click("#RUN-03 a[href='#contract-Run']")
    assert page.is_visible("#contract-Run")
    page.go_back()
    page.wait_for_selector("#RUN-03 .body", state="visible")


def test_evidence_shows_its_exchange(open_page: Callable[..., Page]) -> None:
    """Opened evidence shows request and response, with what changed since before marked."""
    page = open_page(fragment="#ABT-02")
    evidence = page.locator("#ABT-02 details.evidence")
    evidence.nth(1).locator("summary").click()
    assert "GET /v2/actor-runs/Icz6E0IHX0c40yEi7 HTTP/1.1" in evidence.nth(1).inner_text()
    marked = evidence.nth(1).locator("mark").all_inner_texts()
    assert any('"status": "RUNNING"' in text for text in marked)
    assert not any("buildId" in text for text in marked)
    evidence.nth(1).locator(".elsewhere a").click()
    assert page.evaluate("document.querySelector('details.exchange.linked').open")


@pytest.mark.parametrize("permitted", [True, False])
def test_copying(open_page: Callable[..., Page], permitted: bool) -> None:
    """A copy button copies its text and says so, with or without the clipboard interface."""
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    if not permitted:
        page.evaluate("Object.defineProperty(navigator.clipboard, 'writeText', {value: null})")
    button = page.locator(".top .command button.copy")
    button.click()
    page.wait_for_selector(".top .command button.done")
    assert button.inner_text() == "Copied"
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "actor-runs check-server http://127.0.0.1:8080 --task demo~fixture --seed 1"


def background(page: Page) -> list[int]:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return [int(part) for part in colour[4:-1].split(",")]


def test_colours_follow_the_system(open_page: Callable[..., Page]) -> None:
    """Dark where the system is dark, light where it is light."""
    assert max(background(open_page(color_scheme="dark"))) < 40
    assert min(background(open_page(color_scheme="light"))) > 220


def test_colours_can_be_chosen(open_page: Callable[..., Page]) -> None:
    """The button goes from the system's to light to dark, and the choice is kept."""
    page = open_page(color_scheme="dark")
    page.click("#theme")
    assert page.inner_text("#theme") == "Light"
    assert min(background(page)) > 220
    page.click("#theme")
    assert page.inner_text("#theme") == "Dark"
    page.reload()
    assert page.inner_text("#theme") == "Dark"
    assert max(background(page)) < 40


def test_the_keyboard(open_page: Callable[..., Page]) -> None:
    """Finding, walking, opening, changing the view and the list of keys, all without a mouse."""
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("run")
    assert page.input_value("#text") == "run"
    page.keyboard.press("Escape")
    assert len(seen(page)) == 10
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details.promise[open]').id") == "GEN-09"
    page.keyboard.press("3")
    assert page.is_visible("#timeline")
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")
    assert not page.is_visible("#keys")


def test_open_all_opens_what_is_seen(open_page: Callable[..., Page]) -> None:
    """The button opens and closes the promises that the filters leave."""
    page = open_page()
    press(page, "failed")
    page.click("#unfold")
    assert page.locator("details.promise[open]").count() == 2
    page.click("#unfold")
    assert page.locator("details.promise[open]").count() == 0


@pytest.mark.parametrize("fragment", ["", "#ABT-02", "#contract", "#timeline", "#exchanges"])
@pytest.mark.parametrize("name", ["whole", "cut-off", "table"])
def test_a_phone_needs_no_sideways_scrolling(
    open_page: Callable[..., Page], name: str, fragment: str
) -> None:
    """At 390 pixels nothing sticks out of the page."""
    page = open_page(name, fragment, size="phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_everything_is_there(open_page: Callable[..., Page]) -> None:
    """All views stand below one another, promises open, and what needs scripts is not shown."""
    page = open_page(java_script_enabled=False)
    for view in VIEWS:
        assert page.is_visible(f"#{view}")
    page.click("#ABT-02 > summary")
    assert page.is_visible("#ABT-02 .pair")
    for control in (".filters", "#theme", "#help", "button.copy >> nth=0"):
        assert not page.is_visible(control)


def test_paper(open_page: Callable[..., Page]) -> None:
    """Printed, what is broken stands open, dark becomes light, and controls are gone."""
    page = open_page(fragment="#timeline", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.is_visible("#promises")
    assert page.is_visible("#RUN-03 .pair")
    assert not page.is_visible("#GET-01 .body")
    for control in (".views", ".filters", "#exchanges", "#theme"):
        assert not page.is_visible(control)
    assert min(background(page)) > 220
    assert page.pdf()[:5] == b"%PDF-"


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_target_runs_nothing(
    open_page: Callable[..., Page], name: str, tmp_path: Path
) -> None:
    """Whatever a target sends, nothing of it runs, loads, or complains on the console."""
    render_all(hostile_log(PAYLOADS[name]).write(tmp_path))
    page = open_page(uri=(tmp_path / "report.html").as_uri())
    for view in VIEWS:
        page.click(f".views a[href='#{view}']")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.click(".views a[href='#promises']")
    assert len(seen(page)) == 4


def test_a_large_report_stays_usable(open_page: Callable[..., Page], tmp_path: Path) -> None:
    """With thousands of exchanges, filters and links work as in a small one."""
    log = MadeLog()
    log.start()
    for number in range(300):
        key = f"GET-{number:03}"
        log.promise(key)
        exchanges = tuple(log.exchange(text="x" * 800) for _ in range(10))
        log.verdict(key, "failed" if number == 7 else "passed", exchanges=exchanges)
    log.end()
    render_all(log.write(tmp_path))
    page = open_page(uri=(tmp_path / "report.html").as_uri())
    press(page, "failed")
    assert seen(page) == {"GET-007"}
    page.evaluate("location.hash = 'x-2999'")
    page.wait_for_selector("#x-2999 .content", state="visible")


def test_the_table_hides_agreement(open_page: Callable[..., Page]) -> None:
    """The table of targets shows only the differences when asked."""
    page = open_page("table")
    page.check("#differ")
    assert page.locator("tr.agreed:visible").count() == 0
    assert page.locator(".by-target tbody tr:visible").count() == 1
