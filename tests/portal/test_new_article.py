"""portal new: the head it writes passes the check of its channel, and Word documents come over whole."""

import io
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from PIL import Image

from bureau import channels, config, front_matter
from bureau.errors import ConfigError
from portal import drafts, word_import

ROOT = Path(__file__).parents[2]
CHANNELS = channels.load(ROOT / "content")
SITE = config.load(ROOT / "site.toml")
NOW = datetime(2026, 11, 25, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize("channel", [pytest.param(channel, id=channel.path) for channel in CHANNELS])
def test_a_new_article_passes_the_check_of_its_channel(channel: channels.Channel) -> None:
    draft = drafts.new(SITE, channel, "“十五五”规划：1.5 版 #1", "20261125-001", NOW)
    head = front_matter.parse(draft.path, draft.text())

    assert list(front_matter.problems(head, channel, SITE)) == []
    assert head.values["title"] == "“十五五”规划：1.5 版 #1"
    assert draft.path.is_relative_to(channel.path)


def test_the_number_follows_the_highest_of_the_day(tmp_path: Path) -> None:
    for name in (
        "xwzx/2026/20261125-001.md",
        "tzgg/2026/20261125-012-tongzhi.md",
        "tzgg/2026/20261124-090.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert drafts.next_id(tmp_path, NOW) == "20261125-013"


def test_the_file_name_tells_the_title_in_ascii() -> None:
    assert drafts.slug("关于G85高速昆明段施工的通告（第2号）") == "guan-yu-g85-gao-su-kun-ming-duan"


def test_a_channel_is_found_by_path_or_name_and_a_slip_is_told() -> None:
    channel = CHANNELS[6]

    assert drafts.find_channel(CHANNELS, channel.path) == channel
    assert drafts.find_channel(CHANNELS, channel.name) == channel
    with pytest.raises(ConfigError, match="是否要写 xwzx/jtyw"):
        drafts.find_channel(CHANNELS, "xwzx/jtwy")


def word_document(path: Path) -> Path:
    document = docx.Document()
    document.add_heading("关于开展安全检查的通知", 0)
    paragraph = document.add_paragraph("各有关单位要")
    paragraph.add_run("高度重视").bold = True
    paragraph.add_run("，编号 a_b 1*2 不变。")
    document.add_paragraph("一、检查范围")
    document.add_paragraph("（一）客运站")
    document.add_paragraph("1.候车室")
    document.add_paragraph("一、检查范围包括客运站和货运站。各单位对照执行。")
    document.add_paragraph("先自查", style="List Number")
    document.add_paragraph("再抽查", style="List Number")
    for text, level in (("站房", ""), ("候车区", " 2"), ("灭火器", " 3"), ("停车场", "")):
        document.add_paragraph(text, style=f"List Bullet{level}")
    document.add_paragraph("甲局 & 乙局").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph("2026年11月25日").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    plain = document.add_table(2, 2)
    for cell, text in zip(
        [c for row in plain.rows for c in row.cells], ("单位", "数量", "甲站", "3"), strict=True
    ):
        cell.text = text
    joined = document.add_table(2, 2)
    joined.cell(0, 0).merge(joined.cell(0, 1)).text = "合并的表头"
    joined.cell(1, 0).text, joined.cell(1, 1).text = "左", "右"
    picture = io.BytesIO()
    Image.new("RGB", (4, 3), "navy").save(picture, "PNG")
    document.add_picture(io.BytesIO(picture.getvalue()))
    document.save(str(path))
    return path


def test_a_word_document_comes_over_with_tables_and_pictures(tmp_path: Path) -> None:
    path = word_document(tmp_path / "通知.docx")
    imported = word_import.read(path, "关于开展安全检查的通知", "20261125-001", "/images/2026")

    assert "关于开展安全检查的通知" not in imported.markdown
    assert "各有关单位要**高度重视**，编号 a_b 1\\*2 不变。" in imported.markdown
    assert "\n1.候车室\n" in imported.markdown
    assert "\n## 一、检查范围\n" in imported.markdown
    assert "\n### （一）客运站\n" in imported.markdown
    assert "\n一、检查范围包括" in imported.markdown
    assert "1. 先自查\n2. 再抽查" in imported.markdown
    assert "- 站房\n    - 候车区\n        - 灭火器\n- 停车场" in imported.markdown
    assert (
        '\n<p class="right">甲局 &amp; 乙局</p>\n\n<p class="right">2026年11月25日</p>\n' in imported.markdown
    )
    assert "| 单位 | 数量 |\n| --- | --- |\n| 甲站 | 3 |" in imported.markdown
    assert '<td colspan="2">' in imported.markdown
    assert "![（待填写）](/images/2026/20261125-001-1.png)" in imported.markdown
    assert imported.pictures["20261125-001-1.png"].startswith(b"\x89PNG")
    assert imported.remarks == ["图片 20261125-001-1.png 没有文字说明，请在方括号里写明图上是什么。"]


def test_what_is_not_a_docx_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "旧.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0 old word")

    with pytest.raises(ConfigError, match="另存为"):
        word_import.read(path, "题", "1", "/images")
