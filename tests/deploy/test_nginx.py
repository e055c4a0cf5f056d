"""A real nginx with the configuration we ship, over a release and the portal's process."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from portal import nginx_maps, web

ROOT = Path(__file__).parents[2]
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
PAGES = {
    "index.html": "首页" * 400,
    "404.html": "没有找到",
    "xwzx/1.html": "新闻",
    "xwzx/2.html": "本页已撤下",
    "old/1.html": "旧地址的跳转页",
    "files/申请 表.txt": "附件",
    "static/site.0a1b2c3d4e.css": "body{}" * 200,
}
MANIFEST = {
    "redirects": [
        {"from": "/old/1.html", "to": "/xwzx/1.html"},
        {"from": "/旧/一.html", "to": "/files/申请 表.txt"},
    ],
    "pages": [{"url": "/xwzx/2.html", "kind": "gone"}, {"url": "/xwzx/1.html", "kind": "article"}],
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(folder: Path) -> None:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(key.private_bytes(*pem))


def release(folder: Path) -> None:
    for name, text in PAGES.items():
        path = folder / "one/site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    nginx_maps.write(folder / "one", MANIFEST)
    (folder / "current").symlink_to("one")


async def echo(request: Request) -> PlainTextResponse:
    said = f"{request.method} {request.url.path} {request.headers.get('x-forwarded-for')} {request.headers['host']}"
    times = 40 if "long" in request.query_params else 1
    return PlainTextResponse(said * times, headers={"X-Content-Type-Options": "nosniff"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def site(folder: Path, serve_app: Callable[..., AbstractContextManager[str]]) -> Iterator[httpx.Client]:
    plain, secure = free_port(), free_port()
    release(folder / "releases")
    certificate(folder)
    with serve_app(Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])) as process:
        shipped = (ROOT / "deploy/nginx/portal.conf").read_text("utf-8")
        ours = re.sub(r"\n\s*listen \[::\].*", "", shipped)
        for there, here in {
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
            "127.0.0.1:8000": process.removeprefix("http://"),
            "/srv/portal/releases": f"{folder}/releases",
            "/srv/portal/deploy": f"{ROOT}/deploy",
            "/etc/ssl/portal": f"{folder}",
        }.items():
            assert there in ours
            ours = ours.replace(there, here)
        temporary = "".join(
            f"{name}_temp_path {folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"user root; daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;"
            f"events {{}} http {{ include /etc/nginx/mime.types; access_log off; {temporary}\n{ours}\n}}",
            "utf-8",
        )
        command = [NGINX, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
        tested = subprocess.run([*command, "-t"], capture_output=True, text=True)
        assert tested.returncode == 0, tested.stderr
        assert "warn" not in tested.stderr
        with subprocess.Popen(command) as server:
            base = f"https://127.0.0.1:{secure}"
            client = httpx.Client(base_url=base, verify=False, headers={"Host": "jtysj.km.gov.cn"})
            client.plain = f"http://127.0.0.1:{plain}"  # type: ignore[attr-defined]
            wait_for(secure)
            yield client
            client.close()
            server.terminate()


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(port)


@pytest.mark.parametrize(
    ("path", "status", "text", "where"),
    [
        ("/", 200, PAGES["index.html"], None),
        ("/xwzx/1.html", 200, "新闻", None),
        ("/nothing.html", 404, "没有找到", None),
        ("/xwzx/2.html", 410, "本页已撤下", None),
        ("/old/1.html", 301, None, "/xwzx/1.html"),
        ("/%E6%97%A7/%E4%B8%80.html", 301, None, "/files/%E7%94%B3%E8%AF%B7%20%E8%A1%A8.txt"),
        ("/files/%E7%94%B3%E8%AF%B7%20%E8%A1%A8.txt", 200, "附件", None),
        ("/xwzx", 301, None, "/xwzx/"),
        ("/redirects.map", 404, "没有找到", None),
        ("/../release.json", 404, "没有找到", None),
    ],
)
def test_each_address_is_answered(
    site: httpx.Client, path: str, status: int, text: str | None, where: str | None
) -> None:
    answer = site.get(path)

    assert (answer.status_code, answer.headers.get("location")) == (status, where)
    if text is not None:
        answer.encoding = "utf-8"
        assert answer.text == text


def test_headers_are_those_of_the_portals_own_server(site: httpx.Client) -> None:
    for path in ("/", "/nothing.html", "/xwzx/2.html", "/old/1.html", "/static/site.0a1b2c3d4e.css"):
        headers = site.get(path).headers
        for name, value in web.SECURITY_HEADERS.items():
            assert headers.get_list(name) == [value], f"{path} {name}"
        assert headers["strict-transport-security"].startswith("max-age=31536000")
        assert headers["server"] == "nginx"


def test_files_named_by_their_content_are_kept_and_pages_are_asked_again(site: httpx.Client) -> None:
    style, page = site.get("/static/site.0a1b2c3d4e.css"), site.get("/xwzx/1.html")

    assert "immutable" in style.headers["cache-control"]
    assert page.headers["cache-control"] == "no-cache"
    assert site.get("/xwzx/1.html", headers={"If-None-Match": page.headers["etag"]}).status_code == 304
    assert site.get("/", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


def test_pages_with_secrets_are_never_compressed(site: httpx.Client) -> None:
    """The length of a compressed page tells the secrets in it (BREACH)."""
    packed = {
        path: "content-encoding" in site.get(f"{path}?long=1", headers={"Accept-Encoding": "gzip"}).headers
        for path in ("/search", "/mailbox/query", "/staff/", "/api/v1/letters/query", "/internal/v1/stats")
    }

    assert [path for path, is_packed in packed.items() if is_packed] == ["/search"]


def test_what_must_answer_live_goes_to_the_process(site: httpx.Client) -> None:
    for path in ("/search", "/api/v1/search", "/mailbox/new", "/staff/", "/healthz"):
        assert site.get(path).text == f"GET {path} 127.0.0.1 jtysj.km.gov.cn"
    forged = site.get("/mailbox/new", headers={"X-Forwarded-For": "6.6.6.6"})
    assert " 127.0.0.1 " in forged.text


def test_plain_http_leads_to_https(site: httpx.Client) -> None:
    answer = httpx.get(f"{site.plain}/xwzx/?a=1", headers={"Host": "jtysj.km.gov.cn"})  # type: ignore[attr-defined]

    assert (answer.status_code, answer.headers["location"]) == (301, "https://jtysj.km.gov.cn/xwzx/?a=1")


def test_a_switch_shows_at_once(site: httpx.Client, folder: Path) -> None:
    other = folder / "releases/two"
    shutil.copytree(folder / "releases/one", other)
    (other / "site/xwzx/1.html").write_text("新的新闻", "utf-8")
    (folder / "releases/.next").symlink_to("two")
    (folder / "releases/.next").rename(folder / "releases/current")

    answer = site.get("/xwzx/1.html")
    answer.encoding = "utf-8"
    assert answer.text == "新的新闻"


def test_too_many_letters_are_slowed_down_and_told_so(site: httpx.Client) -> None:
    answers = [site.post("/mailbox/new") for _ in range(40)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert refused
    assert "请稍后再试" in refused[0].content.decode()
    assert site.get("/mailbox/new").status_code == 200
