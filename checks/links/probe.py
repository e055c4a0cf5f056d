"""Asks outward addresses, politely: few at once for each host, HEAD before GET, a name that says who asks.

Nothing is judged here: an Answer says what came back. `judging` says what that means.
"""

import asyncio
import contextlib
import ipaddress
import re
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx

from bureau.config import Links
from checks.links.answers import Answer, Failure

_READ = 65_536  # bytes of a page that are read for its title and text
_HOPS = 10
_ENOUGH = 3
_PASSING = (500, 502, 503, 504)
_PASSING_FAILURES = (Failure.CONNECTION, Failure.TIMEOUT, Failure.BROKEN)
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
        self._silent = Counter[str]()  # host -> addresses asked in vain, one after another
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(manners.timeout_seconds),
            headers={"User-Agent": agent, "Accept": "text/html,*/*;q=0.8", "Accept-Language": "zh-CN"},
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=0),  # see _visit
            verify=trusted or True,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, url: str, at: datetime) -> Answer:
        """HEAD, and GET where HEAD does not tell; failures are tried again, more slowly each time.

        A host that was silent several times running is given one GET for each further address.
        """
        host = urlsplit(url).netloc.lower()
        async with self._hosts.setdefault(host, asyncio.Semaphore(self._manners.per_host)):
            if self._silent[host] >= _ENOUGH:
                answer = await self._in_turn("GET", url, at)
            else:
                answer = await self._patiently(url, at)
            is_silent = answer.failure in (Failure.CONNECTION, Failure.TIMEOUT)
            self._silent[host] = self._silent[host] + 1 if is_silent else 0
            return answer

    async def _patiently(self, url: str, at: datetime) -> Answer:
        answer = await self._in_turn("HEAD", url, at)
        if answer.failure in (Failure.PRIVATE, Failure.ADDRESS, Failure.DNS, Failure.TLS):
            return answer
        if not answer.failure and answer.status < 400 and answer.detail and "html" not in answer.detail:
            return answer
        for attempt in range(self._manners.retries + 1):
            if attempt:
                await asyncio.sleep(self._manners.host_delay_seconds * 2 ** (attempt - 1))
            answer = await self._in_turn("GET", url, at)
            if answer.status not in _PASSING and answer.failure not in _PASSING_FAILURES:
                break
        return answer

    async def _in_turn(self, method: str, url: str, at: datetime) -> Answer:
        host = urlsplit(url).netloc.lower()
        loop = asyncio.get_running_loop()
        start = max(loop.time(), self._next.get(host, 0.0))
        self._next[host] = start + self._manners.host_delay_seconds
        await asyncio.sleep(start - loop.time())
        return await self._follow(method, url, at)

    async def _follow(self, method: str, url: str, at: datetime) -> Answer:
        chain: list[str] = []
        cookies: dict[str, str] = {}  # some guards want to see theirs again before they open
        current = url
        while True:
            answer = _about(await self._once(method, current, at, cookies), url, chain)
            if answer.failure or answer.status not in _REDIRECTS or not answer.detail:
                return answer
            onward = urljoin(current, answer.detail).partition("#")[0]
            if urlsplit(onward).netloc != urlsplit(current).netloc:
                cookies.clear()
            chain.append(f"{answer.status} {onward}")
            if len(chain) > _HOPS:
                return Answer(url=url, at=at, chain=tuple(chain), failure=Failure.LOOP, status=answer.status)
            current = onward

    async def _once(self, method: str, url: str, at: datetime, cookies: dict[str, str]) -> Answer:
        """One request without following. `detail` is the new address of a redirect, else the content type."""
        try:
            where = await self._resolved(url)
            if isinstance(where, Failure):
                return Answer(url=url, at=at, failure=where, detail=urlsplit(url).hostname or "")
            async with asyncio.timeout(self._manners.timeout_seconds * 2):
                return await self._visit(method, url, at, where, cookies)
        except (httpx.TimeoutException, TimeoutError):
            return Answer(url=url, at=at, failure=Failure.TIMEOUT)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, ValueError) as error:
            return Answer(url=url, at=at, failure=Failure.ADDRESS, detail=str(error))
        except (httpx.RemoteProtocolError, httpx.DecodingError, httpx.ReadError) as error:
            return Answer(url=url, at=at, failure=Failure.BROKEN, detail=str(error))
        except (httpx.HTTPError, OSError) as error:
            return _failed(url, at, error)

    async def _resolved(self, url: str) -> list[str] | Failure:
        """Where to go, IPv6 and IPv4 in the machine's order of preference; never into the office's own network."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return Failure.ADDRESS
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return Failure.DNS
        addresses = [str(row[4][0]) for row in found]
        if not self._manners.allow_private and not all(map(_is_public, addresses)):
            return Failure.PRIVATE
        first = {row[0]: address for row, address in reversed(list(zip(found, addresses, strict=True)))}
        return [address for address in addresses if address in first.values()]

    async def _visit(
        self, method: str, url: str, at: datetime, addresses: Sequence[str], cookies: dict[str, str]
    ) -> Answer:
        """Goes to the very address that was looked at, so that a name cannot mean another one by then.

        A connection serves one request: to another name at the same address it would prove nothing.
        """
        named = httpx.URL(url)
        headers = {"Host": named.netloc.decode("ascii")}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        for number, address in enumerate(addresses, 1):
            try:
                async with self._client.stream(
                    method,
                    named.copy_with(host=address),
                    headers=headers,
                    extensions={"sni_hostname": named.raw_host.decode("ascii")},
                ) as response:
                    content = await _beginning(response) if method == "GET" else b""
                    cookies |= response.cookies
                    self._client.cookies.clear()
                    return _said(url, at, response, content)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise AssertionError("unreachable")


def _about(answer: Answer, url: str, chain: Iterable[str]) -> Answer:
    return replace(answer, url=url, chain=tuple(chain), final=answer.final or answer.url)


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return parsed.is_global and not parsed.is_multicast


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
