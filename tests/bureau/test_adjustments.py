"""Local adjustments: what they do on their days, and what is refused, with file and line."""

from datetime import date
from pathlib import Path

import pytest

from bureau import adjustments, channels, config
from bureau.adjustments import InForce
from bureau.errors import ConfigError

ROOT = Path(__file__).parents[2]
CONFIG = config.load(ROOT / "site.toml")
CHANNELS = channels.load(ROOT / "content")
HEAD = """number = {number}
requested = 2026-10-08
requested_by = "办公室"
approved_by = "主管领导"
effective_from = 2026-10-12
{until}
summary = "一句话"

"""
UNTIL = "effective_until = 2026-10-31"


def write(folder: Path, changes: str, *, number: int = 1, until: str = UNTIL, name: str = "") -> None:
    path = folder / "adjustments" / (name or f"{number:04}-change.toml")
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEAD.format(number=number, until=until) + changes, "utf-8")


def on(folder: Path, day: date) -> InForce:
    return adjustments.apply(CONFIG, CHANNELS, adjustments.load(folder, CHANNELS), day)


RENAME = '[[changes]]\nkind = "rename-channel"\nchannel = "xwzx/xqdt"\nname = "区县动态"\n'


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 10, 11), "县区动态"),
        (date(2026, 10, 12), "区县动态"),
        (date(2026, 10, 31), "区县动态"),
        (date(2026, 11, 1), "县区动态"),
    ],
)
def test_a_name_changes_on_its_days_only(tmp_path: Path, day: date, name: str) -> None:
    write(tmp_path, RENAME)

    assert {row.path: row.name for row in on(tmp_path, day).channels}["xwzx/xqdt"] == name


def test_deleting_the_file_undoes_it(tmp_path: Path) -> None:
    write(tmp_path, RENAME)
    assert on(tmp_path, date(2026, 10, 12)).channels != CHANNELS
    (tmp_path / "adjustments/0001-change.toml").unlink()

    assert on(tmp_path, date(2026, 10, 12)) == InForce(config=CONFIG, channels=CHANNELS)


def test_a_moved_channel_takes_its_family_along(tmp_path: Path) -> None:
    write(tmp_path, '[[changes]]\nkind = "move-channel"\nchannel = "zfxxgk"\nto = "zwgk/zfxxgk"\n')
    moved = on(tmp_path, date(2026, 10, 20))
    paths = [row.path for row in moved.channels]

    assert moved.moved["zfxxgk/nb"] == "zwgk/zfxxgk/nb"
    assert "zfxxgk" not in paths
    assert paths.index("zwgk") < paths.index("zwgk/zfxxgk") < paths.index("zwgk/zfxxgk/nb")
    assert len(paths) == len(CHANNELS)


def test_home_blocks_layouts_and_animation(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
[[changes]]
kind = "home-block"
blocks = ["zwgk/tzgg", "xwzx/jtyw"]
[[changes]]
kind = "hide-channel"
channel = "ztzl/shce"
[[changes]]
kind = "article-layout"
article = "20261118-001"
layout = "wide"
[[changes]]
kind = "animation"
animation = "carousel"
channel = "xwzx/jtyw"
[[changes]]
kind = "animation"
animation = "float"
title = "问卷"
url = "/hdjl/myzj/"
[[changes]]
kind = "animation"
animation = "site-alert"
title = "雨天慢行"
level = "emergency"
[[changes]]
kind = "animation"
animation = "grey"
""",
    )
    now = on(tmp_path, date(2026, 10, 20))

    assert now.config.home.blocks == ("zwgk/tzgg", "xwzx/jtyw")
    assert now.config.home.carousel == "xwzx/jtyw"
    assert not next(row for row in now.channels if row.path == "ztzl/shce").menu
    assert now.article_layouts == {"20261118-001": "wide"}
    assert (now.float and now.float.title, now.alerts[0].level, now.grey) == ("问卷", "emergency", True)


REFUSED = [
    pytest.param(RENAME.replace("xwzx/xqdt", "xwzx/none"), UNTIL, r"0001-change\.toml:9: 没有栏目 xwzx/none", id="没有的栏目"),
    pytest.param(RENAME.replace("rename-channel", "repaint"), UNTIL, r":9: kind 不认识 repaint", id="不认识的种类"),
    pytest.param(RENAME.replace("name =", "nmae ="), UNTIL, r":9: .*不认识的键 nmae", id="不认识的键"),
    pytest.param(RENAME + RENAME, UNTIL, r":13: 与 0001-change.toml 在同一时间改同一处", id="自己打架"),
    pytest.param('[[changes]]\nkind = "animation"\nanimation = "grey"\n', "", r":9: grey 必须写 effective_until", id="没有结束日期"),
    pytest.param(RENAME, "effective_until = 2026-10-01", "早于 effective_from", id="结束早于开始"),
    pytest.param('[[changes]]\nkind = "article-layout"\nlayout = "wide"\n', UNTIL, "二者选一", id="没有说改谁"),
    pytest.param('[[changes]]\nkind = "article-layout"\nlayout = "fancy"\nchannel = "zwgk"\n', UNTIL, "版式不认识 fancy", id="版式"),
    pytest.param('[[changes]]\nkind = "move-channel"\nchannel = "zwgk"\nto = "xwzx"\n', UNTIL, "to 要写一个新的栏目路径", id="占了别人的地址"),
    pytest.param(
        '[[changes]]\nkind = "animation"\nanimation = "float"\ntitle = "t"\nurl = "/"\nimage = "/images/a.webp"\n',
        UNTIL, "image_alt", id="图片没有说明",
    ),
    pytest.param("", UNTIL, r"至少写一段 \[\[changes\]\]", id="没有改动"),
    pytest.param(
        "".join(f'[[changes]]\nkind = "hide-channel"\nchannel = "{row.path}"\n' for row in CHANNELS[:6]),
        UNTIL, "涉及 6 个栏目，属于改版", id="变相改版",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "until", "message"), REFUSED)
def test_what_cannot_be_used_is_told_with_file_and_line(
    tmp_path: Path, changes: str, until: str, message: str
) -> None:
    write(tmp_path, changes, until=until)

    with pytest.raises(ConfigError, match=message):
        adjustments.load(tmp_path, CHANNELS)


def test_two_on_the_same_days_collide_and_one_after_the_other_does_not(tmp_path: Path) -> None:
    write(tmp_path, RENAME)
    write(tmp_path, RENAME, number=2, until="effective_until = 2026-10-12")
    with pytest.raises(ConfigError, match=r"0002-change\.toml:9: 与 0001-change\.toml"):
        adjustments.load(tmp_path, CHANNELS)
    later = (tmp_path / "adjustments/0002-change.toml").read_text("utf-8")
    later = later.replace("2026-10-12", "2026-11-01", 1).replace("2026-10-12", "2026-11-30")
    (tmp_path / "adjustments/0002-change.toml").write_text(later, "utf-8")

    assert len(adjustments.load(tmp_path, CHANNELS)) == 2


def test_a_number_is_used_once(tmp_path: Path) -> None:
    write(tmp_path, RENAME)
    write(tmp_path, RENAME.replace("xqdt", "jtyw"), number=1, name="0002-other.toml")

    with pytest.raises(ConfigError, match=r"0002-other\.toml:1: 编号 1 已用过"):
        adjustments.load(tmp_path, CHANNELS)


def test_the_contract_year_counts_from_its_day(tmp_path: Path) -> None:
    write(tmp_path, RENAME)
    rows = adjustments.load(tmp_path, CHANNELS)

    assert len(adjustments.of_year(rows, CONFIG.contract, date(2027, 6, 30))) == 1
    assert adjustments.of_year(rows, CONFIG.contract, date(2027, 7, 1)) == []
