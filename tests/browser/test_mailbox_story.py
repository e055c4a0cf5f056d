"""The mailbox in Chromium on a phone-sized screen, inside the real portal: write, answer, read."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from mailbox_api import start
from portal.published import Shopwindow
from portal.shell import mailbox_for
from portal.web import create_app

PROJECT = Path(__file__).parents[2]
PHONE = {"width": 320, "height": 640}
ANSWER = "已经派人检修，今晚亮灯。谢谢您的来信！"

pytestmark = pytest.mark.browser


class Office:
    def __init__(self, root: Path, url: str, password: str) -> None:
        self.root, self.url, self.password = root, url, password

    def sms_code(self, mobile: str) -> str:
        path = self.root / "var/outbox/messages.jsonl"
        for _ in range(200):
            lines = (
                [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
            )
            codes = [
                line["vars"]["code"] for line in lines if line["template"] == "otp" and line["to"] == mobile
            ]
            if codes:
                return str(codes[-1])
            time.sleep(0.05)
        raise AssertionError("no code was sent")


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory,
    built_portal: Path,
    serve_app: Callable[..., AbstractContextManager[str]],
) -> Iterator[Office]:
    root = tmp_path_factory.mktemp("office")
    (root / "site.toml").write_text((PROJECT / "site.toml").read_text("utf-8"), "utf-8")
    (root / "build").symlink_to(built_portal / "build")
    told = "".join(
        start.first_start(root, login="admin", name="管理员", mobile="", demo_mobile="13800000000")
    )
    password = re.search(r"口令 (\S+)（", told)[1]  # type: ignore[index]
    app = create_app(root, mailbox_for(Shopwindow(root), root, "127.0.0.1", demo=False))
    with serve_app(app) as url:
        yield Office(root, url, password)


@pytest.fixture
def screen(browser: Browser, office: Office) -> Iterator[Callable[..., Page]]:
    """`screen()` opens a page on a phone; any script error or refused file fails the test."""
    contexts: list[Any] = []
    trouble: list[str] = []

    def open_(**more: Any) -> Page:
        context = browser.new_context(base_url=office.url, viewport=PHONE, locale="zh-CN", **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on(
            "console", lambda said: trouble.append(said.text) if "Content Security" in said.text else None
        )
        return page

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []


def sound(page: Page) -> None:
    """No axe violation, no sideways scrolling at 320 pixels."""
    result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def fill(page: Page) -> None:
    page.get_by_label("姓名").fill("张三丰")
    page.get_by_label("咨询").check()
    page.get_by_label("标题").fill("公交站台夜间照明")
    page.get_by_label("留言内容").fill("北京路公交站台晚上没有灯，等车看不清站牌，请派人看看。")
    page.get_by_label("我已阅读来信须知和个人信息处理规则").check()


def test_the_whole_story(screen: Callable[..., Page], office: Office) -> None:
    mobile, page = "13912345678", screen()
    page.goto("/hdjl/ldxx/")
    page.locator('a[href^="/mailbox/new"]').first.click()
    sound(page)

    page.get_by_role("button", name="提交来信").click()
    for name in ("姓名", "标题", "留言内容", "手机号"):
        expect(page.get_by_role("alert")).to_contain_text(f"请填写{name}")
    sound(page)

    fill(page)
    page.reload()  # the draft is kept in the browser
    expect(page.get_by_label("标题")).to_have_value("公交站台夜间照明")
    page.get_by_label("我已阅读来信须知和个人信息处理规则").check()
    page.get_by_label("手机号").fill(mobile)
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_text("验证码已发送")).to_be_visible(timeout=20_000)
    page.get_by_label("短信验证码").fill(office.sms_code(mobile))
    page.get_by_role("button", name="提交来信").click()
    expect(page.get_by_role("heading", name="来信已收到")).to_be_visible()
    code = page.locator("[data-query-code]").inner_text()
    sound(page)

    answer_in_the_back_office(screen(), office)

    page.get_by_role("link", name="去查询").click()
    sound(page)
    page.get_by_label("查询码").fill(code.lower())
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.locator(".reply-body").first).to_have_text(ANSWER)
    expect(page.locator("[data-status=replied]")).to_be_visible()
    sound(page)
    page.get_by_label("满意", exact=True).check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("您的评价：满意")).to_be_visible()


def answer_in_the_back_office(page: Page, office: Office) -> None:
    page.goto("/staff/")
    sound(page)
    page.get_by_label("登录名").fill("admin")
    page.get_by_label("口令", exact=True).fill(office.password)
    page.get_by_role("button", name="登录").click()
    sound(page)
    page.get_by_role("link", name=re.compile(r"\d{4}-\d{6}")).first.click()
    page.locator("#accept-department").select_option("ysgl")
    page.get_by_role("button", name="受理并分办").click()
    sound(page)
    page.get_by_label("答复内容").fill(ANSWER)
    page.get_by_role("button", name="发出答复").click()
    expect(page.get_by_text("已答复").first).to_be_visible()


PAGES = ("letters", "notices", "roster", "years", "people", "statistics", "audit", "own")


def test_every_page_of_the_back_office_is_sound(screen: Callable[..., Page], office: Office) -> None:
    page = screen()
    page.goto("/staff/login")
    page.get_by_label("登录名").fill("admin")
    page.get_by_label("口令", exact=True).fill(office.password)
    page.get_by_role("button", name="登录").click()
    for name in PAGES:
        page.goto(f"/staff/{name}")
        sound(page)
    page.get_by_role("button", name="启用动态口令").click()
    sound(page)


def test_without_javascript_and_by_keyboard(screen: Callable[..., Page], office: Office) -> None:
    mobile, page = "13912345679", screen(java_script_enabled=False)
    page.goto("/mailbox/new")
    fill(page)
    page.get_by_label("手机号").fill(mobile)
    time.sleep(5)  # nobody fills the form faster
    page.get_by_role("button", name="获取验证码").press("Enter")
    expect(page.get_by_text("验证码已发送")).to_be_visible()
    expect(page.get_by_label("标题")).to_have_value("公交站台夜间照明")
    page.get_by_label("短信验证码").fill(office.sms_code(mobile))
    page.get_by_role("button", name="提交来信").press("Enter")

    expect(page.get_by_role("heading", name="来信已收到")).to_be_visible()


def test_a_mistyped_query_code_is_seen_before_it_is_sent(screen: Callable[..., Page]) -> None:
    page = screen()
    page.goto("/mailbox/query")
    page.get_by_label("查询码").fill("0000-0000-00001")
    page.get_by_role("button", name="查询", exact=True).click()

    assert page.url.endswith("/mailbox/query")
    assert page.evaluate("document.querySelector('#code').validationMessage") == "查询码有误，请对照回执核对"
