"""A letter (来信) and the moves it can make. Pure: no clock, no database, no personal data."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from mailbox_api.errors import Conflict, Invalid
from mailbox_api.worded import Worded


class Status(Worded):
    RECEIVED = "received", "已收到，待受理"
    ACCEPTED = "accepted", "已受理"
    HANDLING = "handling", "办理中"
    ASKED = "asked", "请您补充情况"
    REPLIED = "replied", "已答复"
    CLOSED = "closed", "已办结"
    DECLINED = "declined", "不予受理"
    MERGED = "merged", "与另一封来信合并办理"
    WITHDRAWN = "withdrawn", "已撤回"

    @property
    def is_open(self) -> bool:
        """Still waits for the bureau's answer."""
        return self in OPEN


OPEN = frozenset({Status.RECEIVED, Status.ACCEPTED, Status.HANDLING, Status.ASKED})

MOVES: Mapping[Status, frozenset[Status]] = {
    Status.RECEIVED: frozenset({Status.ACCEPTED, Status.DECLINED, Status.MERGED, Status.WITHDRAWN}),
    Status.ACCEPTED: frozenset({Status.HANDLING, Status.ASKED, Status.REPLIED, Status.MERGED}),
    Status.HANDLING: frozenset({Status.HANDLING, Status.ASKED, Status.REPLIED, Status.MERGED}),
    Status.ASKED: frozenset({Status.HANDLING, Status.REPLIED}),
    Status.REPLIED: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset(),
    Status.DECLINED: frozenset(),
    Status.MERGED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}

CATEGORIES = ("咨询", "求助", "建议", "投诉", "举报", "其他")

# 不受理情形：mailbox-rules §2 的各地须知；理由告知来信人。
DECLINE_REASONS: Mapping[str, str] = {
    "other-authority": "不属于本机关职责，请向有权处理的机关提出",
    "court": "已经进入仲裁、行政复议或诉讼程序",
    "petition": "已由信访渠道受理，正在办理或已经办结",
    "emergency": "属于应当拨打110、119、120的紧急事项",
    "disclosure": "属于政府信息公开申请，请通过依申请公开渠道提出",
    "unclear": "没有具体诉求，或事实不清、无法核实",
    "secret": "涉及国家秘密、商业秘密或他人隐私，不能在网上办理",
    "insult": "含有侮辱、诽谤、捏造的内容",
    "illegal": "内容违反宪法或法律法规",
}

LIMITS = {"name": (2, 30), "title": (4, 60), "content": (10, 5000)}
FIELD_NAMES = {
    "name": "姓名",
    "title": "标题",
    "content": "留言内容",
    "mobile": "手机号",
    "category": "来信类型",
    "code": "短信验证码",
    "permit": "手机验证",
    "notice_version": "须知",
    "altcha": "人机验证",
    "purpose": "用途",
}
MOBILE = re.compile(r"1[3-9]\d{9}")
MAX_SUPPLEMENTS = 3
NOTICE_VERSION = "2026-01"  # 须知与个人信息处理规则的版本，随信保存


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a citizen sends, already clean."""

    name: str
    title: str
    content: str
    category: str
    publish_consent: bool
    notice_version: str
    consultation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    number: str
    category: str
    status: Status
    received_at: datetime
    accept_due: date
    due: date
    provisional: bool
    department: str = ""
    handler: str = ""
    seen_at: datetime | None = None
    accepted_at: datetime | None = None
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    extended_days: int = 0
    asked: bool = False
    supplements: int = 0
    decline_reason: str = ""
    merged_into: str = ""
    rating: int | None = None
    publish_consent: bool = False
    notice_version: str = ""
    consultation: str = ""
    version: int = 1

    def moved(self, to: Status) -> "Letter":
        """Raises Conflict when the table of moves has no such move."""
        if to not in MOVES[self.status]:
            raise Conflict(f"来信{self.number}现在是“{self.status.text}”，不能改为“{to.text}”")
        return replace(self, status=to)

    def accepted(self, department: str, at: datetime) -> "Letter":
        return replace(self.moved(Status.ACCEPTED), department=department, accepted_at=at)

    def declined(self, reason: str, at: datetime) -> "Letter":
        if reason not in DECLINE_REASONS:
            raise Invalid({"reason": "请从列表里选择不予受理的理由"})
        return replace(self.moved(Status.DECLINED), decline_reason=reason, closed_at=at)

    def replied(self, at: datetime) -> "Letter":
        return replace(self.moved(Status.REPLIED), replied_at=at)

    def closed(self, at: datetime) -> "Letter":
        return replace(self.moved(Status.CLOSED), closed_at=at)

    def withdrawn(self, at: datetime) -> "Letter":
        return replace(self.moved(Status.WITHDRAWN), closed_at=at)


def clean(text: str, *, lines: bool = False) -> str:
    """NFC, without control, bidi-override and zero-width characters; citizens' text is never markup."""
    kept = []
    for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")):
        if char == "\n" and lines:
            kept.append(char)
        elif unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            kept.append(" " if char in "\n\t" else "")
        else:
            kept.append(char)
    return "".join(kept).strip()


def read_mobile(text: str) -> str | None:
    """A mainland mobile as 11 digits; None when it is none."""
    digits = re.sub(r"[\s\-‐-―]", "", unicodedata.normalize("NFKC", text))
    digits = digits.removeprefix("+86")
    return digits if MOBILE.fullmatch(digits) else None


def length_problem(field: str, text: str) -> str | None:
    low, high = LIMITS[field]
    name = FIELD_NAMES[field]
    if not text:
        return f"请填写{name}"
    if len(text) < low:
        return f"{name}至少{low}个字，现在{len(text)}个"
    if len(text) > high:
        return f"{name}最多{high}个字，现在{len(text)}个"
    return None


def read_submission(raw: Mapping[str, object]) -> Submission:
    """Check and clean the fields. Raises Invalid naming every bad one."""
    texts = {name: clean(_text(raw, name), lines=name == "content") for name in LIMITS}
    problems = {name: problem for name, text in texts.items() if (problem := length_problem(name, text))}
    if not raw.get("category"):
        problems["category"] = "请选择来信类型"
    elif raw["category"] not in CATEGORIES:
        problems["category"] = f"来信类型应为：{'、'.join(CATEGORIES)}"
    consent = raw.get("publish_consent", False)
    if not isinstance(consent, bool):
        problems["publish_consent"] = "是否同意公开应为 true 或 false"
    if not isinstance(raw.get("consultation", ""), str):
        problems["consultation"] = "consultation 应为文字"
    if raw.get("notice_version") != NOTICE_VERSION:
        problems["notice_version"] = "请先阅读并勾选来信须知与个人信息处理规则"
    if problems:
        raise Invalid(problems)
    return Submission(
        **texts,
        category=str(raw["category"]),
        publish_consent=bool(consent),
        notice_version=NOTICE_VERSION,
        consultation=clean(_text(raw, "consultation")),
    )


def _text(raw: Mapping[str, object], name: str) -> str:
    value = raw.get(name, "")
    return value if isinstance(value, str) else ""


def masked_mobile(mobile: str) -> str:
    return f"{mobile[:3]}****{mobile[-4:]}"


def masked_name(name: str) -> str:
    return f"{name[:1]}{'*' * (len(name) - 1)}"
