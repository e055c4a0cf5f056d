"""A letter from the mailbox to the portal and back: published, seen, revoked, and nowhere left."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mailbox_api import start
from mailbox_api.letter import NOTICE_VERSION, Submission
from mailbox_api.service import clerk, intake, office, publishing
from mailbox_api.service.parts import Mailbox
from mailbox_api.setup import open_mailbox
from mailbox_api.store import limits, people
from portal.published import Shopwindow
from portal.shell import closed_mailbox
from portal.web import create_app

PORTAL = Path(sys.executable).with_name("portal")
LETTER = {
    "title": "北辰路站台夜间没有灯",
    "body": "北辰路公交站台晚上没有灯，等车看不清站牌。",
    "reply": "已经派人检修站台照明。",
}
OTHER = {
    "title": "东三环出口指示牌看不清",
    "body": "出口前的指示牌被树挡住，请修剪。",
    "reply": "树枝已经修剪，指示牌清楚了。",
}


def portal(cwd: Path, *words: str) -> str:
    said = subprocess.run([PORTAL, *words], cwd=cwd, capture_output=True, text=True, env=os.environ)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


@pytest.fixture
def mailbox(small_site: Path) -> Iterator[Mailbox]:
    list(start.first_start(small_site, login="admin", name="管理员", mobile="", demo_mobile="13800000000"))
    mailbox = open_mailbox(small_site)
    for login, roles in (("worker", ["registrar", "handler"]), ("judge", ["reviewer", "publisher"])):
        office.add_staff(
            mailbox, "console", login=login, name=login, roles=roles, department="", mobile="", wechat=login
        )
    with closing(mailbox.database):
        yield mailbox


def approved(mailbox: Mailbox, copies: dict[str, str], mobile: str) -> str:
    """A letter whose copy waits for `publish-replies`; gives its number."""
    permit = f"permit-of-{mobile}"
    with mailbox.database.write() as connection:
        limits.add_permit(
            connection,
            token_hmac=mailbox.keys.digest("permit", permit),
            mobile_ct=mailbox.keys.seal(mobile, f"permit|{permit}"),
            mobile_bi=mailbox.keys.blind(mobile),
            purpose="letter",
            expires_at=mailbox.clock().replace(year=2100),
        )
        crew = {one.login: one for one in people.everyone(connection, mailbox.keys)}
    worker, judge = crew["worker"], crew["judge"]
    submission = Submission(
        name="张三丰", title=copies["title"], content=copies["body"], category="建议", publish_consent=True,
        notice_version=NOTICE_VERSION,
    )  # fmt: skip
    number = intake.submit(mailbox, submission, permit, f"key-{mobile}").number
    letter = clerk.accept(mailbox, worker, number, 1, "ysgl")
    letter = clerk.submit_draft(mailbox, worker, number, letter.version, copies["reply"])
    if mailbox.rules.four_eyes:
        clerk.approve(mailbox, judge, number, letter.version)
    publishing.propose(mailbox, worker, number, copies)
    publishing.approve(mailbox, judge, number, "")
    return number


def holding(folder: Path, text: str) -> list[str]:
    """Files below the folder in which the text can be read."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and text.encode() in path.read_bytes()
    )


def found(site: TestClient, words: str) -> list[str]:
    return [row["title"] for row in site.get("/api/v1/search", params={"q": words}).json()["results"]]


def test_a_revoked_letter_is_nowhere_and_no_rollback_brings_it_back(
    small_site: Path, mailbox: Mailbox
) -> None:
    root = small_site
    number = approved(mailbox, LETTER, "13900000001")
    approved(mailbox, OTHER, "13900000002")
    files = portal(root, "mailbox", "publish-replies").split()
    portal(root, "publish")
    first = (root / "releases/current").readlink()
    with (root / "content/xwzx/jtyw/2026/20261123-001.md").open("a", encoding="utf-8") as file:
        file.write("\n又添了一段。\n")
    portal(root, "publish")
    article = next(root / file for file in files if LETTER["title"] in (root / file).read_text("utf-8"))
    place = article.relative_to(root / "content")
    url = f"/{place.with_name(place.name.replace('-letter.md', '.html'))}"

    with TestClient(create_app(root, closed_mailbox(Shopwindow(root)))) as site:
        shown = site.get(url).text
        assert all(text in shown for text in LETTER.values())
        assert found(site, "北辰路站台") == [f"{LETTER['title']}（选登）"]

        with mailbox.database.read() as connection:
            judge = people.find(connection, mailbox.keys, "judge")
        assert judge is not None
        publishing.revoke(mailbox, judge, number, "来信人要求")
        assert portal(root, "mailbox", "publish-replies").split() == [str(article.relative_to(root))]

        assert site.get(url).status_code == 410
        assert found(site, "北辰路站台") == []
        assert found(site, "东三环出口") == [f"{OTHER['title']}（选登）"]
    for text in LETTER.values():
        assert holding(root / "releases", text) == []
        assert holding(root / "content", text) == []
    assert len(holding(root / "releases", OTHER["reply"])) == 2  # the pages of the other letter stay

    portal(root, "publish")
    portal(root, "rollback", str(first))
    for text in LETTER.values():
        assert holding(root / "releases", text) == []
        assert holding(root / "build/site", text) == []
