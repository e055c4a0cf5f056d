"""页面标签（meta）要齐，值不能为空。

首页要有 3 个站点标签，栏目页再加 4 个栏目标签，内容页再加 3 个内容标签；
检查时不分大小写，值为空或写成 null 都算缺。

反例  <meta name="ContentSource" content="">     信息来源是空的
正例  <meta name="PubDate" content="2026-05-18 10:19">
"""

from collections.abc import Iterator

from checks.finding import Finding, Severity
from checks.html_tokens import tokenize
from checks.site_view import OpenPage
from checks.source import Surroundings

ID = "missing-label"
CLAUSE = "2019 检查指标 D27；政府网站发展指引（网页标签）"
NEEDS_MANIFEST = True

SITE = ("SiteName", "SiteDomain", "SiteIDCode")
CHANNEL = ("ColumnName", "ColumnType", "ColumnKeywords", "ColumnDescription")
ARTICLE = ("ArticleTitle", "PubDate", "ContentSource")
# Kind of page -> its labels; any other kind (error page, site map …) has those of the site.
_WANTED = {
    "article": SITE + CHANNEL + ARTICLE,
    "channel": SITE + CHANNEL,
    "overview": SITE + CHANNEL,
    "page": SITE + CHANNEL,
}


def check_page(page: OpenPage, around: Surroundings) -> Iterator[Finding]:
    if not page.row.kind:
        return  # a file that the build copied, or a stub that leads on
    head = page.html.partition("</head>")[0]
    given = {name for name, value in labels(head).items() if value.strip() not in ("", "null")}
    for name in _WANTED.get(page.row.kind, SITE):
        if name.lower() not in given:
            yield Finding(
                rule=ID,
                severity=Severity.ERROR,
                place=page.place,
                text=name,
                message=f"页面 {page.row.url} 缺少标签 {name}",
                suggestion="在信息头、栏目表或 site.toml 里补上对应的内容",
                clause=CLAUSE,
            )


def labels(head: str) -> dict[str, str]:
    """Names in lower case."""
    found: dict[str, str] = {}
    for token in tokenize(head):
        if token.kind == "open" and token.name == "meta":
            attributes = token.attributes
            found.setdefault(attributes.get("name", "").lower(), attributes.get("content", ""))
    return found
