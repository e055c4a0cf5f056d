"""The head of an article (front matter): one table of fields that build, check and editors' completion share.

`parse` reads the head with line numbers; `problems` tells what is wrong with it, in the editor's words.
Everything is read as text first (YAML's own guesses turn `文号: 1-2` or `id: 007` into something else)
and converted by the field's kind.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bureau.channels import Channel
from bureau.config import SiteConfig
from bureau.errors import ConfigError

ARTICLE_LAYOUTS = ("standard", "wide", "document")
STATUSES = ("draft", "published", "withdrawn")
VALIDITIES = ("有效", "失效", "废止")
INTERPRETATION_FORMS = ("文字", "图解", "音频", "视频", "发布会", "访谈")
SERVICE_THEMES = (
    "道路客运", "道路货运", "危险货物", "出租汽车", "网约车", "维修驾培", "公路涉路", "水路运输", "工程建设",
)  # fmt: skip
MATERIAL_FORMS = ("原件", "复印件", "原件及复印件")
MATERIAL_MEDIA = ("纸质", "电子", "纸质或电子")

# The ten elements of a service guide (2019 indicators V6.2, D13), in the order in which they are shown.
SERVICE_ELEMENTS: Mapping[str, str] = {
    "name": "事项名称",
    "legal_basis": "设定依据",
    "conditions": "申请条件",
    "materials": "办理材料",
    "place": "办理地点",
    "org": "办理机构",
    "fee": "收费标准",
    "office_hours": "办理时间",
    "phone": "联系电话",
    "procedure": "办理流程",
}
BLANK = "（待填写）"  # what `portal new` writes where only a person knows the value
SERVICE_EXTRAS = ("statutory_limit", "promised_limit", "theme", "online_url")


@dataclass(frozen=True, slots=True)
class Field:
    """One key that a head may have. `kind`: text, datetime, date, list, enum, service, attachments."""

    kind: str
    description: str
    required: bool = False
    channel_kinds: tuple[str, ...] = ()  # where it is also required
    choices: tuple[str, ...] = ()


FIELDS: Mapping[str, Field] = {
    "id": Field("text", "永久编号，网址由它决定，发布后不改", required=True),
    "title": Field("text", "标题", required=True),
    "date": Field("datetime", "发布时间 YYYY-MM-DD HH:MM", required=True),
    "source": Field("text", "信息来源", required=True),
    "department": Field("text", "发布部门（site.toml 里的 id）", required=True),
    "author": Field("text", "作者"),
    "editor": Field("text", "责任编辑"),
    "summary": Field("text", "概要", channel_kinds=("policy", "interpretation")),
    "keywords": Field("list", "关键词"),
    "image": Field("text", "题图，/images/ 下的地址"),
    "image_alt": Field("text", "题图的文字说明"),
    "attachments": Field("attachments", "附件，/files/ 下的文件"),
    "index_number": Field("text", "索引号", channel_kinds=("policy",)),
    "document_number": Field("text", "发文字号，例 昆交规〔2026〕1号"),
    "issued": Field("date", "成文日期", channel_kinds=("policy",)),
    "issuer": Field("text", "发文机关", channel_kinds=("policy",)),
    "subject": Field("text", "主题分类", channel_kinds=("policy",)),
    "validity": Field("enum", "有效性", channel_kinds=("policy",), choices=VALIDITIES),
    "interprets": Field("list", "所解读文件的 id", channel_kinds=("interpretation",)),
    "interpreted_by": Field("list", "解读稿的 id"),
    "form": Field("enum", "解读形式", choices=INTERPRETATION_FORMS),
    "layout": Field("enum", "版式", choices=ARTICLE_LAYOUTS),
    "aliases": Field("list", "搜索用的别名"),
    "redirect_from": Field("list", "旧地址，跳转到本页"),
    "review_by": Field("date", "复核期限"),
    "unpublish_at": Field("date", "下线日期"),
    "status": Field("enum", "状态", choices=STATUSES),
    "withdrawn_reason": Field("text", "撤下的原因"),
    "reviewed_by": Field("list", "三审三校的三个名字"),
    "service": Field("service", "办事指南的十项要素", channel_kinds=("service",)),
    "opens": Field("date", "征集开始日期", channel_kinds=("consultation",)),
    "closes": Field("date", "征集截止日期", channel_kinds=("consultation",)),
    "result": Field("text", "征集结果反馈稿的 id"),
    "received_at": Field("datetime", "留言时间"),
    "replied_at": Field("datetime", "答复时间"),
    "replied_by": Field("text", "答复单位"),
    "letter_number": Field("text", "来信编号"),
    "category": Field("text", "来信类型"),
    "backfilled": Field("text", "补录说明（发布时间早于录入时写明原因）"),
}
_HEAD = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.M | re.S)
_TEXT_FIELDS = {
    key: field for key, field in FIELDS.items() if field.kind == "text" and key != "id"
}  # any text will do
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_INDICATORS = " -?:,[]{}#&*!|>'\"%@`"  # with which YAML begins something other than plain text
_PLAIN_ITEM = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`](?:[^:,?\[\]{}#\n]*[^:,?\[\]{}#\s])?")
_TOP_KEY = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A head as written: values are text, lists and mappings of text."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]  # key -> line in the file, from 1
    body: str
    body_line: int  # line in the file on which the body begins


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a head, at one line of the file."""

    line: int
    key: str
    message: str
    suggestion: str = ""


def parse(path: Path | str, text: str) -> FrontMatter:
    """Split and read the head. Raises ConfigError with file and line when it is not there or not YAML."""
    match = _HEAD.match(text)
    if match is None:
        raise ConfigError(path, "文件开头没有用 --- 括起来的信息头", 1)
    head = match[1]
    values = _read_plainly(head)
    if values is None:
        values, lines = _read_yaml(path, head)
    else:
        lines = {key: number for number, key in enumerate(values, 2)}
    return FrontMatter(values, lines, text[match.end() :], text.count("\n", 0, match.end()) + 1)


def _read_yaml(path: Path | str, head: str) -> tuple[dict[str, Any], dict[str, int]]:
    import yaml  # most heads do without

    try:
        # the base loader makes only str, list and dict
        values = yaml.load(head, getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        raise ConfigError(path, "信息头不是合法的 YAML，含冒号或引号的值请整个用引号括起来", line) from error
    if not isinstance(values, dict):
        raise ConfigError(path, "信息头应当是一行一个“键: 值”", 2)
    lines: dict[str, int] = {}
    for number, row in enumerate(head.splitlines(), 2):
        if key := _TOP_KEY.match(row):
            if key[1] in lines:
                raise ConfigError(path, f"{key[1]} 写了两次", number)
            lines[key[1]] = number
    return values, lines


def _read_plainly(head: str) -> dict[str, Any] | None:
    """A head of nothing but `key: value` and `key: [a, b]` lines, without YAML, which takes twenty times as long.

    None for whatever YAML could read otherwise than it looks: then YAML decides.
    """
    if (
        " #" in head or not head.replace("\n", "").isprintable()
    ):  # a comment; tabs, other line breaks, invisible signs
        return None
    values: dict[str, Any] = {}
    for row in head.splitlines():
        key, colon, written = row.partition(": ")
        value = _plain_value(written) if colon else None
        if value is None or key in values or not (key in FIELDS or _PLAIN_KEY.fullmatch(key)):
            return None
        values[key] = value
    return values or None


def _plain_value(written: str) -> str | list[str] | None:
    first, last = written[:1], written[-1:]
    if first == "[" and last == "]":
        items = [item.strip(" ") for item in written[1:-1].split(",")]
        return items if all(map(_PLAIN_ITEM.fullmatch, items)) else None
    if first in _INDICATORS or last in ": " or ": " in written:  # an empty text is in every text
        return None
    return written


def problems(head: FrontMatter, channel: Channel | None, config: SiteConfig) -> Iterator[Problem]:
    """Everything wrong with one head, in the order of its lines.

    What needs other articles (doubled ids, links between document and interpretation) is not judged here.
    """
    found = [*_unknown_keys(head), *_missing_keys(head, channel), *_wrong_values(head, channel, config)]
    yield from sorted(found, key=lambda problem: problem.line)


def _unknown_keys(head: FrontMatter) -> Iterator[Problem]:
    for key in head.values:
        if key not in FIELDS:
            near = _nearest(key)
            yield Problem(
                head.lines.get(key, 2),
                key,
                f"不认识的键 {key}",
                f"是否要写 {near}？" if near else f"可用的键：{'、'.join(FIELDS)}",
            )


def _missing_keys(head: FrontMatter, channel: Channel | None) -> Iterator[Problem]:
    for key, field in _required(channel.kind if channel else ""):
        if head.values.get(key) in (None, "", [], {}):
            where = f"（{channel.name}栏目必填）" if channel and not field.required else ""
            yield Problem(head.lines.get(key, 1), key, f"缺少 {key}{where}", f"补上：{field.description}")


@cache
def _required(channel_kind: str) -> tuple[tuple[str, Field], ...]:
    rows = FIELDS.items()
    return tuple((key, field) for key, field in rows if field.required or channel_kind in field.channel_kinds)


def _wrong_values(head: FrontMatter, channel: Channel | None, config: SiteConfig) -> Iterator[Problem]:
    for key, value in head.values.items():
        field = FIELDS.get(key)
        if (
            field is None
            or value in ("", [], {})
            or (field is _TEXT_FIELDS.get(key) and isinstance(value, str))
        ):
            continue
        line = head.lines.get(key, 2)
        for message, suggestion in _value_problems(key, field, value):
            yield Problem(line, key, message, suggestion)
    department = head.values.get("department")
    if isinstance(department, str) and department and config.department(department) is None:
        known = "、".join(row.id for row in config.departments)
        yield Problem(
            head.lines.get("department", 2),
            "department",
            f"没有部门 {department}",
            f"site.toml 里有：{known}",
        )
    if head.values.get("status") == "withdrawn" and not head.values.get("withdrawn_reason"):
        yield Problem(head.lines["status"], "status", "撤下的稿件要写 withdrawn_reason", "写明撤下的原因")


def _value_problems(key: str, field: Field, value: Any) -> Iterator[tuple[str, str]]:
    if field.kind in ("text", "enum", "date", "datetime") and not isinstance(value, str):
        yield f"{key} 应当是一段文字", "去掉缩进和列表符号"
    elif field.kind == "list" and not _is_list_of_text(value):
        yield f"{key} 应当是一个列表", f"写成 {key}: [甲, 乙]"
    elif field.kind == "datetime" and as_datetime(value) is None:
        yield f"{key} 的时间不对：{value}", "写成 2026-01-31 09:05"
    elif field.kind == "date" and as_date(value) is None:
        yield f"{key} 的日期不对：{value}", "写成 2026-01-31"
    elif field.kind == "enum" and value not in field.choices:
        yield f"{key} 不能是 {value}", f"可用：{'、'.join(field.choices)}"
    elif field.kind == "service":
        yield from _service_problems(value)
    elif field.kind == "attachments":
        yield from _attachment_problems(value)
    elif key == "id" and not re.fullmatch(r"[A-Za-z0-9-]+", value):
        yield f"id 只用字母、数字和连字符，现为 {value}", "例 20260131-001"


def _service_problems(value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield "service 应当是十项要素", f"逐项写：{'、'.join(SERVICE_ELEMENTS)}"
        return
    for key in value:
        if key not in SERVICE_ELEMENTS and key not in SERVICE_EXTRAS:
            yield f"service 里有不认识的键 {key}", f"可用：{'、'.join((*SERVICE_ELEMENTS, *SERVICE_EXTRAS))}"
    for key, name in SERVICE_ELEMENTS.items():
        if value.get(key) in (None, "", [], {}):
            yield f"办事指南缺少要素“{name}”（service.{key}）", f"补上{name}"
    if (theme := value.get("theme")) is not None and theme not in SERVICE_THEMES:
        yield f"service.theme 不能是 {theme}", f"可用：{'、'.join(SERVICE_THEMES)}"
    materials = value.get("materials")
    for row in materials if isinstance(materials, list) else ():
        if not isinstance(row, dict) or not row.get("name"):
            yield "materials 的每一项要有 name", "写成 {name: 申请表, form: 原件, medium: 纸质, copies: 1}"
            continue
        if row.get("form") not in MATERIAL_FORMS:
            yield f"材料“{row['name']}”没有写明原件或复印件", f"form 可用：{'、'.join(MATERIAL_FORMS)}"
        if row.get("medium") not in MATERIAL_MEDIA:
            yield f"材料“{row['name']}”没有写明纸质或电子", f"medium 可用：{'、'.join(MATERIAL_MEDIA)}"
        if not str(row.get("copies", "")).isdigit():
            yield f"材料“{row['name']}”没有写明份数", "copies 写数字"


def _attachment_problems(value: Any) -> Iterator[tuple[str, str]]:
    for row in value if isinstance(value, list) else (None,):
        file = row.get("file") if isinstance(row, dict) else row
        if not isinstance(file, str) or not file.startswith("/files/"):
            yield "附件要写 /files/ 开头的地址", "写成 - {file: /files/2026/申请表.docx, title: 申请表}"


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, str) for row in value)


def as_datetime(value: str) -> datetime | None:
    """The publishing time as written, local time without zone; None when it is not `YYYY-MM-DD HH:MM`."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def as_date(value: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _nearest(key: str) -> str:
    """A known key one slip away, for the suggestion."""
    import difflib

    return next(iter(difflib.get_close_matches(key, FIELDS, 1)), "")


def json_schema() -> dict[str, Any]:
    """The same table as a JSON schema, for completion in editors."""
    text: dict[str, Any] = {"type": "string"}
    shapes: Mapping[str, dict[str, Any]] = {
        "text": text,
        "datetime": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$"},
        "date": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "list": {"type": "array", "items": text},
        "attachments": {"type": "array", "items": {"type": "object", "required": ["file", "title"]}},
        "service": {"type": "object", "required": list(SERVICE_ELEMENTS)},
        "enum": text,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "稿件信息头",
        "type": "object",
        "additionalProperties": False,
        "required": [key for key, field in FIELDS.items() if field.required],
        "properties": {
            key: shapes[field.kind]
            | {"description": field.description}
            | ({"enum": list(field.choices)} if field.choices else {})
            for key, field in FIELDS.items()
        },
    }


def article_path(channel: Channel, year: int, article_id: str, slug: str) -> str:
    """Where an article's file belongs, below content/."""
    return f"{channel.path}/{year}/{article_id}{f'-{slug}' if slug else ''}.md"


def channel_of(relative: Sequence[str], channels: Mapping[str, Channel]) -> Channel | None:
    """The channel an article's path lies in: the folders before the year."""
    if len(relative) < 3 or not re.fullmatch(r"\d{4}", relative[-2]):
        return None
    return channels.get("/".join(relative[:-2]))
