"""What goes in and out as JSON: one struct for each body, with the words the OpenAPI document says of it."""

from typing import Annotated

from msgspec import Meta, Struct

from mailbox_api.letter import CATEGORIES, LIMITS, NOTICE_VERSION, Status
from mailbox_api.service.alerts import LEVELS
from mailbox_api.service.citizen import RATINGS
from mailbox_api.service.otp import PURPOSES


def one_of(*values: str | int) -> Meta:
    return Meta(extra_json_schema={"enum": list(values)})


Purpose = Annotated[str, one_of(*PURPOSES)]
Category = Annotated[str, one_of(*CATEGORIES)]


class SendCode(Struct):
    mobile: Annotated[str, Meta(description="11 位大陆手机号")]
    purpose: Purpose
    altcha: Annotated[str, Meta(description="人机验证的解，base64")]


class CodeSent(Struct):
    message: str
    expires_in: int


class VerifyCode(Struct):
    mobile: str
    purpose: Purpose
    code: Annotated[str, Meta(description="6 位数字")]


class Permit(Struct):
    permit: str
    expires_in: int


class NewLetter(Struct):
    permit: str
    name: Annotated[str, Meta(description=f"{LIMITS['name'][0]}–{LIMITS['name'][1]} 个字")]
    title: Annotated[str, Meta(description=f"{LIMITS['title'][0]}–{LIMITS['title'][1]} 个字")]
    content: Annotated[str, Meta(description=f"{LIMITS['content'][0]}–{LIMITS['content'][1]} 个字")]
    category: Category
    notice_version: Annotated[str, one_of(NOTICE_VERSION)]
    publish_consent: bool = False
    consultation: Annotated[str, Meta(description="民意征集稿件的 id；不写是普通来信")] = ""


class LetterReceipt(Struct):
    number: str
    query_code: str
    received_at: str
    due: str
    provisional: bool


class Code(Struct):
    code: Annotated[str, Meta(description="查询码")]


class Supplement(Code):
    content: str


class Rating(Code):
    rating: Annotated[int, one_of(*RATINGS), Meta(description="3 满意、2 基本满意、1 不满意")]


class Step(Struct):
    at: str
    text: str
    note: str


class Progress(Struct):
    number: str
    status: Status
    status_text: str
    received_at: str
    due: str
    provisional: bool
    overdue: bool
    department: str
    timeline: list[Step]
    question: str | None
    reply: str | None
    rating: int | None


class RecoverLetters(Struct):
    permit: str


class RecoveredLetter(Struct):
    number: str
    query_code: str
    received_at: str
    status: Status


class RecoveredLetters(Struct):
    letters: list[RecoveredLetter]


class FieldError(Struct):
    pointer: str
    detail: str


class Problem(Struct):
    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str
    errors: list[FieldError] | None = None


class Health(Struct):
    status: str


class MonitorNotice(Struct):
    key: Annotated[str, Meta(description="同一个 key 只发一次")]
    level: Annotated[str, one_of(*LEVELS)]
    audience: Annotated[str, Meta(description="administrators 或处室代号")]
    subject: str
    text: str
    found: Annotated[str | None, Meta(description="发现的时间，带时区；不写是现在")] = None


class MonitorNotices(Struct):
    notices: list[MonitorNotice]


class Taken(Struct):
    accepted: int
    known: int


class Statistics(Struct):
    """One month in public. A share of nothing is null; so is a category with too few letters to show."""

    month: str
    frozen: Annotated[bool, Meta(description="月份结束后定稿，不再变")]
    received: int
    valid: int
    accepted: int
    answered: int
    in_progress: int
    overdue: int
    answer_share: float | None
    on_time_share: float | None
    median_days: float | None
    mean_natural_days: float | None
    longest_days: int | None
    extended: int
    satisfied_share: float | None
    by_category: dict[str, int | None]
    published: int


class PublishedLetter(Struct):
    number: str
    title: str
    content: str
    category: Category
    received_on: str
    replied_on: str
    department: str
    reply: str


class PublishedLetters(Struct):
    letters: list[PublishedLetter]
