"""The dialect that editors may use, by both engines."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from bureau import front_matter, markdown, python_markdown

ROOT = Path(__file__).parents[2]
SAMPLES = {
    "粗体紧挨中文标点": "**办理地点：**昆明 *斜体*，`代码`\n",
    "删除线": "原价~~20元~~现价15元\n",
    "表格与对齐": "| 名称 | 数量 |\n|:--|--:|\n| 公交 | 12 |\n",
    "脚注": "快报数[^1]，另见[^注]。\n\n[^1]: 不含邮政。\n\n[^注]: 四至八年。\n",
    "脚注引用两次": "甲[^1]乙[^1]。\n\n[^1]: 说明。\n",
    "标题的锚": "## 一、总体要求\n\n## 一、总体要求\n\n### 附件 A（样表）\n",
    "列表紧跟段落": "需要：\n- 申请表\n- 身份证\n",
    "编号列表从三开始": "正文\n\n3. 甲\n4. 乙\n",
    "有空行的列表": "1. 甲\n2. 乙\n\n3. 丙\n",
    "子列表缩进四格": "- 甲\n    - 乙\n    - 丙\n- 丁\n",
    "编号下的子列表": "1. 甲\n    - 乙\n2. 丙\n",
    "原样的HTML": '<div class="tip">\n<p>提示</p>\n</div>\n\n后文\n',
    "图片和链接": '![现场](/images/a.jpg "题") [办法](/zwgk/zcwj/2026/1.html)\n\n<https://www.gov.cn/>\n',
    "引用和分隔线": "> 第一条\n> 续\n\n---\n\n正文\n",
    "代码块": "```\nx < y\n- 不是列表\n```\n",
    "硬换行": "第一行  \n第二行\n",
    "转义": "\\*不是斜体\\* &amp; AT&T\n",
}


class Dom(HTMLParser):
    """Tags, attributes and text; without the white space that browsers do not show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[object] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, sorted((name, value or "") for name, value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("br", "hr", "img"):
            self.parts.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.parts.append(text)


def dom(html: str) -> list[object]:
    return Dom(html).parts


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES.keys())
def test_both_engines_agree_on_the_dialect(text: str) -> None:
    assert dom(python_markdown.render(text)) == dom(markdown.render(text))


def test_both_engines_agree_on_every_article() -> None:
    different = []
    for path in sorted((ROOT / "content").rglob("*.md")):
        body = front_matter.parse(path, path.read_text("utf-8")).body
        if dom(python_markdown.render(body)) != dom(markdown.render(body)):
            different.append(path.name)

    assert different == []


def test_bold_works_beside_chinese_punctuation() -> None:
    assert "<strong>办理地点：</strong>昆明" in markdown.render("**办理地点：**昆明")


def test_headings_carry_ids_and_no_empty_links() -> None:
    assert markdown.render("## 一、总体 要求") == '<h2 id="一总体-要求">一、总体 要求</h2>\n'


def test_the_way_back_from_a_footnote_is_told_in_chinese() -> None:
    assert 'aria-label="回到正文第 1 处引用"' in markdown.render("甲[^1]\n\n[^1]: 乙\n")


def test_the_engine_goes_by_the_name_in_site_toml() -> None:
    assert markdown.engine("comrak") is markdown.render
    assert markdown.engine("python-markdown") is python_markdown.render
