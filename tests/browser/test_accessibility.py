"""Every template, in every view: axe-core finds nothing, targets are large, nothing scrolls sideways."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TEMPLATES = (
    "home", "overview", "list", "cards", "gallery", "documents", "guides", "mailbox",
    "policy", "guide", "specimen", "page", "sitemap", "error", "gone", "form",
)  # fmt: skip
VIEWS = ("normal", "elder", "contrast", "grey", "print")
# what a colour becomes under filter: grayscale(1), which axe does not look at
GREY_TOKENS = """() => {
  const root = document.documentElement, probe = document.createElement("i");
  document.body.append(probe);
  for (const sheet of document.styleSheets) for (const rule of sheet.cssRules) {
    if (rule.selectorText !== ":root") continue;
    for (const name of rule.style) {
      if (!/^#/.test(rule.style.getPropertyValue(name).trim())) continue;
      probe.style.color = rule.style.getPropertyValue(name);
      const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
      const grey = Math.round(0.2126 * r + 0.7152 * g + 0.0722 * b);
      root.style.setProperty(name, `rgb(${grey} ${grey} ${grey})`);
    }
  }
  probe.remove();
}"""
VIEW = """(view) => { const data = document.documentElement.dataset;
  delete data.view; delete data.contrast;
  if (view === "elder") data.view = "elder";
  if (view === "contrast") data.contrast = "high"; }"""
# links within running text are exempt (WCAG 2.5.8, inline)
NOT_TOUCHABLE = """(least) => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches('.skip-link'))
  .filter(e => !(e.closest('.prose, p, dd, td, th, .guide > ul') && e.matches('a:not(.button)')))
  .map(e => [e, (e.closest('label') || e).getBoundingClientRect()])
  .filter(([e, box]) => box.width && (box.height < least - 0.5 || box.width < 43.5))
  .map(([e, box]) => `${e.outerHTML.slice(0, 90)} ${box.width.toFixed(1)}×${box.height.toFixed(1)}`)"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def show(page: Page, view: str) -> None:
    page.emulate_media(media="print" if view == "print" else "screen", reduced_motion="reduce")
    page.evaluate(VIEW, view)
    if view == "grey":
        page.evaluate(GREY_TOKENS)


def violations(page: Page, view: str = "normal") -> list[str]:
    """High contrast and grey change nothing but colours."""
    only: Any = {"type": "tag", "values": TAGS}
    if view in ("contrast", "grey"):
        only = {"type": "rule", "values": ["color-contrast"]}
    options: Any = {"runOnly": only, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{row['id']}: {node['html'][:160]}" for row in found for node in row["nodes"]]


@pytest.mark.parametrize("template", TEMPLATES)
def test_axe_finds_nothing_in_any_view(desk: Page, specimens: Any, template: str) -> None:
    desk.goto(specimens.templates[template])
    found = {}
    for view in VIEWS:
        show(desk, view)
        if rows := violations(desk, view):
            found[view] = rows

    assert found == {}


@pytest.mark.parametrize("template", TEMPLATES)
def test_targets_are_large_and_nothing_scrolls_sideways(phone: Page, specimens: Any, template: str) -> None:
    """320 px, 640 px (a window of 1280 px at 200 % zoom) and 1280 px."""
    phone.goto(specimens.templates[template])
    wrong = []
    for view, least in (("normal", 44), ("elder", 60)):
        show(phone, view)
        for width in (320, 640, 1280):
            phone.set_viewport_size({"width": width, "height": 800})
            wrong += [f"{view} {width}: {row}" for row in phone.evaluate(NOT_TOUCHABLE, least)]
            if (over := phone.evaluate(OVERFLOW)) > 0:
                wrong.append(f"{view} {width}: 超出 {over} px")

    assert wrong == []


def test_the_phone_with_its_menu_and_tools_open_is_accessible(phone: Page) -> None:
    phone.goto("/sitemap.html")
    for box in (".menu-all", ".tools", ".official"):
        phone.locator(f"{box} > summary").click()
        assert violations(phone) == [], box
        phone.keyboard.press("Escape")
