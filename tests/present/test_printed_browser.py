"""Printed numbers in a real browser: two clicks away on a screen, open on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from test_printed import READY, computed, section

from hepatica.present.report import report_content, report_html
from hepatica.protocol.read import read_protocol

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = which("chromium") or which("chromium-browser")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    protocol = read_protocol(READY / "study.yaml")
    results = computed()
    content = report_content(protocol, results, printed=section(protocol, results))
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_html(content), encoding="utf-8")
    return path


def opened(browser: Browser, report: Path, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(report.as_uri())
    return page


def test_two_clicks_from_the_contents(browser: Browser, report: Path) -> None:
    page = opened(browser, report, 1280)
    number = page.locator("#printed td", has_text="(96.2%)").first
    assert not number.is_visible()
    page.locator("nav.contents a", has_text="Table 1 of the print").click()
    summary = page.locator("#printed summary", has_text="Table 1 of the publication")
    box = summary.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 900
    summary.click()
    assert number.is_visible()
    row = number.locator("span[data-row]").first.get_attribute("data-row")
    assert row == "ALTER-0802/simulated/baseline/Cohort 1/sex/Male/n"


def test_print_shows_every_table_open(browser: Browser, report: Path) -> None:
    page = opened(browser, report, 1280)
    page.emulate_media(media="print")
    table = page.locator("#printed table.data", has_text="(96.1%)").last
    box = table.bounding_box()
    assert box is not None
    assert box["height"] > 60
    assert not page.locator("#printed summary", has_text="of the publication").first.is_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_not_wider_than_the_screen(browser: Browser, report: Path, width: int) -> None:
    page = opened(browser, report, width)
    page.evaluate("document.querySelectorAll('details.opens').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_verdicts_are_words(browser: Browser, report: Path) -> None:
    page = opened(browser, report, 1280)
    page.evaluate("document.querySelectorAll('details.opens').forEach(one => one.open = true)")
    text = page.locator("#printed").inner_text()
    assert "1 of 4 misprint" in text
    assert "no row planned" in text
