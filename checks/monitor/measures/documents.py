"""Policy documents and their interpretations: how many are explained, and whether both sides link."""

import re

from checks.monitor.counting import Measure, count, whether
from checks.monitor.evidence import Article, Evidence

SAMPLE = 3  # G9: fewer than that are all looked at
RICH_FORMS = ("图解", "音频", "视频", "发布会", "访谈")
CHART_WORDS = re.compile(r"!\[[^\]]*(图|表)[^\]]*\]\(")


def documents_without_interpretation(evidence: Evidence) -> Measure:
    own = [
        row
        for row in evidence.articles_by_kind.get("policy", ())
        if row.head.get("issuer") == evidence.config.identity.organizer
    ][:SAMPLE]
    return count(f"{row.title}（{row.source}）没有解读" for row in own if not _interpretations(evidence, row))


def _interpretations(evidence: Evidence, document: Article) -> list[Article]:
    return [
        row
        for row in evidence.articles_by_kind.get("interpretation", ())
        if document.id in row.ids("interprets") or row.id in document.ids("interpreted_by")
    ]


def interpretation_without_document_link(evidence: Evidence) -> Measure:
    return count(
        f"{row.source} 没有链接到所解读的文件"
        for row, document in _sampled_pairs(evidence)
        if document is None or f'"{document.url}"' not in evidence.html(row.file)
    )


def document_without_interpretation_link(evidence: Evidence) -> Measure:
    return count(
        f"{document.source} 没有链接到解读 {row.title}"
        for row, document in _sampled_pairs(evidence)
        if document is not None and f'"{row.url}"' not in evidence.html(document.file)
    )


def _sampled_pairs(evidence: Evidence) -> list[tuple[Article, Article | None]]:
    pairs: list[tuple[Article, Article | None]] = []
    for row in evidence.articles_by_kind.get("interpretation", ())[:SAMPLE]:
        targets = row.ids("interprets") or ("",)
        pairs += [(row, evidence.article_by_id.get(target)) for target in targets]
    return pairs


def rich_interpretations(evidence: Evidence) -> Measure:
    """B02: of three interpretations of different documents, those that are more than text."""
    rich: dict[tuple[str, ...], str] = {}
    for row in evidence.articles_by_kind.get("interpretation", ()):
        if row.head.get("form") in RICH_FORMS:
            rich.setdefault(row.ids("interprets"), f"{row.title}（{row.head['form']}）")
    return count(list(rich.values())[:SAMPLE])


def data_charts_in_6_months(evidence: Evidence) -> Measure:
    recent = evidence.within(evidence.articles_by_kind.get("statistics", ()), 183)
    charts = [row.title for row in recent if row.head.get("image") or CHART_WORDS.search(row.body)]
    return whether(bool(charts), *charts[:3])


def data_downloads(evidence: Evidence) -> Measure:
    recent = evidence.within(evidence.articles_by_kind.get("statistics", ()), 183)
    files = [row.title for row in recent if row.head.get("attachments")]
    return whether(bool(files), *files[:3])
