"""Light and steady: what a page weighs, that nothing moves while it loads, that it asks nobody else."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Response

pytestmark = pytest.mark.browser

WATCH = """window.shifts = 0; window.largest = '';
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) shifts += e.value; })
  .observe({type: 'layout-shift', buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) largest = e.element ? e.element.outerHTML : ''; })
  .observe({type: 'largest-contentful-paint', buffered: true});"""


def load(page: Page, path: str) -> list[Response]:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.add_init_script(WATCH)
    page.goto(path, wait_until="load")
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
    return answers


@pytest.mark.parametrize("template", ["policy", "guide", "specimen"])
def test_an_article_is_light_without_its_pictures(phone: Page, specimens: Any, template: str) -> None:
    """60 kB of transfer, the limit of the portal's brief for phones on slow lines."""
    answers = load(phone, specimens.templates[template])
    weights = {answer.url: answer.request.sizes()["responseBodySize"] for answer in answers}
    pictures = {url for url in weights if "/images/" in url}

    assert sum(size for url, size in weights.items() if url not in pictures) <= 60_000
    assert sum(url.endswith(".css") for url in weights) == 1
    assert sum(url.endswith(".js") for url in weights) == 1


@pytest.mark.parametrize("device", ["phone", "desk"])
@pytest.mark.parametrize("template", ["home", "list", "gallery", "policy", "guide", "specimen"])
def test_nothing_moves_while_a_page_loads(
    request: pytest.FixtureRequest, specimens: Any, device: str, template: str
) -> None:
    page: Page = request.getfixturevalue(device)
    load(page, specimens.templates[template])
    largest = page.evaluate("largest")

    assert page.evaluate("shifts") == 0
    assert "<img" not in largest or ("width=" in largest and "height=" in largest)


@pytest.mark.parametrize("template", ["home", "gallery", "specimen", "form"])
def test_a_page_asks_only_its_own_host_and_breaks_no_policy(
    desk: Page, specimens: Any, template: str
) -> None:
    said: list[str] = []
    desk.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    desk.on("pageerror", lambda error: said.append(str(error)))
    answers = load(desk, specimens.templates[template])

    assert [answer.url for answer in answers if not answer.url.startswith(specimens.url)] == []
    assert [answer.url for answer in answers if answer.status >= 400] == []
    assert said == []


def test_every_picture_has_its_size_and_a_description(desk: Page, specimens: Any) -> None:
    for template in ("home", "gallery", "specimen", "policy"):
        desk.goto(specimens.templates[template])
        bare = desk.evaluate(
            "[...document.images].filter(e => !(e.width && e.getAttribute('width') && e.getAttribute('height')"
            " && e.hasAttribute('alt'))).map(e => e.outerHTML)"
        )

        assert bare == [], template


def test_a_phone_fetches_the_small_copies_of_photographs(phone: Page, specimens: Any) -> None:
    for template in ("home", "gallery"):
        fetched = [
            answer.url for answer in load(phone, specimens.templates[template]) if "/images/" in answer.url
        ]

        assert fetched, template
        assert [url for url in fetched if not re.search(r"-(480|960)\.[0-9a-f]{10}\.webp$", url)] == [], (
            template
        )
