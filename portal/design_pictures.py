"""Pictures for docs/design.md: every template at three widths and in the elder view, one sheet each.

`python -m portal.design_pictures` builds the site into a temporary folder, opens it in Chromium (needs what
`make test` installs) and writes docs/design/<template>.webp, and the picture of the README.
"""

import io
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from starlette.applications import Starlette

FOLDER = Path("docs/design")
README = Path("docs/screenshot.png")
ANSWERED = {"search": "/search?q=公交", "form": "/mailbox/new"}  # by a process, in the portal's dress
FORMS = Path("tests/browser/form.html")  # a page with everything that forms and staff pages use
CHROMIUM = "/usr/bin/chromium"
VIEWS = ((390, ""), (768, ""), (1280, ""), (390, "elder"))  # width, view
HEIGHT = 1700  # what is shown of a long page, in its own pixels
SCALE = 0.4
GAP = 12
GROUND = (122, 135, 150)


def one_of_each(root: Path) -> dict[str, str]:
    """An address for every template and list layout that a built site shows."""
    from bureau import channels

    manifest = json.loads((root / "build/manifest.json").read_text("utf-8"))
    layouts = {row.url: row.layout for row in channels.load(root / "content")}
    filled = {row["url"] for row in manifest["channels"] if row["articles"]}
    found: dict[str, str] = {}
    for page in manifest["pages"]:
        found.setdefault(_template(page, layouts, filled), page["url"])
    return found


def _template(page: Mapping[str, str], layouts: Mapping[str, str], filled: set[str]) -> str:
    kind = page["kind"]
    if kind == "channel":
        if page["url"] not in layouts:
            return "archive"
        return layouts[page["url"]] if page["url"] in filled else "empty"
    if kind == "article":
        return {"zwgk/zcwj": "policy", "bsfw/zn": "guide"}.get(page["channel"], "article")
    return kind


def sheet(pictures: list[Image.Image]) -> Image.Image:
    """The pictures side by side, cut at HEIGHT and made small."""
    small = [
        row.crop((0, 0, row.width, min(row.height, HEIGHT))).resize(
            (round(row.width * SCALE), round(min(row.height, HEIGHT) * SCALE)), Image.Resampling.LANCZOS
        )
        for row in pictures
    ]
    width = sum(row.width for row in small) + GAP * (len(small) + 1)
    whole = Image.new("RGB", (width, max(row.height for row in small) + 2 * GAP), GROUND)
    left = GAP
    for row in small:
        whole.paste(row, (left, GAP))
        left += row.width + GAP
    return whole


def main() -> None:
    """Write all sheets; a template that the content does not show is named."""
    from playwright.sync_api import sync_playwright

    from portal.build import build

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        root = Path(name)
        for shared in ("content", "site.toml"):
            (root / shared).symlink_to(Path(shared).resolve())
        build(Path(), output=root / "build")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
        )
        with served(_with_form(root)) as url:
            front(browser, url)
            for template, path in (one_of_each(root) | ANSWERED).items():
                whole = sheet([_picture(browser, url + path, *view) for view in VIEWS])
                whole.save(FOLDER / f"{template}.webp", quality=62, method=6)
                print(FOLDER / f"{template}.webp")
        browser.close()


def front(browser: "Browser", url: str) -> None:
    """The home page as it opens on a PC, for the README."""
    picture = _picture(browser, f"{url}/", 1280, "").crop((0, 0, 1280, 1500))
    picture.resize((960, 1125), Image.Resampling.LANCZOS).quantize(128).save(README, optimize=True)


def _picture(browser: "Browser", url: str, width: int, view: str) -> Image.Image:
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="zh-CN", reduced_motion="reduce")
    joined = "&" if "?" in url else "?"
    page.goto(f"{url}{joined}view={view}" if view else url, wait_until="networkidle")
    data = page.screenshot(full_page=True)
    page.close()
    return Image.open(io.BytesIO(data)).convert("RGB")


def _with_form(root: Path) -> "Starlette":
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    from portal.published import Shopwindow
    from portal.shell import dress
    from portal.web import create_app

    async def form(_request: Request) -> HTMLResponse:
        return HTMLResponse(dress(Shopwindow(root).now(), "我要写信", FORMS.read_text("utf-8")))

    return create_app(root, Starlette(routes=[Route("/mailbox/new", form)]))


@contextmanager
def served(app: "Starlette") -> Iterator[str]:
    """The application on a port of its own while the block runs; gives its address."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()
