"""What only the running site shows: reachability, online entries, IPv6, search."""

import random
from collections.abc import Mapping
from math import floor

from checks.monitor.counting import Measure, count, number, whether
from checks.monitor.evidence import Evidence
from checks.scoring import Unjudged

SEARCHED_TITLES, FIRST_PAGE = 4, 10


def home_unreachable_percent(evidence: Evidence) -> Measure:
    share = evidence.availability.percent if evidence.availability else None
    if share is None or evidence.availability is None:
        return Unjudged("本周没有可用性采样")
    week = evidence.availability
    return number(share, f"{week.visits} 次采样，{week.failures} 次打不开")


def home_unreachable_whole_percent(evidence: Evidence) -> Measure:
    """C1 costs a point for each full percent."""
    share = home_unreachable_percent(evidence)
    return share if isinstance(share, Unjudged) else number(floor(share.count), *share.evidence)


def from_live(evidence: Evidence, key: str) -> Measure:
    """A count of failures that the live probes brought: {key: [what failed, …]}."""
    if evidence.live is None or key not in evidence.live:
        return Unjudged("没有访问线上网站")
    failures: Mapping[str, list[str]] = evidence.live
    return count(failures[key])


def no_search(evidence: Evidence) -> Measure:
    if evidence.search is None:
        return Unjudged("搜索自测没有进行")
    words = [row.title for row in evidence.articles[:1]]
    return whether(not words or not evidence.search(words[0]), "搜索没有结果")


def titles_not_found(evidence: Evidence) -> Measure:
    """D25: four random titles, each on the first page of results. The draw is by the day, so it can be repeated."""
    if evidence.search is None:
        return Unjudged("搜索自测没有进行")
    rows = sorted(evidence.articles, key=lambda row: row.url)
    draw = random.Random(evidence.today.isoformat())  # noqa: S311 - a sample, no secret
    sample = draw.sample(rows, min(SEARCHED_TITLES, len(rows)))
    return count(
        row.title
        for row in sample
        if row.url not in {str(hit.get("url")) for hit in evidence.search(row.title)[:FIRST_PAGE]}
    )


def results_ungrouped(evidence: Evidence) -> Measure:
    if evidence.search is None or not evidence.articles:
        return Unjudged("搜索自测没有进行")
    hits = evidence.search(evidence.articles[0].title)
    return whether(bool(hits) and not all(hit.get("group") for hit in hits), "搜索结果没有分类")


def fuzzy_search(evidence: Evidence) -> Measure:
    """B08: half of a title still finds its article."""
    if evidence.search is None or not evidence.articles:
        return Unjudged("搜索自测没有进行")
    row = max(evidence.articles, key=lambda article: len(article.title))
    part = row.title[: max(len(row.title) // 2, 4)]
    found = row.url in {str(hit.get("url")) for hit in evidence.search(part)}
    return whether(found, f"搜“{part}”")


def search_as_service(evidence: Evidence) -> Measure:
    """B08: a service's name brings its guide, grouped as a service."""
    guides = evidence.articles_by_kind.get("service", [])
    if evidence.search is None or not guides:
        return Unjudged("搜索自测没有进行")
    hits = evidence.search(guides[0].title)
    return whether(any(hit.get("group") == "办事服务" for hit in hits), guides[0].title)
