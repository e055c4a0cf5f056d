"""Pictures for the handbooks, taken from a running system: `python -m portal.handbook_pictures`.

Builds the demo site into a temporary folder, opens a mailbox there, plays a day at the service desk, runs the daily
monitoring, and photographs the staff pages in Chromium (needs what `make test` installs) into docs/pictures/.
"""

import io
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from portal.design_pictures import CHROMIUM, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from mailbox_api.service.parts import Mailbox

FOLDER = Path("docs/pictures")
WIDTH, HEIGHT = 1180, 1500
PAGES = {
    "today": "/staff/today",
    "tickets": "/staff/tickets",
    "ticket": "/staff/tickets/GD{year}-0001",
    "consent": "/staff/tickets/GD{year}-0003",
    "new-ticket": "/staff/tickets/new",
    "register": "/staff/register",
    "letters": "/staff/letters",
    "letter": "/staff/letters/{year}-000003",
    "reply": "/staff/letters/{year}-000002",
    "publication": "/staff/letters/{year}-000001/publication",
    "notices": "/staff/notices",
    "roster": "/staff/roster",
    "years": "/staff/years?year={year}",
    "people": "/staff/people",
    "statistics": "/staff/statistics",
    "audit": "/staff/audit",
    "own": "/staff/own",
    "write": "/mailbox/new",
    "months": "/mailbox/statistics",
    "search": "/search?q=网约车",
}


def main() -> None:
    from playwright.sync_api import sync_playwright

    from portal.published import Shopwindow
    from portal.shell import mailbox_for
    from portal.web import create_app

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        root = Path(name)
        password, code = prepare(root)
        mailbox = mailbox_for(Shopwindow(root), root, "127.0.0.1", demo=True)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with served(create_app(root, mailbox)) as url:
            for stem, picture in photographs(browser, url, password, code):
                picture.save(FOLDER / f"{stem}.webp", quality=70, method=6)
                print(FOLDER / f"{stem}.webp")
        browser.close()


def prepare(root: Path) -> tuple[str, str]:
    """A built site, a mailbox with some days' work in it and the state of monitoring; the password, a query code."""
    from mailbox_api import start
    from portal.build import build

    shutil.copy("site.toml", root)
    (root / "content").symlink_to(Path("content").resolve())
    build(Path(), output=root / "build")
    told = list(start.first_start(root, login="admin", name="管理员", mobile="", demo_mobile="13800000000"))
    password = next(line for line in told if "口令" in line).split("口令 ")[1].split("（")[0]
    now = datetime.now(UTC)
    a_day_at_the_desk(root, now)
    code = letters_of_three_days(root, now)
    monitored(root, now)
    return password, code


LETTERS = (  # hours ago, category, title, content
    (78, "建议", "老年卡年审能否就近办理", "我父亲住翠云小区3栋2单元501，每年要到城南年审，能否放到社区？我的电话13900001234。"),
    (30, "咨询", "网约车车型有什么要求", "想把自家的车用来跑网约车，请问对轴距、排量、车龄有什么要求？新能源车呢？"),
    (3, "求助", "北辰路站台夜间没有灯", "北辰路公交站台晚上没有灯，等车看不清站牌，已经三个星期，请派人看看。"),
)  # fmt: skip
ANSWER = "已与社区卫生站商定，十二月起每周三在六个街道设年审点，名单见我局网站“通知公告”。"


def letters_of_three_days(root: Path, now: datetime) -> str:
    """One letter just come, one with a draft, one answered; gives the query code of the last."""
    from mailbox_api.letter import NOTICE_VERSION, Submission
    from mailbox_api.service import clerk, intake, office
    from mailbox_api.setup import open_mailbox
    from mailbox_api.store import limits, people

    receipts = []
    for hours, category, title, content in LETTERS:
        mailbox = open_mailbox(root, clock=lambda hours=hours: now - timedelta(hours=hours))  # type: ignore[misc]
        permit = f"permit-{hours}"
        with mailbox.database.write() as connection:
            limits.add_permit(
                connection,
                token_hmac=mailbox.keys.digest("permit", permit),
                mobile_ct=mailbox.keys.seal("13900001234", f"permit|{permit}"),
                mobile_bi=mailbox.keys.blind("13900001234"),
                purpose="letter",
                expires_at=now,
            )
            admin = people.get(connection, mailbox.keys, "admin")
        submission = Submission(
            name="张三", title=title, content=content, category=category, publish_consent=True, notice_version=NOTICE_VERSION
        )  # fmt: skip
        receipts.append(intake.submit(mailbox, submission, permit, f"picture-{hours}"))
    mailbox = open_mailbox(root, clock=lambda: now - timedelta(hours=2))
    first, second = receipts[0].number, receipts[1].number
    accepted = clerk.accept(mailbox, admin, first, 1, "ggzx")
    clerk.submit_draft(mailbox, admin, first, accepted.version, ANSWER)
    accepted = clerk.accept(mailbox, admin, second, 1, "ysgl")
    clerk.draft(mailbox, admin, second, accepted.version, "您好，网约车车型要求见《实施细则》第八条：")
    office.add_staff(
        mailbox, "admin", login="wang.s", name="王审核", roles=["reviewer", "publisher"], department="", mobile="", wechat="wang.s"
    )  # fmt: skip
    office.add_duty(mailbox, admin, "admin", mailbox.today, mailbox.today + timedelta(days=6))
    return receipts[0].query_code


def a_day_at_the_desk(root: Path, now: datetime) -> None:
    """A fault that takes longer than eight hours and is told in time, an upload, a diagnosis, a training."""
    from mailbox_api.service import desk
    from mailbox_api.setup import open_mailbox

    def at(hours: float) -> "Mailbox":
        return open_mailbox(root, clock=lambda: now - timedelta(hours=hours))

    office, engineer = desk.console("办公室"), desk.console("工程师")
    fault = desk.open_ticket(
        at(9), office, kind="fault", title="首页轮播图片显示不出来", text="早上开始，五张里有两张空白。"
    )
    fault = desk.answer(
        at(8.2), engineer, fault.number, fault.version, "已登录服务器查看，两张图片的文件损坏。"
    )
    fault = desk.tell(
        at(3), engineer, fault.number, fault.version, "原图要请摄影单位重新提供。", now + timedelta(hours=20)
    )
    desk.open_ticket(
        at(0.6), office, kind="upload", title="协助上传十五五规划全文", text="共三个附件，最大 18 MB。"
    )
    desk.open_ticket(at(1.6), office, kind="diagnosis", title="办事指南打开慢", text="下午三点前后尤其明显。")
    training = desk.open_ticket(at(30), office, kind="training", title="编辑半日培训", text="新到岗四人。")
    training = desk.record_training(
        at(2), engineer, training.number, training.version,
        held_on=now.astimezone().date(), place="三楼会议室", hours=3.5,
        attendees="学员甲、学员乙、学员丙、学员丁", materials="编辑手册、练习稿件",
    )  # fmt: skip
    desk.handle(at(1), engineer, training.number, training.version, "培训完成，练习全部通过检查。")


def monitored(root: Path, now: datetime) -> None:
    from checks.monitor import runs, schedule
    from portal import monitor_state
    from portal.monitoring import Monitoring

    view = Monitoring(root, now)
    done = runs.perform(
        schedule.DAILY, view.outcome, view.site, view.config, view.history, view.now, view.today
    )
    monitor_state.keep(root, "site", monitor_state.site(view, done))


def photographs(browser: "Browser", url: str, password: str, code: str) -> Iterator[tuple[str, Image.Image]]:
    page = browser.new_page(
        viewport={"width": WIDTH, "height": 900}, locale="zh-CN", reduced_motion="reduce", base_url=url
    )
    page.goto("/staff/login")
    yield "login", _photograph(page)
    page.fill("[name=login]", "admin")
    page.fill("[name=password]", password)
    page.click("button:has-text('登录')")
    for name, path in PAGES.items():
        page.goto(path.format(year=datetime.now().astimezone().year), wait_until="networkidle")
        yield name, _photograph(page)
    page.goto("/mailbox/query")
    page.fill("[name=code]", code)
    page.click("button:has-text('查询'):not([type=button]) >> nth=-1")
    page.wait_for_load_state("networkidle")
    yield "progress", _photograph(page)


def _photograph(page: "Page") -> Image.Image:
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    return whole.crop((0, 0, WIDTH, min(whole.height, HEIGHT)))


if __name__ == "__main__":
    main()
