"""What is told to whom: templates, rungs, and the rows they become. Pure.

A notice names letters by number and carries no name, mobile or text of a citizen. Its dedupe key is unique,
so a rung can be created twice and is sent once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    SMS = "sms"
    WECHAT = "wechat"


class State(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    DEAD = "dead"
    CANCELLED = "cancelled"  # the letter was answered first, or a higher rung goes instead
    FOLDED = "folded"  # told in a digest


TEMPLATES: Mapping[str, str] = {
    "otp": "您的验证码是{code}，{minutes}分钟内有效，请不要告诉他人。",
    "new-letter": "收到新的领导信箱来信{number}（{category}），请于{due}前答复。",
    "supplemented": "来信{number}的来信人补充了情况，请查看。",
    "assigned": "来信{number}（{category}）已交您办理，请于{due}前答复。",
    "returned": "来信{number}退回重新分办，请处理。",
    "review": "来信{number}的答复稿等待您审核。",
    "review-back": "来信{number}的答复稿被退回，请修改。",
    "unread": "来信{number}收到后还没有人查看，请于{due}前答复。",
    "not-accepted": "来信{number}还没有受理，受理期限{accept_due}。",
    "due-soon": "来信{number}还有{days}个工作日到期（{due}），请尽快答复。",
    "due-today": "来信{number}今天（{due}）到期，请答复。",
    "overdue": "来信{number}已超期{days}个工作日（期限{due}），请立即答复。",
    "leader": "来信{number}已超期{days}个工作日（期限{due}）仍未答复，请督办。",
    "ticket-opened": "新工单{number}（{kind}），{term}请登录后台处理。",
    "ticket-clock": "工单{number}（{kind}）的“{term}”时限已用{share}%，{due}到期。",
    "ticket-breach": "工单{number}（{kind}）的“{term}”已到时限（{due}）仍未完成，请立即处理并告知甲方。",
    "ticket-answered": "您的工单{number}（{kind}）已响应，正在处理。",
    "ticket-told": "工单{number}（{kind}）在时限内处理不完，{promise}情况请看后台。",
    "ticket-handled": "工单{number}（{kind}）已处理，请确认。",
    "ticket-consent": "工单{number}（{kind}）需要贵单位同意后才能远程诊断，请登录后台登记。",
    "ticket-reopened": "工单{number}（{kind}）被退回，请继续处理。",
    "digest": "有{count}件来信需要处理：{numbers}。请登录后台查看。",
    "heartbeat": "信箱运行正常。在办{open}件，今天到期{due}件，超期{overdue}件；未送达通知{dead}条；审计第{seq}条 {head}。{warning}",
    "alert": "{title}：{detail}",
    "citizen-received": "您的来信{number}已收到，将于{due}前答复。请凭提交时显示的查询码查询。",
    "citizen-accepted": "您的来信{number}已受理，由{department}办理，将于{due}前答复。",
    "citizen-answered": "您的来信{number}已有答复，请凭查询码查询。",
    "citizen-declined": "您的来信{number}不予受理，理由请凭查询码查询。",
    "citizen-asked": "办理您的来信{number}需要补充情况，请凭查询码查看并答复。",
    "citizen-extended": "您的来信{number}经批准延期，将于{due}前答复。",
    "citizen-merged": "您的来信{number}与您的来信{into}合并办理，请凭查询码查询。",
    "citizen-recovered": "您的来信查询码已重新生成，原查询码作废。如非本人操作请与我们联系。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """`address` by channel: a mobile, a WeCom user or `group`."""

    name: str  # a login, or `citizen`
    addresses: Mapping[Channel, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    dedupe_key: str
    subject: str  # `letter`, `ticket`, `monitor`, `otp`, `heartbeat`
    subject_id: str
    rung: str
    channel: Channel
    recipient: str
    address: str
    template: str
    vars: Mapping[str, str]
    due_at: datetime
    urgent: bool = False  # ignores quiet hours


def render(template: str, values: Mapping[str, str], sign: str) -> str:
    return f"【{sign}】{TEMPLATES[template].format(**values)}"


def to_each(
    recipients: tuple[Recipient, ...],
    channels: tuple[Channel, ...],
    *,
    subject: tuple[str, str],
    rung: str,
    template: str,
    values: Mapping[str, str],
    at: datetime,
    urgent: bool = False,
) -> list[Notice]:
    """One row for every recipient and channel that has an address."""
    kind, subject_id = subject
    return [
        Notice(
            dedupe_key=f"{kind}:{subject_id}:{rung}:{channel}:{person.name}",
            subject=kind,
            subject_id=subject_id,
            rung=rung,
            channel=channel,
            recipient=person.name,
            address=person.addresses[channel],
            template=template,
            vars=values,
            due_at=at,
            urgent=urgent,
        )
        for person in recipients
        for channel in channels
        if person.addresses.get(channel)
    ]
