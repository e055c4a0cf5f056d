"""From a file on disk to a Source: the one place where the kinds of files are told apart."""

import re
from pathlib import Path, PurePosixPath

from bureau import front_matter
from bureau.channels import Channel
from bureau.errors import ConfigError
from checks.source import Source, SourceLink, Surroundings
from checks.text import attachments, markdown, web_page
from checks.text import front_matter as head_text
from checks.text.blocks import Block

MARKDOWN = (".md", ".markdown")
WEB = (".html", ".htm")
KNOWN = (*MARKDOWN, *WEB, *attachments.READERS)
_HEAD = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*(?:\r?\n|\Z)", re.M | re.S)


def read(path: str, content: bytes, around: Surroundings) -> Source:
    """Raises attachments.UnreadableError for an office file, PDF or text that cannot be read."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in attachments.READERS:
        blocks = attachments.read(path, content)
        return Source(
            path, "attachment", "\n".join(block.text for block in blocks), tuple(blocks), (), around
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise attachments.UnreadableError(_encoding_problem(content)) from error
    if suffix in WEB:
        blocks, links, tags = web_page.read(path, text)
        return Source(path, "html", text, tuple(blocks), tuple(links), around, tuple(tags))
    return _markdown(path, text, around)


def _encoding_problem(content: bytes) -> str:
    if b"\0" in content[:4096]:
        return "不是文本文件（含二进制内容）"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "文件不是 UTF-8 编码，请另存为 UTF-8"
    return "文件是 GB18030（GBK）编码，请另存为 UTF-8"


def _markdown(path: str, text: str, around: Surroundings) -> Source:
    head, error = None, None
    blocks: list[Block] = []
    links: list[SourceLink] = []
    if text.startswith(("---", "\ufeff---")) or channel_of(path, around):
        try:
            head = front_matter.parse(path, text)
        except ConfigError as problem:
            error = problem
    if head:
        blocks, links = head_text.read(path, text, head.body_line)
        body_line = head.body_line
    else:
        match = _HEAD.match(text)
        body_line = text.count("\n", 0, match.end()) + 1 if match else 1
    body_blocks, body_links, tags = markdown.read(path, text, body_line)
    return Source(
        path,
        "markdown",
        text,
        (*blocks, *body_blocks),
        (*links, *body_links),
        around,
        tuple(tags),
        head,
        channel_of(path, around),
        error,
    )


def channel_of(path: str, around: Surroundings) -> Channel | None:
    """The channel of an article: the folders between content/ and the year."""
    try:
        relative = PurePosixPath(path).relative_to(around.content)
    except ValueError:
        return None
    return front_matter.channel_of(relative.parts, around.channel_by_path)


def files_below(path: Path) -> list[Path]:
    """The files that can be read, in order; a file that is named itself is always one."""
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in KNOWN and file.is_file())
