"""The report in a real browser: wide, narrow, dark and printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rows_report import failed, protocol, results
from test_report import content, figure, provenance

from hepatica.present.content import Section
from hepatica.present.listings import Listing, ListingColumn
from hepatica.present.report import report_content, report_html

pytestmark = pytest.mark.browser

#: Contrast of every piece of text with the ground behind it; large text may have 3.
CONTRAST = """() => {
  const channel = c => { c /= 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4 };
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('svg'))
      continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(numbers(style.color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) low.push([walker.currentNode.data.slice(0, 40), ratio]);
  }
  return low;
}"""

SMALLEST = """() => {
  let smallest = 99;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('svg'))
      continue;
    smallest = Math.min(smallest, parseFloat(getComputedStyle(element).fontSize));
  }
  return smallest;
}"""

#: Pieces of text of cards and cells that lie over each other.
OVERLAPS = """() => {
  const found = [];
  for (const box of document.querySelectorAll('.card, table.data tr')) {
    const parts = [...box.querySelectorAll(
      'h3, .note, .group, .value, .limits, th > span:not(.n), td > span[data-row], .extra')]
      .filter(one => one.checkVisibility())
      .map(one => { const r = document.createRange(); r.selectNodeContents(one);
                    return [one, r.getBoundingClientRect()]; });
    for (let i = 0; i < parts.length; i++) for (let j = i + 1; j < parts.length; j++) {
      const [[a, x], [b, y]] = [parts[i], parts[j]];
      if (a.contains(b) || b.contains(a)) continue;
      const beside = x.left >= y.right - 1 || y.left >= x.right - 1;
      const above = x.top >= y.bottom - 3 || y.top >= x.bottom - 3;
      if (!beside && !above)
        found.push(a.textContent + ' | ' + b.textContent);
    }
  }
  return found;
}"""


DEATHS = Listing(
    "deaths",
    "Deaths",
    (
        ListingColumn("Subject"),
        ListingColumn("Arm"),
        ListingColumn("Day of death", number=True),
        ListingColumn("Days since last dose", number=True),
        ListingColumn("Cause"),
        ListingColumn("Progression before death"),
    ),
    tuple((f"S-{n}", "Cohort 1", str(90 + n), str(n), "Hepatic failure", "No") for n in range(60)),
    notes=("Days are counted from the first dose, which is day 1.",),
)


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
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    shown = content()
    listed = replace(shown, sections=(*shown.sections, Section("listings", "Listings", (DEATHS,))))
    path.write_text(report_html(listed), encoding="utf-8")
    return path


class Opened:
    """A page, with all that it complained about or asked for."""

    def __init__(self, context: BrowserContext, file: Path) -> None:
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())

    def run(self, script: str) -> Any:
        return self.page.evaluate(script)


def _open(browser: Browser, file: Path, width: int, **options: Any) -> Opened:
    context = browser.new_context(viewport={"width": width, "height": 844}, **options)
    return Opened(context, file)


@pytest.fixture(params=["desktop", "tablet", "phone", "dark", "dark phone"])
def opened(request: pytest.FixtureRequest, browser: Browser, file: Path) -> Iterator[Opened]:
    width = {"tablet": 760, "phone": 390, "dark phone": 390}.get(request.param, 1280)
    scheme = "dark" if "dark" in request.param else "light"
    one = _open(browser, file, width, color_scheme=scheme)
    yield one
    one.page.context.close()


def test_nothing_is_requested_and_nothing_complains(opened: Opened, file: Path) -> None:
    assert [one for one in opened.asked if not one.startswith("data:")] == [file.as_uri()]
    assert opened.said == []


def test_text_stands_out_from_its_ground(opened: Opened) -> None:
    assert opened.run(CONTRAST) == []


def test_the_page_does_not_scroll_sideways(opened: Opened) -> None:
    assert opened.run("document.documentElement.scrollWidth - innerWidth") <= 0


def test_no_text_is_smaller_than_the_floor(opened: Opened) -> None:
    assert opened.run(SMALLEST) >= 12.5


def test_nothing_lies_over_anything(opened: Opened) -> None:
    assert opened.run(OVERLAPS) == []


def test_opened_details_do_not_widen_the_page(opened: Opened) -> None:
    opened.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert opened.run("document.documentElement.scrollWidth - innerWidth") <= 0
    assert opened.run(CONTRAST) == []


def test_a_listing_is_folded_on_screen_and_open_in_print(browser: Browser, file: Path) -> None:
    opened = _open(browser, file, 1280)
    last = opened.page.locator("#listing-1 tbody tr").last
    assert not last.is_visible()
    opened.page.locator("#listing-1 summary").click()
    assert last.is_visible()
    opened.page.locator("#listing-1 summary").click()
    assert not last.is_visible()
    opened.page.emulate_media(media="print")
    assert last.is_visible()
    box, area = last.bounding_box(), opened.page.locator("#listings").bounding_box()
    assert box is not None
    assert area is not None
    assert box["y"] + box["height"] <= area["y"] + area["height"]


def test_the_contents_can_be_walked(browser: Browser, file: Path) -> None:
    opened = _open(browser, file, 1280)
    links = opened.page.locator("nav.contents a")
    assert links.count() > 10
    for position in range(links.count()):
        link = links.nth(position)
        target = str(link.get_attribute("href"))
        link.click()
        top = opened.page.locator(target).bounding_box()
        assert top is not None
        at_end = opened.run("innerHeight + scrollY >= document.documentElement.scrollHeight - 2")
        assert abs(top["y"] - 16) < 40 or at_end, target
    assert opened.said == []


def test_the_current_section_is_marked(browser: Browser, file: Path) -> None:
    opened = _open(browser, file, 1280)
    bold = (
        "[...document.querySelectorAll('nav.contents a')]"
        ".filter(a => getComputedStyle(a).fontWeight === '600').map(a => a.textContent)"
    )
    assert opened.run(bold) == ["Key results"]
    opened.page.click("nav.contents a[href='#efficacy']")
    assert opened.run(bold) == ["Efficacy"]


def test_a_phone_folds_the_contents_and_shows_the_narrow_figure(
    browser: Browser, file: Path
) -> None:
    opened = _open(browser, file, 390)
    assert not opened.page.locator("nav.contents").is_visible()
    assert opened.page.locator("details.fold").is_visible()
    assert opened.page.locator(".drawing.narrow svg").is_visible()
    assert not opened.page.locator(".drawing.wide svg").is_visible()
    opened.page.click("details.fold summary")
    opened.page.click("details.fold a[href='#safety']")
    heights = opened.run(
        "[...document.querySelectorAll('details.fold a, details.fold summary, .links summary, "
        ".links a, .theme label')].map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44
    cards = opened.run(
        "[...document.querySelectorAll('.card')].map(one => one.getBoundingClientRect().left)"
    )
    assert len(set(cards)) == 1


def test_a_wide_table_keeps_its_first_column_on_a_phone(browser: Browser, file: Path) -> None:
    opened = _open(browser, file, 390)
    region = opened.page.locator("div.scroll:has(table.columns-6)")
    label = region.locator("tbody th[scope=row]").nth(2)
    before = label.bounding_box()
    region.evaluate("one => { one.scrollLeft = 200 }")
    assert region.evaluate("one => one.scrollLeft") > 100
    after = label.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["x"] - after["x"]) < 1


def test_the_switch_overrides_the_system(browser: Browser, file: Path) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(255, 255, 255)", "rgb(18, 21, 31)"
    opened = _open(browser, file, 1280, color_scheme="dark")
    assert opened.run(ground) == dark
    opened.page.check("#theme-light", force=True)
    assert opened.run(ground) == light
    opened.page.check("#theme-dark", force=True)
    assert opened.run(ground) == dark
    opened.page.emulate_media(media="print")
    assert opened.run(ground) == light


def test_focus_and_hover_show_the_row_and_print_does_not(browser: Browser, file: Path) -> None:
    opened = _open(browser, file, 1280)
    number = opened.page.locator("[data-row]").first
    shown = "one => getComputedStyle(one, '::after').content"
    assert number.evaluate(shown) == "none"
    number.focus()
    assert "ALTER-0802/simulated/" in number.evaluate(shown)
    opened.page.emulate_media(media="print")
    assert number.evaluate(shown) == "none"


def test_the_keyboard_reaches_the_results_first(browser: Browser, file: Path) -> None:
    opened = _open(browser, file, 1280)
    opened.page.keyboard.press("Tab")
    assert opened.run("document.activeElement.textContent") == "Skip to the key results"
    assert opened.run("document.activeElement.getBoundingClientRect().top") >= 0
    outline = opened.run("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_print_leaves_out_what_paper_cannot_do(browser: Browser, file: Path) -> None:
    opened = _open(browser, file, 1280)
    opened.page.emulate_media(media="print")
    for what in ("nav.contents", "details.fold", ".links", ".theme", ".drawing.narrow"):
        assert not opened.page.locator(what).first.is_visible(), what
    assert opened.page.locator(".status").is_visible()
    opened.page.set_viewport_size({"width": 672, "height": 980})  # A4 within its margins
    assert opened.run("document.documentElement.scrollWidth - innerWidth") <= 0
    pdf = opened.page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 20_000


def test_long_names_and_a_failure_fit_a_phone(browser: Browser, tmp_path: Path) -> None:
    plan = protocol()
    rows = failed("response", "The column AVALC is not in ADRS. " * 3)
    long = "Pembrolizumab-and-lenvatinib-after-transarterial-chemoembolisation"
    study = plan.study.model_copy(update={"title": long, "id": long})
    shown = report_content(
        plan.model_copy(update={"study": study}),
        rows,
        {"overall-survival": figure(results())},
        provenance(),
    )
    path = tmp_path / "report.html"
    path.write_text(report_html(shown), encoding="utf-8")
    opened = _open(browser, path, 390)
    assert opened.run("document.documentElement.scrollWidth - innerWidth") <= 0
    assert opened.page.locator("[role=alert]").is_visible()
