"""Asks outward addresses, politely: few at once for each host, HEAD before GET, a name that says who asks.

Nothing is judged here: an Answer says what came back. `judging` says what that means.
"""

import asyncio
import contextlib
import ipaddress
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx

from bureau.config import Links
from checks.links.answers import Answer, Failure

_READ = 65_536  # bytes of a page that are read for its title and text
_HOPS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.I | re.S)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.I)
_MARKUP = re.compile(r"<(script|style|noscript)\b.*?</\1|<[^>]*>|\s+", re.I | re.S)


class Prober:
    """Put together once for a run; `close` gives back its connections."""

    def __init__(self, manners: Links, agent: str, trusted: ssl.SSLContext | None = None) -> None:
        self._manners = manners
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._next: dict[str, float] = {}
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(manners.timeout_seconds),
            headers={"User-Agent": agent, "Accept": "text/html,*/*;q=0.8", "Accept-Language": "zh-CN"},
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
            verify=trusted or True,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, url: str, at: datetime) -> Answer:
        """HEAD, and GET where HEAD does not tell; failures are tried again, more slowly each time."""
        answer = await self._patiently("HEAD", url, at)
        if answer.failure in (Failure.PRIVATE, Failure.ADDRESS, Failure.DNS, Failure.TLS):
            return answer
        if answer.failure or answer.status >= 400 or not answer.detail or "html" in answer.detail:
            answer = await self._patiently("GET", url, at)
        return answer

    async def _patiently(self, method: str, url: str, at: datetime) -> Answer:
        for attempt in range(self._manners.retries + 1):
            answer = await self._in_turn(method, url, at)
            passing = answer.status in (500, 502, 503, 504) or answer.failure in (
                Failure.CONNECTION,
                Failure.TIMEOUT,
                Failure.BROKEN,
            )
            if not passing or method == "HEAD" or attempt == self._manners.retries:
                return answer
            await asyncio.sleep(self._manners.host_delay_seconds * 2**attempt)
        raise AssertionError("unreachable")

    async def _in_turn(self, method: str, url: str, at: datetime) -> Answer:
        host = urlsplit(url).netloc.lower()
        async with self._hosts.setdefault(host, asyncio.Semaphore(self._manners.per_host)):
            loop = asyncio.get_running_loop()
            start = max(loop.time(), self._next.get(host, 0.0))
            self._next[host] = start + self._manners.host_delay_seconds
            await asyncio.sleep(start - loop.time())
            return await self._follow(method, url, at)

    async def _follow(self, method: str, url: str, at: datetime) -> Answer:
        chain: list[str] = []
        current = url
        seen = {url}
        while True:
            answer = await self._once(method, current, at)
            answer = _about(answer, url, chain)
            if answer.failure or answer.status not in _REDIRECTS or not answer.detail:
                return answer
            current = urljoin(current, answer.detail).partition("#")[0]
            chain.append(f"{answer.status} {current}")
            if current in seen or len(chain) > _HOPS:
                return Answer(url=url, at=at, chain=tuple(chain), failure=Failure.LOOP, status=answer.status)
            seen.add(current)

    async def _once(self, method: str, url: str, at: datetime) -> Answer:
        """One request without following. `detail` is the new address of a redirect, else the content type."""
        said: Answer
        try:
            if refused := await self._refusal(url):
                return Answer(url=url, at=at, failure=refused, detail=urlsplit(url).hostname or "")
            async with asyncio.timeout(self._manners.timeout_seconds * 2):
                async with self._client.stream(method, url) as response:
                    peer = response.extensions["network_stream"].get_extra_info("server_addr")
                    if peer and not self._manners.allow_private and not _is_public(str(peer[0])):
                        return Answer(url=url, at=at, failure=Failure.PRIVATE, detail=str(peer[0]))
                    content = await _beginning(response) if method == "GET" else b""
                    said = _said(url, at, response, content)
        except (httpx.TimeoutException, TimeoutError):
            return Answer(url=url, at=at, failure=Failure.TIMEOUT)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, ValueError) as error:
            return Answer(url=url, at=at, failure=Failure.ADDRESS, detail=str(error))
        except (httpx.RemoteProtocolError, httpx.DecodingError, httpx.ReadError) as error:
            return Answer(url=url, at=at, failure=Failure.BROKEN, detail=str(error))
        except (httpx.HTTPError, OSError) as error:
            return _failed(url, at, error)
        return said

    async def _refusal(self, url: str) -> Failure | None:
        """Private ranges are not asked: a link must not reach into the office's own network."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return Failure.ADDRESS
        if self._manners.allow_private:
            return None
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return Failure.DNS
        return None if all(_is_public(str(row[4][0])) for row in found) else Failure.PRIVATE


def _about(answer: Answer, url: str, chain: Iterable[str]) -> Answer:
    return replace(answer, url=url, chain=tuple(chain), final=answer.final or answer.url)


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_global


def _said(url: str, at: datetime, response: httpx.Response, content: bytes) -> Answer:
    kind = response.headers.get("content-type", "")
    detail = response.headers.get("location", "") if response.status_code in _REDIRECTS else kind
    html = _decoded(content, kind) if "html" in kind or content[:200].lstrip()[:1] == b"<" else ""
    title = _TITLE.search(html)
    return Answer(
        url=url,
        at=at,
        status=response.status_code,
        final=url,
        title=unescape(" ".join(title[1].split()))[:200] if title else "",
        text=unescape(_MARKUP.sub(" ", html)).strip()[:2000],
        detail=detail or ("-" if response.status_code < 300 and content else ""),
    )


async def _beginning(response: httpx.Response) -> bytes:
    content = b""
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) >= _READ:
            break
    return content[:_READ]


def _decoded(content: bytes, kind: str) -> str:
    named = _CHARSET.search(kind.encode("ascii", "replace")) or _CHARSET.search(content[:2048])
    for encoding in (named[1].decode() if named else "utf-8", "utf-8", "gb18030"):
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            return content.decode(encoding, "ignore" if encoding == "gb18030" else "strict")
    return content.decode("utf-8", "replace")


def _failed(url: str, at: datetime, error: Exception) -> Answer:
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Answer(url=url, at=at, failure=Failure.TLS, detail=cause.verify_message or str(cause))
        if isinstance(cause, ssl.SSLError):
            return Answer(url=url, at=at, failure=Failure.TLS, detail=cause.reason or str(cause))
        if isinstance(cause, socket.gaierror):
            return Answer(url=url, at=at, failure=Failure.DNS, detail=str(cause))
    return Answer(url=url, at=at, failure=Failure.CONNECTION, detail=str(error))


async def ask_all(urls: Iterable[str], manners: Links, agent: str, at: datetime) -> AsyncIterator[Answer]:
    """The answers as they come."""
    prober = Prober(manners, agent)
    tasks = [asyncio.create_task(prober.ask(url, at)) for url in dict.fromkeys(urls)]
    try:
        for task in asyncio.as_completed(tasks):
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await prober.close()
