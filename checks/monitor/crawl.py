"""The live site as a visitor meets it: LinkChecker follows its links for as long as the time allows.

Home and channels are given first, the rest follows link by link. What was not reached is said.
"""

import csv
import io
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

from bureau.errors import ConfigError
from checks.built_site import Page
from checks.finding import Finding, Place, Severity

ID = "live-link"
CLAUSE = "2019 检查指标 D22；2015 普查 C2"
BUDGET = 600.0  # seconds
_GRACE = 20.0  # to let requests under way come to an end
_FIRST = ("home", "channel", "overview", "page")
_SHOWN = 20  # unreached addresses told one by one


@dataclass(frozen=True, slots=True)
class Visited:
    url: str  # as it ended, after redirects
    parent: str  # the page that has the link; empty for a start
    name: str  # the link's text
    result: str
    is_valid: bool
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Crawl:
    findings: tuple[Finding, ...]
    pages: int  # addresses reached
    unchecked: tuple[str, ...] = ()


def crawl(base: str, pages: Iterable[Page], *, budget: float = BUDGET, threads: int = 4) -> Crawl:
    """`pages` are those that should be there, by the manifest of the release; none: of a site not ours."""
    base = base.rstrip("/")
    known = sorted(pages, key=_order)
    starts = [f"{base}/"] + [base + page.url for page in known if page.kind in _FIRST and page.url != "/"]
    visited = list(read(_run(starts, budget, threads)))
    reached = {_path(row.url) for row in visited if row.is_valid}
    if not reached:
        return Crawl((), 0, (f"{base} 没有回答，一个页面也没有查到",))
    missed = [
        page.url for page in known if unquote(page.url) not in reached and page.kind not in ("gone", "error")
    ]
    return Crawl(tuple(_findings(visited, base, known)), len(reached), tuple(_unchecked(missed)))


def _order(page: Page) -> tuple[int, str]:
    return (_FIRST.index(page.kind) if page.kind in _FIRST else len(_FIRST)), page.url


def _path(url: str) -> str:
    return unquote(urlsplit(url).path) or "/"


def _run(starts: Sequence[str], budget: float, threads: int) -> str:
    """Its list of addresses as CSV. It stops by itself when its time is over."""
    program = Path(sys.executable).with_name("linkchecker")
    with TemporaryDirectory() as folder:
        settings = Path(folder) / "linkcheckerrc"
        settings.write_text(f"[checking]\nmaxrunseconds={int(budget)}\nthreads={threads}\n[AnchorCheck]\n")
        Path(folder).chmod(0o755)  # it gives up root's rights before it reads them
        command = [str(program), "-f", str(settings), "--no-status", "--verbose", "-o", "csv", *starts]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=budget + _GRACE, check=False, cwd=folder
            )
        except FileNotFoundError as error:
            raise ConfigError(program, "没有 LinkChecker，请执行 make setup") from error
        except subprocess.TimeoutExpired as error:
            said = error.stdout or b""
            return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if done.returncode == 2:
        raise ConfigError("linkchecker", f"没能运行：{done.stderr.strip()[-300:]}")
    return done.stdout


def read(output: str) -> Iterator[Visited]:
    """Rows of LinkChecker's CSV; an interrupted last one is left out."""
    rows = csv.DictReader((line for line in io.StringIO(output) if not line.startswith("#")), delimiter=";")
    for row in rows:
        if row.get("valid") in ("True", "False") and row.get("url"):
            yield Visited(
                url=row["url"],
                parent=row["parentname"] or "",
                name=row["name"] or "",
                result=row["result"] or "",
                is_valid=row["valid"] == "True",
                line=_number(row["line"]),
                column=_number(row["column"]),
            )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _findings(visited: Iterable[Visited], base: str, pages: Iterable[Page]) -> Iterator[Finding]:
    """One for each dead address and page that has it, told of the file that the page was made from."""
    known = {unquote(page.url): page for page in pages}
    told = set()
    for row in visited:
        if row.is_valid or (row.url, row.parent) in told:
            continue
        told.add((row.url, row.parent))
        parent = _path(row.parent) if row.parent else "/"
        page = known.get(parent)
        place = (
            Place(page.source, 1, 1, 1, 1)
            if page and page.source
            else Place(row.parent or base, row.line, row.column, row.line, row.column)
        )
        yield Finding(
            rule=ID,
            severity=Severity.ERROR,
            place=place,
            text=row.url,
            message=f"线上打不开（{row.result}）：{row.url}，在 {parent} “{row.name}”",
            suggestion="改正链接后重新发布；服务器上缺文件的补传",
            clause=CLAUSE,
            pages=(page.file if page else parent,),
        )


def _unchecked(missed: Sequence[str]) -> Iterator[str]:
    for url in missed[:_SHOWN]:
        yield f"没有走到 {url}"
    if len(missed) > _SHOWN:
        yield f"另有 {len(missed) - _SHOWN} 个页面没有走到"
