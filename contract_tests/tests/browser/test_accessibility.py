"""Every page against the rules of axe, in each view, colour and size, with everything open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import NODE_MODULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

AXE = (NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
    one => `${one.id}: ${one.help}: ${one.nodes.map(node => node.target).slice(0, 3)}`)"""
OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "fragment"),
    [
        ("whole", "#promises"),
        ("whole", "#contract"),
        ("whole", "#timeline"),
        ("whole", "#exchanges"),
        ("cut-off", "#promises"),
        ("table", ""),
    ],
)
def test_no_rule_is_broken(
    open_page: Callable[..., Page], name: str, fragment: str, colours: str, size: str
) -> None:
    """The rules of axe find nothing, contrast included."""
    page = open_page(name, fragment, size=size, color_scheme=colours)
    page.evaluate(OPEN)
    page.evaluate(AXE)
    assert page.evaluate(RUN) == []


def test_axe_finds_what_is_wrong(open_page: Callable[..., Page]) -> None:
    """The rules can fail: a button without a name is found."""
    page = open_page()
    page.evaluate("document.querySelector('#theme').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('#theme').textContent = ''")
    page.evaluate(AXE)
    assert any(one.startswith("button-name") for one in page.evaluate(RUN))
