"""`/search` for citizens, complete without JavaScript, and `/api/v1/search` for programs."""

import re
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from portal import pieces
from portal.published import Published, Shopwindow
from portal.releases import SEARCH
from portal.search import counts, index
from portal.search.excerpts import as_html, as_text
from portal.search.query import GROUPS, Answer, Hit, Question, Searcher
from portal.shell import dress

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_LAST_PAGE = 1000
_FRESH = {"Cache-Control": "no-cache"}


class SearchDesk:
    """The searcher for what is published now."""

    def __init__(self, root: Path, window: Shopwindow) -> None:
        self.root, self.window = root, window
        self._lock = threading.Lock()
        self._key: tuple[str, int] | None = None
        self._searcher: Searcher | None = None

    def searcher(self) -> Searcher:
        """Opened once for each release. What was never published is indexed when it is first asked."""
        published = self.window.now()
        key = published.name, (published.folder / "manifest.json").stat().st_mtime_ns
        with self._lock:
            if self._searcher is None or key != self._key:
                self._searcher, self._key = self._open(published), key
            return self._searcher

    def _open(self, published: Published) -> Searcher:
        if not published.name:
            index.update(self.root)
            return Searcher(self.root / index.CACHE)
        with pieces.joined(published.folder / SEARCH, (self.root / index.CACHE).parent) as file:
            return Searcher(file)

    def ask(self, question: Question) -> Answer:
        return self.searcher().ask(question)

    def count(self, question: Question, answer: Answer) -> None:
        """A question once: refining it and turning its pages ask nothing new."""
        if question == Question(text=question.text) and question.text:
            today = datetime.now().astimezone().date()
            counts.record(self.root / counts.FILE, question.text, today, found=bool(answer.total))


def routes(desk: SearchDesk) -> list[Route]:
    async def html(request: Request) -> Response:
        question = read_question(request.query_params)
        answer = await run_in_threadpool(desk.ask, question)
        page = await run_in_threadpool(_page, desk, question, answer)
        return HTMLResponse(page, headers=_FRESH, background=BackgroundTask(desk.count, question, answer))

    async def json(request: Request) -> Response:
        question = read_question(request.query_params)
        if not question.text:
            problem = {"type": "about:blank", "title": "请用参数 q 写明要找什么", "status": 400}
            return JSONResponse(problem, 400, media_type="application/problem+json")
        answer = await run_in_threadpool(desk.ask, question)
        return JSONResponse(
            as_data(answer), headers=_FRESH, background=BackgroundTask(desk.count, question, answer)
        )

    return [Route("/search", html), Route("/api/v1/search", json)]


def read_question(query: QueryParams) -> Question:
    """Whatever makes no sense is left out, so that an old or mistyped address still answers."""
    year, page = query.get("year", ""), query.get("page", "")
    return Question(
        text=" ".join(query.get("q", "")[:100].split()),
        group=query.get("group", "") if query.get("group") in GROUPS else "",
        channel=query.get("channel", "").strip("/"),
        year=year if re.fullmatch(r"\d{4}", year) else "",
        by_date=query.get("sort") == "date",
        page=min(int(page), _LAST_PAGE) if re.fullmatch(r"[1-9]\d{0,5}", page) else 1,
    )


def as_data(answer: Answer) -> dict[str, Any]:
    question = answer.question
    return {
        "query": question.text,
        "total": answer.total,
        "page": question.page,
        "pages": answer.pages,
        "groups": [{"name": name, "count": count} for name, count in answer.groups.items()],
        "years": [{"year": year, "count": answer.years[year]} for year in sorted(answer.years, reverse=True)],
        "results": [_hit_data(hit) for hit in answer.hits],
        "suggestions": list(answer.names),
        "related": [_hit_data(hit) for hit in answer.related],
    }


def _hit_data(hit: Hit) -> dict[str, str]:
    return {
        "url": hit.url,
        "title": as_text(hit.title),
        "title_html": as_html(hit.title),
        "excerpt": as_text(hit.excerpt),
        "excerpt_html": as_html(hit.excerpt),
        "channel": hit.channel,
        "group": hit.group,
        "published": hit.published,
        "document_number": hit.document_number,
        "validity": hit.validity,
    }


def _page(desk: SearchDesk, question: Question, answer: Answer) -> str:
    searcher = desk.searcher()
    content = _TEMPLATES.get_template("results.html").render(
        asked=question,
        answer=answer,
        channels=searcher.channels.items(),
        years=searcher.years,
        link=_linker(question),
        shown_pages=range(max(1, question.page - 3), min(answer.pages, question.page + 3) + 1),
    )
    title = f"“{question.text}”的搜索结果" if question.text else "搜索"
    return dress(desk.window.now(), title, content)


def _linker(question: Question) -> Callable[..., str]:
    """`link(page=2)`: this search with something changed."""
    now = {
        "q": question.text,
        "group": question.group,
        "channel": question.channel,
        "year": question.year,
        "sort": "date" if question.by_date else "",
        "page": question.page,
    }

    def link(**changes: object) -> str:
        chosen = {
            key: value for key, value in (now | changes).items() if value and (key, value) != ("page", 1)
        }
        return f"/search?{urlencode(chosen)}"

    return link
