"""The live site as a visitor meets it: LinkChecker follows its links for as long as the time allows.

Home and channels are given first, the rest follows link by link. What was not reached is said.
"""

import csv
import io
import signal
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
_GRACE = 5  # seconds for requests under way to come to an end, once the time is over
_RATE = 50  # requests a second at most, where the site's LinkChecker header allows more than some three
_PATIENCE = 15  # seconds for one answer, as the tables have it
PROGRAM = Path(sys.executable).with_name("linkchecker")
_FIRST = ("home", "channel", "overview", "page")
_UNLINKED = ("", "redirect", "gone", "error")  # redirect stubs and the like: no page need lead to them
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
    if not PROGRAM.exists():
        return Crawl((), 0, ("没有 LinkChecker，请执行 make setup",))
    visited = list(read(_run(starts, budget, threads)))
    reached = {_path(row.url) for row in visited if row.is_valid}
    if not reached:
        return Crawl((), 0, (f"{base} 没有回答，一个页面也没有查到",))
    missed = [page.url for page in known if unquote(page.url) not in reached and page.kind not in _UNLINKED]
    return Crawl(tuple(_findings(visited, base, known)), len(reached), tuple(_unchecked(missed)))


def _order(page: Page) -> tuple[int, str]:
    return (_FIRST.index(page.kind) if page.kind in _FIRST else len(_FIRST)), page.url


def _path(url: str) -> str:
    return unquote(urlsplit(url).path) or "/"


def _run(starts: Sequence[str], budget: float, threads: int) -> str:
    """Its list of addresses as CSV. Interrupted when the time is over; its own clock comes up to 30 s late."""
    with TemporaryDirectory() as folder:
        settings = Path(folder) / "linkcheckerrc"
        settings.write_text(
            f"[checking]\nthreads={threads}\ntimeout={_PATIENCE}\naborttimeout={_GRACE}\n"
            f"maxrequestspersecond={_RATE}\n[AnchorCheck]\n"
        )
        Path(folder).chmod(0o755)  # it gives up root's rights before it reads them
        command = [str(PROGRAM), "-f", str(settings), "--no-status", "--verbose", "-o", "csv", *starts]
        with subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        ) as process:
            output, complaint = _output(process, budget)
    if process.returncode == 2:
        raise ConfigError("linkchecker", f"没能运行：{complaint.strip()[-300:]}")
    return output


def _output(process: "subprocess.Popen[str]", budget: float) -> tuple[str, str]:
    """The grace is part of the budget."""
    for seconds, stop in ((max(budget - _GRACE, budget / 2), signal.SIGINT), (2.0 * _GRACE, signal.SIGKILL)):
        try:
            return process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(stop)
    return process.communicate()


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
