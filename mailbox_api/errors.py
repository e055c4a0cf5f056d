# ruff: noqa: N818 - these are names of what happened, read after `raise`
"""What can go wrong between people and the mailbox. `code` is stable; the text is for people."""


class MailboxError(Exception):
    """`code` names the kind for programs."""

    code = "mailbox"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(MailboxError):
    """Fields that are missing or bad, each with a sentence: {"title": "请写标题"}."""

    code = "invalid"

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("；".join(fields.values()))
        self.fields = fields


class NotFound(MailboxError):
    code = "not-found"


class Forbidden(MailboxError):
    code = "forbidden"


class NotSignedIn(MailboxError):
    code = "not-signed-in"


class Conflict(MailboxError):
    """Somebody else was faster, or the move is not allowed from here."""

    code = "conflict"


class Duplicate(MailboxError):
    """The same letter again within a day."""

    code = "duplicate"


class KeyReused(MailboxError):
    """An Idempotency-Key that came with another body before."""

    code = "idempotency-key-reused"


class TooMany(MailboxError):
    """A limit was reached; `wait` seconds until it makes sense to try again."""

    code = "too-many"

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message)
        self.wait = wait


class Unavailable(MailboxError):
    """The database is away, full or locked: nothing was stored, and it makes sense to try again."""

    code = "unavailable"
    wait = 30

    def __init__(
        self, message: str = "信箱暂时不能保存，您填写的内容没有提交。请保留本页，过几分钟再提交"
    ) -> None:
        super().__init__(message)
