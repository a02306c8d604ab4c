"""The HTML page in a real browser: filter, sort, theme, print, without script, by keyboard, and for everyone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slsacheck.plugins import reporter_of
from tests.clock import HANGS
from tests.reports.chromium import Browser
from tests.reports.factory import big, hostile, options, passing, rich
from tests.reports.images import signed_image

AXE = "axe-core@4.14.1"
SHOWN = "Array.from(document.querySelectorAll('tr[data-row]:not([hidden])')).map((row) => row.cells[0].textContent)"
SEARCH = "(value) => { const box = document.getElementById('f-text'); box.value = value; box.dispatchEvent(new Event('input', {bubbles: true})); }"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium; where it is missing a failure in CI and a skip elsewhere."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("chromium is not installed")
    with Browser(program, tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The samples as files."""
    folder = tmp_path_factory.mktemp("pages")
    found: dict[str, Path] = {}
    for name, sample in {
        "passing": passing,
        "rich": rich,
        "hostile": hostile,
        "big": big,
        "image": signed_image,
    }.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(reporter_of("html").function(sample(), options()), encoding="utf-8")
    return found


@pytest.fixture(autouse=True)
def fresh(browser: Browser) -> None:
    """Every test starts with a light screen of usual size, and scripts."""
    browser.scripts(allowed=True)
    browser.media()
    browser.size(1280, 900)
    browser.requests.clear()
    browser.problems.clear()


def shown(browser: Browser) -> list[str]:
    found: list[str] = browser.evaluate(SHOWN)
    return found


@pytest.mark.parametrize("name", ["passing", "rich", "hostile", "big", "image"])
def test_nothing_is_loaded_nothing_is_refused_nothing_breaks(
    name: str, browser: Browser, pages: dict[str, Path]
) -> None:
    browser.open(pages[name])
    assert [url for url in browser.requests if url not in {"about:blank", pages[name].as_uri()}] == []
    assert browser.problems == []
    assert browser.evaluate("document.querySelectorAll('script').length") == 1


def test_search_and_filters_narrow_rows_details_and_matrix(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["rich"])
    assert len(shown(browser)) == 8
    browser.evaluate(f"({SEARCH})('GHCR acme')")
    assert shown(browser) == ["ghcr.io/acme/widget"]
    assert browser.evaluate("document.getElementById('f-count').textContent") == "1 of 8 shown"
    assert browser.evaluate("document.querySelectorAll('details.subject:not([hidden])').length") == 1
    assert browser.evaluate("document.querySelectorAll('table.matrix tbody tr:not([hidden])').length") == 1
    browser.evaluate(f"({SEARCH})('')")
    choose = "((id, value) => { const box = document.getElementById(id); box.value = value; box.dispatchEvent(new Event('input', {bubbles: true})); })"
    for field, value, wanted in (
        ("f-channel", "pypi", ["widget"]),
        ("f-type", "archive", ["widget_*.tar.gz"]),
        ("f-outcome", "ERROR", ["widget.deb"]),
        ("f-outcome", "FAIL", ["widget_*.tar.gz", "widget"]),
        ("f-level", "floor", ["widget_*.tar.gz", "widget.deb", "widget-1.4.0-py3-none-any.whl", "widget"]),
        ("f-level", "proved", []),
    ):
        browser.evaluate(f"{choose}('{field}', '{value}')")
        assert shown(browser) == wanted
        browser.evaluate(f"{choose}('{field}', '')")
    assert len(shown(browser)) == 8


def test_a_heading_sorts_both_ways(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["rich"])
    click = "Array.from(document.querySelectorAll('table.levels th button')).find((one) => one.textContent === 'Configured').click()"
    numbers = "Array.from(document.querySelector('table.levels').tBodies[0].rows).map((row) => Number(row.cells[4].dataset.value))"
    browser.evaluate(click)
    assert browser.evaluate(numbers) == [-1, -1, 0, 2, 3]
    browser.evaluate(click)
    assert browser.evaluate(numbers) == [3, 2, 0, -1, -1]
    assert browser.evaluate("document.querySelector('th[aria-sort]').getAttribute('aria-sort')") == "descending"


def test_the_theme_follows_the_system_until_the_reader_chooses(browser: Browser, pages: dict[str, Path]) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    browser.media(scheme="dark")
    browser.open(pages["rich"])
    dark = browser.evaluate(background)
    browser.media(scheme="light")
    light = browser.evaluate(background)
    assert dark != light
    browser.evaluate("document.getElementById('theme').click()")
    assert browser.evaluate(background) == dark
    browser.evaluate("document.getElementById('theme').click()")
    assert browser.evaluate(background) == light
    browser.evaluate("localStorage.clear()")


def test_a_link_opens_what_it_leads_to(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["rich"], "#s3")
    assert browser.evaluate("document.querySelectorAll('details.subject[open]').length") == 1
    assert browser.evaluate("document.getElementById('s3').checkVisibility()")


def test_the_copy_button_copies_the_remedy(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["rich"])
    copied = browser.evaluate(
        "(async () => { let kept = ''; Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => { kept = text; }}});"
        " const button = document.querySelector('button.copy'); button.closest('details').open = true;"
        " const changed = new Promise((done) => new MutationObserver(done).observe(button, {childList: true}));"
        " button.click(); await changed; return [kept, button.textContent, button.hidden]; })()"
    )
    assert copied == [
        "- uses: actions/attest-build-provenance@<40 hex>  # v3\n  with:\n    subject-path: 'dist/*.tar.gz'",
        "Copied",
        False,
    ]


def test_without_script_everything_can_be_read(browser: Browser, pages: dict[str, Path]) -> None:
    browser.scripts(allowed=False)
    browser.open(pages["rich"], "#s3")
    browser.scripts(allowed=True)
    for hidden in ("#filter", "#theme", "button.copy", ".tools"):
        assert not browser.evaluate(f"document.querySelector('{hidden}').checkVisibility()"), hidden
    assert len(shown(browser)) == 8
    assert browser.evaluate("document.getElementById('s3').checkVisibility()")
    browser.evaluate("document.getElementById('xw2-1').checked = true")
    assert (
        browser.evaluate("getComputedStyle(document.querySelectorAll('.switch')[1].querySelector('tr.x1')).display")
        == "table-row"
    )


def test_the_keyboard_reaches_every_control(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["rich"])
    browser.evaluate("document.body.focus()")
    seen: list[str] = []
    for _ in range(400):
        browser.key("Tab", 9)
        seen.append(
            browser.evaluate(
                "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"
            )
        )
        if seen[-1] == "BODY" and len(seen) > 40:
            break
    assert {"theme", "f-text", "f-level", "SUMMARY", "BUTTON", "A", "scroll", "skip"} <= set(seen)
    browser.evaluate("document.querySelector('details.subject > summary').focus()")
    browser.key("Enter", 13)
    assert browser.evaluate("document.querySelector('details.subject').open")


def test_print_shows_what_is_folded_and_hides_what_cannot_be_clicked(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["rich"])
    browser.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    browser.media("print", "dark")
    assert browser.evaluate("document.querySelectorAll('details:not([open])').length") == 0
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not browser.evaluate("document.getElementById('filter').checkVisibility()")
    browser.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert browser.evaluate("document.querySelectorAll('details.subject[open]').length") == 0
    assert browser.pdf().startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["rich", "hostile", "big", "image"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_page_never_scrolls_sideways(width: int, name: str, browser: Browser, pages: dict[str, Path]) -> None:
    browser.size(width, 800)
    browser.open(pages[name])
    if name != "big":
        browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


def test_a_thousand_publications_can_be_searched_at_once(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["big"])
    before = browser.measured()
    browser.evaluate(f"({SEARCH})('service-0999')")
    assert shown(browser) == ["ghcr.io/acme/service-0999"]
    after = browser.measured()
    assert after["LayoutCount"] - before["LayoutCount"] < 10
    assert after["ThreadTime"] - before["ThreadTime"] < 5


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The accessibility rules of axe-core, from the npm registry."""
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm")
    if npm is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("npm is not installed")
    packed = subprocess.run(
        [npm, "pack", "--silent", "--fetch-retries=5", AXE],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    if packed.returncode != 0:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{AXE} cannot be had: {packed.stderr[-300:]}")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["passing", "rich", "hostile", "image"])
def test_axe_finds_nothing(
    name: str, width: int, scheme: str, axe: str, browser: Browser, pages: dict[str, Path]
) -> None:
    browser.size(width, 900)
    browser.media(scheme=scheme)
    browser.open(pages[name])
    browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    browser.send("Runtime.evaluate", expression=axe)
    found: list[dict[str, Any]] = json.loads(
        browser.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then((result) => JSON.stringify(result.violations))"
        )
    )
    assert [(one["id"], one["help"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found] == []
