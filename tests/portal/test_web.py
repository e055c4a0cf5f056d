"""The one web process, asked as a browser asks it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from portal.published import Shopwindow
from portal.releases import Shelf, mirror
from portal.shell import closed_mailbox
from portal.web import create_app

PAGES = {
    "index.html": "首页",
    "404.html": "没有找到这个页面",
    "xwzx/index.html": "新闻中心" * 400,
    "xwzx/2026/1.html": "<h1>一号线</h1>",
    "xwzx/2026/2.html": "<h1>本页已撤下</h1>",
    "theme/portal.0a1b2c3d.css": "body{}",
    "files/办事指南.txt": "材料",
}


@pytest.fixture
def root(make_build) -> Path:  # type: ignore[no-untyped-def]
    return make_build(
        PAGES,
        redirects=({"from": "/old/1.html", "to": "/xwzx/2026/1.html"},),
        kinds={"xwzx/2026/2.html": "gone"},
    )


@pytest.fixture
def client(root: Path) -> Iterator[TestClient]:
    with TestClient(create_app(root, closed_mailbox(Shopwindow(root))), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "type_"),
    [
        ("/", 200, "text/html; charset=utf-8"),
        ("/xwzx/", 200, "text/html; charset=utf-8"),
        ("/xwzx/2026/1.html", 200, "text/html; charset=utf-8"),
        ("/theme/portal.0a1b2c3d.css", 200, "text/css; charset=utf-8"),
        ("/files/%E5%8A%9E%E4%BA%8B%E6%8C%87%E5%8D%97.txt", 200, "text/plain; charset=utf-8"),
        ("/xwzx/2026/2.html", 410, "text/html; charset=utf-8"),
        ("/nothing.html", 404, "text/html; charset=utf-8"),
        ("/xwzx/%2e%2e/%2e%2e/manifest.json", 404, "text/html; charset=utf-8"),
        ("/..%2fmanifest.json", 404, "text/html; charset=utf-8"),
        ("//etc/passwd", 404, "text/html; charset=utf-8"),
        ("/x%00.html", 404, "text/html; charset=utf-8"),
        ("/" + "长" * 300, 404, "text/html; charset=utf-8"),
    ],
)
def test_each_path_gets_its_page(client: TestClient, path: str, status: int, type_: str) -> None:
    response = client.get(path)

    assert (response.status_code, response.headers["content-type"]) == (status, type_)
    if status == 404:
        assert response.text == "没有找到这个页面"


def test_old_addresses_and_folders_lead_on(client: TestClient) -> None:
    moved, folder = client.get("/old/1.html"), client.get("/xwzx")

    assert (moved.status_code, moved.headers["location"]) == (301, "/xwzx/2026/1.html")
    assert (folder.status_code, folder.headers["location"]) == (301, "/xwzx/")


def test_a_page_the_browser_has_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/xwzx/")
    second = client.get("/xwzx/", headers={"If-None-Match": first.headers["etag"]})
    third = client.get("/xwzx/", headers={"If-Modified-Since": first.headers["last-modified"]})

    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    assert [second.status_code, third.status_code] == [304, 304]
    assert second.text == ""


def test_hashed_files_are_kept_for_good(client: TestClient) -> None:
    assert "immutable" in client.get("/theme/portal.0a1b2c3d.css").headers["cache-control"]


def test_long_pages_travel_compressed(client: TestClient) -> None:
    response = client.get("/xwzx/", headers={"Accept-Encoding": "gzip"})

    assert response.headers["content-encoding"] == "gzip"
    assert response.text == PAGES["xwzx/index.html"]


@pytest.mark.parametrize("path", ["/mailbox/query", "/staff/letters", "/api/v1/letters/query"])
def test_pages_with_secrets_are_never_compressed(root: Path, path: str) -> None:
    """The length of a compressed page tells the secrets in it (BREACH)."""

    async def tell(_request: Request) -> Response:
        return PlainTextResponse("查询码" * 400)

    with TestClient(create_app(root, Starlette(routes=[Route(path, tell)]))) as client:
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})

    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/nothing.html", "/old/1.html", "/mailbox/new"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_can_only_be_read(client: TestClient) -> None:
    response = client.post("/xwzx/")

    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
    assert client.head("/xwzx/").status_code == 200


def test_a_switch_shows_without_restart(client: TestClient, root: Path) -> None:
    shelf = Shelf(root / "releases")
    assert client.get("/").text == "首页"

    for text in ("第一版", "第二版"):
        (root / "build/site/index.html").unlink()
        (root / "build/site/index.html").write_text(text, "utf-8")
        with shelf.lock():
            staged = shelf.stage(10)
            mirror(root / "build/site", staged / "site")
            shelf.switch(shelf.add(staged, datetime(2026, 11, 25, 9, 0, tzinfo=UTC)))
        assert client.get("/").text == text


def test_a_mailbox_not_set_up_says_how_to_start_it(client: TestClient) -> None:
    page, problem = client.get("/mailbox/new"), client.post("/api/v1/letters", json={})

    assert page.status_code == 503
    assert "portal mailbox init" in page.text
    assert "<title>领导信箱尚未开通</title>" in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert client.get("/healthz").json() == {"status": "ok"}
