"""The mailbox in Chromium on a phone-sized screen, inside the real portal: write, answer, read."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from mailbox_api import start
from mailbox_api.web import shell
from portal.published import Shopwindow
from portal.shell import mailbox_for
from portal.web import create_app

PROJECT = Path(__file__).parents[2]
PHONE = {"width": 320, "height": 640}
ANSWER = "已经派人检修，今晚亮灯。谢谢您的来信！"

# what sticks out of the window, where the page can be scrolled sideways for it
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *")]
  .filter(one => one.getBoundingClientRect().right > innerWidth && !one.closest(".table-wrap"))
  .map(one => one.outerHTML.slice(0, 120)).concat("…")"""

pytestmark = pytest.mark.browser


class Office:
    def __init__(self, root: Path, url: str, password: str) -> None:
        self.root, self.url, self.password = root, url, password
        self._read: Counter[str] = Counter()

    def sms_code(self, mobile: str) -> str:
        """The next code that the telephone shows."""
        path = self.root / "var/outbox/messages.jsonl"
        for _ in range(200):
            lines = (
                [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
            )
            codes = [
                line["vars"]["code"] for line in lines if line["template"] == "otp" and line["to"] == mobile
            ]
            if len(codes) > self._read[mobile]:
                self._read[mobile] = len(codes)
                return str(codes[-1])
            time.sleep(0.05)
        raise AssertionError("no code was sent")


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory,
    built_portal: Path,
    serve_app: Callable[..., AbstractContextManager[str]],
) -> Iterator[Office]:
    shell.templates().cache.clear()  # type: ignore[union-attr]
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


def sound(page: Page, views: tuple[str, ...] = ("", "elder")) -> None:
    """No axe violation and no sideways scrolling at 320 pixels, for eyes of any age."""
    page.wait_for_load_state("networkidle")  # a form just sent is on its way
    for view in views:
        page.evaluate("view => { document.documentElement.dataset.view = view }", view)
        result = Axe().run(
            page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
        )
        assert result.violations_count == 0, f"{page.url} {view} {result.generate_report()}"
        assert page.evaluate(TOO_WIDE) == [], f"{page.url} {view}"
    page.evaluate("delete document.documentElement.dataset.view")


def unfold(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


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


PAGES = (
    "today", "letters", "tickets", "tickets/new", "register", "checklist", "notices", "roster", "years", "people",
    "statistics", "audit", "own",
)  # fmt: skip


def sign_in(page: Page, office: Office) -> None:
    page.goto("/staff/login")
    page.get_by_label("登录名").fill("admin")
    page.get_by_label("口令", exact=True).fill(office.password)
    page.get_by_role("button", name="登录").click()


def test_every_page_of_the_back_office_is_sound(screen: Callable[..., Page], office: Office) -> None:
    page = screen()
    sign_in(page, office)
    for name in PAGES:
        page.goto(f"/staff/{name}")
        sound(page)
    page.get_by_role("button", name="启用动态口令").click()
    sound(page)
    page.goto("/staff/tickets/new")
    page.get_by_label("类型").select_option("fault")
    page.get_by_label("事项").fill("首页打不开")
    page.get_by_label("内容").fill("上午起时断时续。")
    page.get_by_role("button", name="提出").click()
    expect(page.locator("h1")).to_have_text("首页打不开")
    unfold(page)
    sound(page)


def write_and_send(page: Page, office: Office, mobile: str) -> str:
    """A letter by hand; gives its query code."""
    page.goto("/mailbox/new")
    fill(page)
    page.get_by_label("我同意隐去个人信息后公开来信和答复").check()
    page.get_by_label("手机号").fill(mobile)
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_text("验证码已发送")).to_be_visible(timeout=20_000)
    page.get_by_label("短信验证码").fill(office.sms_code(mobile))
    page.get_by_role("button", name="提交来信").click()
    return page.locator("[data-query-code]").inner_text()


def look_up(page: Page, code: str) -> None:
    page.goto("/mailbox/query")
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询", exact=True).click()


def ask_for_code(page: Page) -> None:
    """A telephone that had a code within the minute has to wait as long as the page says."""
    button, told = page.get_by_role("button", name="获取验证码"), page.get_by_role("status")
    button.click()
    expect(told).to_contain_text(re.compile("验证码(已|刚刚)发送"), timeout=20_000)
    if wait := re.search(r"请(\d+)秒后再试", told.inner_text()):
        page.wait_for_timeout(1000 * (int(wait[1]) + 1))
        button.click()
    expect(page.get_by_text("验证码已发送")).to_be_visible(timeout=20_000)


def test_a_letter_in_each_of_its_states_is_sound_on_both_sides(
    screen: Callable[..., Page], office: Office
) -> None:
    """Received, asked, answered, to be published; recovery, statistics, the pages that tell of errors."""
    citizen, staff, mobile = screen(), screen(), "13912345677"
    code = write_and_send(citizen, office, mobile)
    look_up(citizen, code)
    sound(citizen)

    sign_in(staff, office)
    staff.get_by_role("link", name=re.compile(r"\d{4}-\d{6}")).first.click()
    letter = staff.url
    unfold(staff)
    sound(staff)
    staff.locator("#accept-department").select_option("ysgl")
    staff.get_by_role("button", name="受理并分办").click()
    unfold(staff)
    sound(staff)
    staff.locator("#ask-text").fill("请问是哪个方向的站台？谢谢您。")
    staff.get_by_role("button", name="发出", exact=True).click()
    expect(staff.get_by_text("请您补充情况")).to_be_visible()
    look_up(citizen, code)
    sound(citizen)
    citizen.get_by_label("您的答复").fill("短")
    citizen.get_by_role("button", name="提交", exact=True).click()
    expect(citizen.get_by_role("alert")).to_contain_text("至少10个字")
    sound(citizen)

    staff.goto(letter)
    staff.get_by_label("答复内容").fill(f"{ANSWER}联系人李四强，电话0871-65300000。")
    staff.get_by_role("button", name="发出答复").click()
    staff.get_by_role("link", name="公开这封来信").click()
    sound(staff)

    citizen.goto("/mailbox/recover")
    sound(citizen)
    mobile = "13912345678"  # of another letter: the one just used would have to wait longer
    citizen.get_by_label("手机号").fill(mobile)
    ask_for_code(citizen)
    citizen.get_by_label("短信验证码").fill(office.sms_code(mobile))
    citizen.get_by_role("button", name="重新生成查询码").click()
    expect(citizen.get_by_role("heading", name="新的查询码")).to_be_visible()
    sound(citizen)
    for path in (
        "/mailbox/statistics",
        "/mailbox/problems",
        "/mailbox/nothing",
        "/staff/letters/2026-999999",
    ):
        citizen.goto(path)
        sound(citizen)


def tab_to(page: Page, selector: str) -> None:
    """Where the tab key comes to sooner or later."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def test_by_keyboard_alone(screen: Callable[..., Page], office: Office) -> None:
    mobile, page = "13912345676", screen()
    page.goto("/mailbox/new")
    for field, text in (("[name=name]", "张三丰"), ("[name=category]", " "), ("#title", "公交站台夜间照明")):
        tab_to(page, field)
        page.keyboard.type(text)
    tab_to(page, "#content")
    page.keyboard.type("北京路公交站台晚上没有灯，等车看不清站牌，请派人看看。")
    tab_to(page, "input[name=notice_version]")
    page.keyboard.press("Space")
    tab_to(page, "#mobile")
    page.keyboard.type(mobile)
    tab_to(page, "[data-send-code]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("验证码已发送")).to_be_visible(timeout=20_000)
    page.locator("#mobile").focus()
    tab_to(page, "#code")
    page.keyboard.type(office.sms_code(mobile))
    tab_to(page, "button[value=send]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="来信已收到")).to_be_visible()

    number = page.locator("dd").first.inner_text()
    staff = screen()
    staff.goto("/staff/login")
    tab_to(staff, "#login")
    staff.keyboard.type("admin")
    tab_to(staff, "#password")
    staff.keyboard.type(office.password)
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("heading", name="来信", exact=True)).to_be_visible()
    tab_to(staff, f"a[href$='{number}']")
    staff.keyboard.press("Enter")
    expect(staff.locator("h1")).to_have_text("公交站台夜间照明")
    tab_to(staff, "#accept-department")
    staff.keyboard.press("ArrowDown")
    tab_to(staff, "form[action$=accept] button")
    staff.keyboard.press("Enter")
    expect(staff.locator("#reply-text")).to_be_visible()
    tab_to(staff, "#reply-text")
    staff.keyboard.type(ANSWER)
    tab_to(staff, "[formaction$=submit-draft]")
    staff.keyboard.press("Enter")
    expect(staff.get_by_text("已答复").first).to_be_visible()


def test_without_javascript(screen: Callable[..., Page], office: Office) -> None:
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


def test_the_story_has_seen_every_template() -> None:
    """The last of this file: what the others did not open has not been looked at."""
    seen = {name for _, name in shell.templates().cache or {}}

    assert {path.name for path in (shell.HERE / "templates").iterdir()} - seen == set()
