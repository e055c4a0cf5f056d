"""A run over outward addresses: who is to be asked, what the answers mean together with earlier ones."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bureau.config import Links, SiteConfig
from checks.links import probe
from checks.links.answers import BAD, Answer, Failure, State
from checks.links.judging import judge
from checks.links.outward import host_of
from checks.links.register import Asked, Register
from checks.source import Surroundings
from checks.text import words
from checks.text.lexicon import CLASSES

AGENT = "kmjt-portal-linkcheck/1.0"
# Titles of those who fight what the words name.
_AGAINST = re.compile(
    r"打击|严打|整治|治理|查处|查获|捣毁|端掉|破获|处罚|通报|举报|防范|谨防|警惕|警示|远离|拒绝|严禁|禁毒|反诈|骗局|扫黄|专项行动|犯罪|普法"
)
_PLANTED = ("gambling", "porn", "drugs")
_HEARD = (Failure.TLS, Failure.BROKEN, Failure.LOOP)  # there was somebody at the other end
_WITNESSES = 3


@dataclass(frozen=True, slots=True)
class Round:
    """What is known after a run; `unchecked` says what could not be asked."""

    asked: Mapping[str, Asked]
    unchecked: tuple[str, ...] = ()
    requests: int = 0


def run(
    urls: Iterable[str],
    config: SiteConfig,
    register: Register,
    now: datetime,
    planted: Callable[[str], str],
    progress: Callable[[int, int], None] = lambda done, of: None,
    *,
    all_due: bool = True,
) -> Round:
    """Ask what is due and keep the answers; `all_due` false: of these only what seemed dead before.

    Without a network nothing is kept and nothing is judged.
    """
    wanted = tuple(dict.fromkeys(url.partition("#")[0] for url in urls))
    known = register.asked()
    due = [
        url
        for url in wanted
        if is_due(known.get(url), config.links, now) and (all_due or (url in known and known[url].is_bad))
    ]
    answers = asyncio.run(_all(due, config, now, progress))
    if any(answer.failure is not Failure.PRIVATE for answer in answers) and not _is_connected(answers):
        answers += asyncio.run(_all(_witnesses(known, due), config, now, lambda done, of: None))
        if not _is_connected(answers):
            return Round({}, (f"{len(due)} 个站外地址没有一个有回答，本机多半没有接通互联网",))
    fresh = [weigh(answer, known.get(answer.url), planted) for answer in answers]
    register.keep(fresh)
    together = dict(known) | {one.url: one for one in fresh}
    return Round({url: together[url] for url in wanted if url in together}, (), len(answers))


def _is_connected(answers: Iterable[Answer]) -> bool:
    return any(answer.status or answer.failure in _HEARD for answer in answers)


def _witnesses(known: Mapping[str, Asked], due: Sequence[str]) -> list[str]:
    """Where all that was asked is silent: addresses of other hosts that were well, the latest first."""
    silent = {host_of(url) for url in due}
    well = [one for one in known.values() if one.state is State.WELL and host_of(one.url) not in silent]
    by_host: dict[str, str] = {}
    for one in sorted(well, key=lambda one: one.asked_at, reverse=True):
        by_host.setdefault(host_of(one.url), one.url)
    return list(by_host.values())[:_WITNESSES]


def planted_words(around: Surroundings) -> Callable[[str], str]:
    """Names the kind of words that hijackers plant, where a title has some."""
    current = words.of_site(around.quality.get(words.SITE_FILE, ""), around.today)

    def name(title: str) -> str:
        if _AGAINST.search(title):
            return ""
        hits = (hit for hit in current.scan(title) if hit.entry.kind in _PLANTED and hit.entry.severity)
        return next((CLASSES[hit.entry.kind].name for hit in hits), "")

    return name


def is_due(known: Asked | None, manners: Links, now: datetime) -> bool:
    """What was well is asked again after days, what was bad in every run until it is settled."""
    if known is None:
        return True
    age = now - known.asked_at
    if known.is_bad:
        return age >= timedelta(hours=manners.agree_hours)
    return age >= timedelta(days=manners.fresh_days)


def weigh(answer: Answer, before: Asked | None, planted: Callable[[str], str]) -> Asked:
    state, reason = judge(answer, planted)
    was_bad = before.bad_since if before and before.is_bad else None
    return Asked(
        url=answer.url,
        state=state,
        reason=reason,
        status=answer.status,
        chain=answer.chain,
        asked_at=answer.at,
        first_seen=before.first_seen if before else answer.at,
        bad_since=(was_bad or answer.at) if state in BAD else None,
    )


async def _all(
    urls: Sequence[str], config: SiteConfig, now: datetime, progress: Callable[[int, int], None]
) -> list[Answer]:
    agent = f"{AGENT} (+{config.identity.base_url}/)"
    answers = []
    async for answer in probe.ask_all(urls, config.links, agent, now):
        answers.append(answer)
        progress(len(answers), len(urls))
    return answers
