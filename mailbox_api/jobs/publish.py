"""Write approved copies into content/ as Markdown, replace revoked ones by a notice, and commit both."""

import json
import re
import subprocess
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path

from bureau import config
from mailbox_api.deadlines import BEIJING
from mailbox_api.service import publishing
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import publications
from mailbox_api.store.publications import APPROVED, REVOKED, Publication

CHANNEL = Path("content/hdjl/ldxx")
WITHDRAWN = "来信选登已撤销"


def run(
    mailbox: Mailbox, root: Path, author: str, purge: Callable[[Collection[str]], object] = lambda _: None
) -> list[str]:
    """The files written, newest state first on disk, then in the database; may be interrupted and repeated.

    `purge` takes the revoked ones, by their files, out of what was published before.
    """
    now = mailbox.clock()
    source = config.load(root / "site.toml").identity.name
    with mailbox.database.read() as connection:
        approved = publications.in_state(connection, APPROVED)
        revoked = [row for row in publications.in_state(connection, REVOKED) if row.path]
    done = []
    for row in approved:
        path = path_of(row)
        _write(root / path, markdown(row, mailbox.department(row.department), source, now))
        publishing.published(mailbox, row.number, str(path), now)
        done.append(str(path))
    for row in revoked:
        _write(root / row.path, notice(row, source, now))
    purge([row.path for row in revoked])
    for row in revoked:
        publishing.removed(mailbox, row.number, now)
        done.append(row.path)
    if done:
        _commit(root, done, author)
    return done


def path_of(row: Publication) -> Path:
    """`<yyyy>/<id>-letter.md`; the id tells the day of the reply and the letter's place in its year."""
    return CHANNEL / f"{row.replied_on.year}/{article_id(row)}-letter.md"


def article_id(row: Publication) -> str:
    return f"{row.replied_on:%Y%m%d}-9{int(row.number.rpartition('-')[2]):06d}"


def markdown(row: Publication, department: str, source: str, now: datetime) -> str:
    """Citizens' words are text, never markup: what Markdown or HTML would read is escaped."""
    head = {
        "id": article_id(row),
        "title": f"{row.title}（选登）",
        "date": f"{now.astimezone(BEIJING):%Y-%m-%d %H:%M}",
        "source": source,
        "department": row.department,
        "category": row.category,
        "letter_number": row.number,
        "received_at": f"{row.received_on} 00:00",
        "replied_at": f"{row.replied_on} 00:00",
        "replied_by": department,
    }
    return f"{_head(head)}\n## 来信\n\n{plain(row.body)}\n\n## 答复\n\n{plain(row.reply)}\n"


def notice(row: Publication, source: str, now: datetime) -> str:
    """The address stays and says that it is gone; no word of the letter is left."""
    head = {
        "id": article_id(row),
        "title": WITHDRAWN,
        "date": f"{now.astimezone(BEIJING):%Y-%m-%d %H:%M}",
        "source": source,
        "department": row.department,
        "status": "withdrawn",
        "withdrawn_reason": WITHDRAWN,
    }
    return f"{_head(head)}\n{WITHDRAWN}。\n"


def _head(values: dict[str, str]) -> str:
    """YAML with every free text quoted as JSON, which YAML reads alike."""
    quoted = ("title", "source", "category", "letter_number", "replied_by", "withdrawn_reason")
    lines = [
        f"{key}: {json.dumps(text, ensure_ascii=False) if key in quoted else text}"
        for key, text in values.items()
    ]
    return "\n".join(["---", *lines, "---", ""])


def plain(text: str) -> str:
    """Paragraphs by blank lines; within them a line break is kept."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+!|<>~&=$:@^-]|(?<=\d)\.)", r"\\\1", text)
    paragraphs = [block.strip() for block in re.split(r"\n\s*\n", escaped) if block.strip()]
    return "\n\n".join("\\\n".join(line.strip() for line in block.splitlines()) for block in paragraphs)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, "utf-8")
    draft.replace(path)


def _commit(root: Path, paths: Sequence[str], author: str) -> None:
    """Under its own author; where the project is no git checkout, the files are all there is."""
    if not (root / ".git").exists():
        return
    git = ["git", "-C", str(root)]
    subprocess.run([*git, "add", "--", *paths], check=True, capture_output=True)
    identity = ["-c", "user.name=mailbox", "-c", "user.email=mailbox@localhost"]
    message = "Publish replies of the leader's mailbox"
    subprocess.run(
        [*git, *identity, "commit", "-q", f"--author={author}", "-m", message, "--", *paths],
        check=True,
        capture_output=True,
    )
