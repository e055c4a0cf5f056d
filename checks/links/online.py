"""A run over outward addresses: who is to be asked, what the answers mean together with earlier ones."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bureau.config import Links, SiteConfig
from checks.links import probe
from checks.links.answers import Answer, Failure, State
from checks.links.judging import judge
from checks.links.register import Asked, Register
from checks.source import Surroundings
from checks.text import words
from checks.text.lexicon import CLASSES

AGENT = "kmjt-portal-linkcheck/1.0"
_PLANTED = ("gambling", "porn", "drugs")
_BAD = (State.DEAD, State.HIJACKED)


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
) -> Round:
    """Ask what is due and keep the answers. Without a network nothing is kept and nothing is judged."""
    wanted = tuple(dict.fromkeys(url.partition("#")[0] for url in urls))
    known = register.asked()
    due = [url for url in wanted if is_due(known.get(url), config.links, now)]
    answers = asyncio.run(_all(due, config, now, progress))
    if due and not any(answer.status for answer in answers):
        failed = {answer.failure for answer in answers} - {Failure.PRIVATE, Failure.TLS}
        if failed:
            return Round({}, (f"{len(due)} 个站外地址没有一个有回答，本机多半没有接通互联网",))
    fresh = [weigh(answer, known.get(answer.url), planted) for answer in answers]
    register.keep(fresh)
    together = dict(known) | {one.url: one for one in fresh}
    return Round({url: together[url] for url in wanted if url in together}, (), len(due))


def planted_words(around: Surroundings) -> Callable[[str], str]:
    """Names the kind of words that hijackers plant, where a title has some."""
    current = words.of_site(around.quality.get(words.SITE_FILE, ""), around.today)

    def name(title: str) -> str:
        hits = (hit for hit in current.scan(title) if hit.entry.kind in _PLANTED and hit.entry.severity)
        return next((CLASSES[hit.entry.kind].name for hit in hits), "")

    return name


def is_due(known: Asked | None, manners: Links, now: datetime) -> bool:
    """What was well is asked again after days, what was bad in every run until it is settled."""
    if known is None:
        return True
    age = now - known.asked_at
    if known.state in _BAD:
        return age >= timedelta(hours=manners.agree_hours)
    return age >= timedelta(days=manners.fresh_days)


def weigh(answer: Answer, before: Asked | None, planted: Callable[[str], str]) -> Asked:
    state, reason = judge(answer, planted)
    was_bad = before.bad_since if before and before.state in _BAD else None
    return Asked(
        url=answer.url,
        state=state,
        reason=reason,
        status=answer.status,
        chain=answer.chain,
        asked_at=answer.at,
        first_seen=before.first_seen if before else answer.at,
        bad_since=(was_bad or answer.at) if state in _BAD else None,
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
