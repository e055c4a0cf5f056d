"""The QR code that the page draws is read as a telephone reads it: from the picture."""

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

LONG = "https://jtysj.km.gov.cn/zwgk/tzgg/2026/20261120-001.html?" + "a1b2" * 60


def read(page: Page, selector: str) -> str:
    picture = Image.open(io.BytesIO(page.locator(selector).screenshot()))
    found = zxingcpp.read_barcode(picture)
    return found.text if found else ""


def test_the_code_of_an_article_holds_its_address(desk: Page, specimens) -> None:  # type: ignore[no-untyped-def]
    desk.goto(specimens.templates["specimen"])
    button = desk.get_by_role("button", name="二维码")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert read(desk, "#qr") == desk.locator("link[rel=canonical]").get_attribute("href")

    button.click()
    expect(desk.locator("#qr")).to_be_hidden()


def test_every_size_of_code_can_be_read(desk: Page) -> None:
    """Lengths around the limits of versions 1 to 10."""
    desk.goto("/sitemap.html")
    lengths = (1, 14, 15, 26, 27, 42, 62, 63, 84, 106, 107, 122, 152, 153, 180, 213)
    desk.evaluate("document.body.innerHTML = '<div id=code class=qr></div>'")
    for length in lengths:
        desk.evaluate(
            "text => document.querySelector('#code').replaceChildren(portalQr(text))", LONG[:length]
        )
        assert read(desk, "#code") == LONG[:length], length


def test_an_address_too_long_for_a_code_is_told(desk: Page) -> None:
    desk.goto("/sitemap.html")

    assert desk.evaluate("portalQr('a'.repeat(214))") is None
