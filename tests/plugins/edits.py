"""Everything that may happen to a project between two builds, one function a kind. Each takes the project, a
source of chance, and the day; it returns the day of the next build."""

import json
import os
import random
import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

Edit = Callable[[Any, random.Random, date], date | None]
EDITS: dict[str, Edit] = {}


def edit(function: Edit) -> Edit:
    EDITS[function.__name__] = function
    return function


# -- helpers --


def articles(project: Any) -> list[Path]:
    return sorted((project.root / "content").glob("*/**/[0-9][0-9][0-9][0-9]/*.md"))


def some(project: Any, chance: random.Random) -> Path:
    return chance.choice(articles(project))


def change(path: Path, pattern: str, replacement: str) -> None:
    text = path.read_text("utf-8")
    path.write_text(re.sub(pattern, lambda _: replacement, text, count=1), "utf-8")


def put(path: Path, key: str, value: str) -> None:
    """A key of the head, in place of the old one (which may go over several lines) or as the last."""
    head, body = re.fullmatch(r"---\n(.*?)^---\n(.*)", path.read_text("utf-8"), re.S | re.M).groups()  # type: ignore[union-attr]
    head = re.sub(rf"^{key}:.*\n(?:[ -].*\n)*", "", head, flags=re.M)
    line = f"{key}: {value}\n" if value else ""
    path.write_text(f"---\n{head}{line}---\n{body}", "utf-8")


def value(path: Path, key: str) -> str:
    found = re.search(rf"^{key}: (.*)$", path.read_text("utf-8"), re.M)
    return found[1] if found else ""


def new_id(chance: random.Random) -> str:
    return f"2026{chance.randrange(10**8):08d}"


def leaves(project: Any) -> list[str]:
    """Channels that articles lie in."""
    return sorted(
        {path.parent.parent.relative_to(project.root / "content").as_posix() for path in articles(project)}
    )


def news(project: Any, chance: random.Random, channel: str | None = None, **head: str) -> Path:
    year = chance.choice(("2024", "2025", "2026"))
    given = {
        "id": new_id(chance),
        "title": f"新稿{chance.randrange(1000)}",
        "date": f"{year}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d} 10:{chance.randrange(60):02d}",
        "source": "本站原创",
        "department": "bgs",
        "keywords": f"[{chance.choice(('公交', '安全', '养护'))}, 示例]",
    } | head
    rows = "".join(f"{key}: {text}\n" for key, text in given.items())
    target = project.root / "content" / (channel or "xwzx/jtyw") / year / f"{given['id']}-xin.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"---\n{rows}---\n\n新稿的正文，**重点**在此。\n", "utf-8")
    return target


# -- one article --


@edit
def body(project: Any, chance: random.Random, today: date) -> None:
    path = some(project, chance)
    path.write_text(path.read_text("utf-8") + f"\n补充一段{chance.randrange(1000)}。\n", "utf-8")


@edit
def first_paragraph(project: Any, chance: random.Random, today: date) -> None:
    path = some(project, chance)
    put(path, "summary", value(path, "summary") and f"新的概要{chance.randrange(100)}")


@edit
def title(project: Any, chance: random.Random, today: date) -> None:
    put(some(project, chance), "title", f"改过的标题{chance.randrange(1000)}")


@edit
def date_within_its_year(project: Any, chance: random.Random, today: date) -> None:
    path = some(project, chance)
    put(
        path,
        "date",
        f"{value(path, 'date')[:4]}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d} 08:00",
    )


@edit
def date_into_another_year(project: Any, chance: random.Random, today: date) -> None:
    put(some(project, chance), "date", f"{chance.randrange(2020, 2026)}-05-06 07:08")


@edit
def keywords(project: Any, chance: random.Random, today: date) -> None:
    put(some(project, chance), "keywords", f"[{chance.choice(('公交', '安全', '养护', '示例'))}]")


@edit
def source(project: Any, chance: random.Random, today: date) -> None:
    put(some(project, chance), "source", f"来源{chance.randrange(9)}")


@edit
def department(project: Any, chance: random.Random, today: date) -> None:
    put(some(project, chance), "department", chance.choice(("bgs", "kjxx", "rsjy")))


@edit
def draft(project: Any, chance: random.Random, today: date) -> None:
    put(some(project, chance), "status", "draft")


@edit
def withdrawn(project: Any, chance: random.Random, today: date) -> None:
    path = some(project, chance)
    put(path, "status", "withdrawn")
    put(path, "withdrawn_reason", "内容有误")


@edit
def published_again(project: Any, chance: random.Random, today: date) -> None:
    for path in articles(project):
        if value(path, "status") in ("draft", "withdrawn"):
            put(path, "status", "")
            put(path, "withdrawn_reason", "")


@edit
def expires_tomorrow(project: Any, chance: random.Random, today: date) -> None:
    put(some(project, chance), "unpublish_at", f"{today + timedelta(days=1)}")


@edit
def a_day_passes(project: Any, chance: random.Random, today: date) -> date:
    return today + timedelta(days=1)


@edit
def deleted(project: Any, chance: random.Random, today: date) -> None:
    some(project, chance).unlink()


@edit
def added(project: Any, chance: random.Random, today: date) -> None:
    news(project, chance)


@edit
def added_in_a_quiet_channel(project: Any, chance: random.Random, today: date) -> None:
    quiet = ("jggk/jgzn", "about", "hdjl/ldxx", "zwgk/rsxx")
    news(project, chance, chance.choice(quiet))


@edit
def many_added(project: Any, chance: random.Random, today: date) -> None:
    for _ in range(45):
        news(project, chance, "xwzx/xqdt")


@edit
def file_renamed(project: Any, chance: random.Random, today: date) -> None:
    path = some(project, chance)
    path.rename(path.with_name(f"{path.stem}-gai{chance.randrange(100)}.md"))


@edit
def moved_to_another_channel(project: Any, chance: random.Random, today: date) -> None:
    path = some(project, chance)
    target = project.root / "content" / "xwzx/tpxw" / path.parent.name / path.name
    if value(path, "id") and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


@edit
def new_number(project: Any, chance: random.Random, today: date) -> None:
    put(some(project, chance), "id", new_id(chance))


@edit
def redirect_added(project: Any, chance: random.Random, today: date) -> None:
    put(
        some(project, chance),
        "redirect_from",
        f"[/jiu/{chance.randrange(10**6)}.html, /jiu/{chance.randrange(10**6)}/]",
    )


@edit
def redirects_removed(project: Any, chance: random.Random, today: date) -> None:
    for path in articles(project):
        put(path, "redirect_from", "")


@edit
def interpretation(project: Any, chance: random.Random, today: date) -> None:
    one, other = some(project, chance), some(project, chance)
    if one != other:
        put(one, "interprets", f"[{value(other, 'id')}]")


@edit
def interpreted_one_deleted(project: Any, chance: random.Random, today: date) -> None:
    for path in articles(project):
        if value(path, "interprets"):
            wanted = value(path, "interprets").strip("[]").split(",")[0]
            for other in articles(project):
                if value(other, "id") == wanted:
                    other.unlink()
            return


@edit
def touched_only(project: Any, chance: random.Random, today: date) -> None:
    some(project, chance).touch()


@edit
def changed_under_the_same_time_and_size(project: Any, chance: random.Random, today: date) -> None:
    path = some(project, chance)
    before = path.stat()
    text = path.read_text("utf-8")
    path.write_text(text.replace("。\n", "！\n", 1), "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@edit
def nothing(project: Any, chance: random.Random, today: date) -> None:
    pass


# -- files --


@edit
def attachment_changed(project: Any, chance: random.Random, today: date) -> None:
    project.write("content/files/2026/附件.docx", bytes(chance.randrange(1, 9) * 20000))


@edit
def attachment_added(project: Any, chance: random.Random, today: date) -> None:
    attachment_changed(project, chance, today)
    put(some(project, chance), "attachments", "[{file: /files/2026/附件.docx, title: 附件}]")


@edit
def unused_file_added(project: Any, chance: random.Random, today: date) -> None:
    project.write(f"content/files/2025/多余{chance.randrange(100)}.txt", f"{chance.random()}")


@edit
def unused_files_removed(project: Any, chance: random.Random, today: date) -> None:
    shutil.rmtree(project.root / "content/files/2025", ignore_errors=True)


@edit
def picture_of_an_article(project: Any, chance: random.Random, today: date) -> None:
    photograph = BytesIO()
    Image.new("RGB", (chance.randrange(300, 900), 300)).save(photograph, "JPEG")
    project.write("content/images/xin.jpg", photograph.getvalue())
    path = some(project, chance)
    put(path, "image", "/images/xin.jpg")
    put(path, "image_alt", "现场")


# -- the whole --


def channels(project: Any) -> Path:
    return Path(project.root / "content/channels.toml")


@edit
def channel_renamed(project: Any, chance: random.Random, today: date) -> None:
    change(channels(project), r'name = "交通要闻.*?"', f'name = "交通要闻{chance.randrange(100)}"')


@edit
def channel_described(project: Any, chance: random.Random, today: date) -> None:
    change(
        channels(project),
        r'description = "面向社会.*?"',
        f'description = "面向社会发布{chance.randrange(100)}。"',
    )


@edit
def channel_archived(project: Any, chance: random.Random, today: date) -> None:
    text = channels(project).read_text("utf-8")
    row = 'path = "ztzl/yshj"\n'
    channels(project).write_text(
        text.replace(row, f"{row}archived = true\n") if f"{row}archived" not in text else text, "utf-8"
    )


@edit
def channel_added(project: Any, chance: random.Random, today: date) -> None:
    path = f"xwzx/n{chance.randrange(10**6)}"
    row = (
        f'\n[[channels]]\npath = "{path}"\nname = "新栏目"\ndescription = "新栏目。"\nkeywords = ["新"]\n'
        'type = "政务动态"\nkind = "news"\nowner = "bgs"\n'
    )
    channels(project).write_text(channels(project).read_text("utf-8") + row, "utf-8")
    news(project, chance, path)


@edit
def channel_layout(project: Any, chance: random.Random, today: date) -> None:
    layout = chance.choice(("list", "cards", "gallery", "documents"))
    text = channels(project).read_text("utf-8")
    channels(project).write_text(
        re.sub(r'(path = "zwgk/tzgg"(?:\n.+)*?\nlayout = )".*"', rf'\1"{layout}"', text), "utf-8"
    )


@edit
def template(project: Any, chance: random.Random, today: date) -> None:
    path = project.root / "theme/templates/article.html"
    change(path, r"</article>", f"<!-- {chance.randrange(1000)} --></article>")


@edit
def template_of_all_pages(project: Any, chance: random.Random, today: date) -> None:
    path = project.root / "theme/templates/partials/footer.html"
    path.write_text(path.read_text("utf-8") + f"<!-- {chance.randrange(1000)} -->\n", "utf-8")


@edit
def style(project: Any, chance: random.Random, today: date) -> None:
    path = next((project.root / "theme/static").glob("*.css"))
    path.write_text(path.read_text("utf-8") + f"/* {chance.randrange(1000)} */\n", "utf-8")


@edit
def static_file_of_the_theme(project: Any, chance: random.Random, today: date) -> None:
    project.write("theme/static/neu.svg", f"<svg>{chance.randrange(1000)}</svg>")


@edit
def setting(project: Any, chance: random.Random, today: date) -> None:
    change(
        project.root / "site.toml",
        r'(?m)^postcode = ".*"',
        f'postcode = "{chance.randrange(650000, 650999)}"',
    )


@edit
def page_size(project: Any, chance: random.Random, today: date) -> None:
    change(project.root / "site.toml", r"(?m)^page_size = \d+", f"page_size = {chance.choice((5, 10, 20))}")


@edit
def home_blocks(project: Any, chance: random.Random, today: date) -> None:
    blocks = chance.sample(leaves(project), 5)
    change(
        project.root / "site.toml",
        r"(?m)^blocks = \[.*?\]",
        f"blocks = {json.dumps(blocks)}",
    )


@edit
def markdown_engine(project: Any, chance: random.Random, today: date) -> None:
    engine = chance.choice(("comrak", "python-markdown"))
    change(project.root / "site.toml", r'(?m)^markdown = ".*"', f'markdown = "{engine}"')


# -- local adjustments, and what makes the pages --

PROGRAM, LIBRARIES = "program.txt", "libraries.txt"  # what a project's stand-ins for the two write


def changes(project: Any, chance: random.Random, number: int) -> dict[str, str]:
    """Kind of change -> its rows."""
    channel = chance.choice(("zwgk/rsxx", "jggk/jgzn", "xwzx/xqdt", "xwzx/jtyw"))
    layout = chance.choice(("wide", "document"))
    article = value(some(project, chance), "id")
    return {
        "rename-channel": f'channel = "{channel}"\nname = "改名{number}"',
        "move-channel": f'channel = "{channel}"\nto = "{chance.choice(("n", "xwzx/n", "about/n"))}{number}"',
        "hide-channel": f'channel = "{channel}"',
        "article-layout": f'layout = "{layout}"\n'
        + chance.choice((f'channel = "{channel}"', f'article = "{article}"')),
        "home-block": f"blocks = {json.dumps(chance.sample(leaves(project), 3))}",
        "animation": chance.choice(
            (
                'animation = "grey"',
                'animation = "carousel"\nchannel = "xwzx/jtyw"',
                f'animation = "float"\ntitle = "飘窗{number}"\nurl = "/about/"',
                f'animation = "site-alert"\ntitle = "雨天慢行{number}"',
            )
        ),
    }


def adjust(project: Any, chance: random.Random, begins: date, ends: date) -> None:
    """One more adjustment, in place of those that may collide with it."""
    number = chance.randrange(100, 10_000)
    kind, rows = chance.choice(sorted(changes(project, chance, number).items()))
    place = "channel" if kind in ("move-channel", "hide-channel") else kind
    for other in (project.root / "content/adjustments").glob(f"*-{place}.toml"):
        other.unlink()
    project.write(
        f"content/adjustments/{number:04}-{place}.toml",
        f'number = {number}\nrequested = {begins}\nrequested_by = "办公室"\napproved_by = "主管领导"\n'
        f'effective_from = {begins}\neffective_until = {ends}\nsummary = "试"\n\n[[changes]]\nkind = "{kind}"\n{rows}\n',
    )


@edit
def adjustment_starts_today(project: Any, chance: random.Random, today: date) -> None:
    adjust(project, chance, today, today + timedelta(days=chance.randrange(3)))


@edit
def adjustment_starts_tomorrow(project: Any, chance: random.Random, today: date) -> date:
    adjust(project, chance, today + timedelta(days=1), today + timedelta(days=2))
    return today + timedelta(days=chance.randrange(2))


@edit
def adjustment_ends_today(project: Any, chance: random.Random, today: date) -> date:
    adjust(project, chance, today - timedelta(days=1), today)
    return today + timedelta(days=chance.randrange(2))


@edit
def channel_moved_by_an_adjustment(project: Any, chance: random.Random, today: date) -> None:
    number = chance.randrange(100, 10_000)
    shutil.rmtree(project.root / "content/adjustments", ignore_errors=True)
    project.write(
        f"content/adjustments/{number:04}-channel.toml",
        f'number = {number}\nrequested = {today}\nrequested_by = "办公室"\napproved_by = "主管领导"\n'
        f'effective_from = {today}\nsummary = "试"\n\n[[changes]]\nkind = "move-channel"\n'
        f'channel = "{chance.choice(("xwzx/xqdt", "zwgk/tzgg"))}"\nto = "{chance.choice(("n", "about/n"))}{number}"\n',
    )


@edit
def adjustments_deleted(project: Any, chance: random.Random, today: date) -> None:
    shutil.rmtree(project.root / "content/adjustments", ignore_errors=True)


@edit
def program_changed(project: Any, chance: random.Random, today: date) -> None:
    project.write(PROGRAM, f"# {chance.randrange(1000)}\n")


@edit
def another_version_of_a_library(project: Any, chance: random.Random, today: date) -> None:
    project.write(LIBRARIES, f"<!-- {chance.randrange(1000)} -->")


# -- mishaps --


def state_files(project: Any) -> list[Path]:
    return list((project.root / "var/cache/build").glob("*.state"))


@edit
def state_damaged(project: Any, chance: random.Random, today: date) -> None:
    for path in state_files(project):
        data = bytearray(path.read_bytes())
        data[chance.randrange(len(data))] ^= 1
        path.write_bytes(data)


@edit
def state_cut_short(project: Any, chance: random.Random, today: date) -> None:
    for path in state_files(project):
        path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


@edit
def state_lost(project: Any, chance: random.Random, today: date) -> None:
    shutil.rmtree(project.root / "var", ignore_errors=True)


@edit
def page_deleted_from_the_site(project: Any, chance: random.Random, today: date) -> None:
    chance.choice(sorted((project.root / "build/site").rglob("*.html"))).unlink()


@edit
def page_changed_in_the_site(project: Any, chance: random.Random, today: date) -> None:
    path = chance.choice(sorted((project.root / "build/site").rglob("*.html")))
    path.write_text("别人写的", "utf-8")


@edit
def stranger_in_the_site(project: Any, chance: random.Random, today: date) -> None:
    project.write("build/site/xwzx/fremd.html", "不速之客")


@edit
def manifest_lost(project: Any, chance: random.Random, today: date) -> None:
    (project.root / "build/manifest.json").unlink()


@edit
def left_unfinished(project: Any, chance: random.Random, today: date) -> None:
    project.write("build/.incomplete", "")
    project.write("build/.next/site/halb.html", "一半")
