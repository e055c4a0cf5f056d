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
    "write": "/mailbox/new",
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
        password = prepare(root)
        mailbox = mailbox_for(Shopwindow(root), root, "127.0.0.1", demo=True)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with served(create_app(root, mailbox)) as url:
            for stem, picture in photographs(browser, url, password):
                picture.save(FOLDER / f"{stem}.webp", quality=70, method=6)
                print(FOLDER / f"{stem}.webp")
        browser.close()


def prepare(root: Path) -> str:
    """A built site, a mailbox with a day's work in it and the state of monitoring; gives the password."""
    from mailbox_api import start
    from portal.build import build

    shutil.copy("site.toml", root)
    (root / "content").symlink_to(Path("content").resolve())
    build(Path(), output=root / "build")
    told = list(start.first_start(root, login="admin", name="管理员", mobile="", demo_mobile="13800000000"))
    password = next(line for line in told if "口令" in line).split("口令 ")[1].split("（")[0]
    now = datetime.now(UTC)
    a_day_at_the_desk(root, now)
    monitored(root, now)
    return password


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


def photographs(browser: "Browser", url: str, password: str) -> Iterator[tuple[str, Image.Image]]:
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


def _photograph(page: "Page") -> Image.Image:
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    return whole.crop((0, 0, WIDTH, min(whole.height, HEIGHT)))


if __name__ == "__main__":
    main()
