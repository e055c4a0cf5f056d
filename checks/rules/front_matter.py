"""稿件开头的信息头要写全、写对。

信息头里的标题、时间、来源、部门和各栏目要求的项目，决定页面标签、列表和检索。
同样的毛病也会让构建停下；这里把一篇稿件的问题一次说完。

反例  date: 2026-1-5                时间不是 2026-01-05 09:30 这样的写法
反例  （没有写 source）              缺少信息来源
反例  summary: （待填写）            要发布了，还没有填
正例  department: bgs               site.toml 里有这个部门
"""

from collections.abc import Iterator

from bureau import front_matter
from checks.finding import Finding, Place, Severity
from checks.source import Source

ID = "front-matter"
CLAUSE = "政府网站发展指引；2019 检查指标 D27"


def check_source(source: Source) -> Iterator[Finding]:
    if source.kind != "markdown":
        return
    if source.head_error:
        error = source.head_error
        yield _finding(source, error.line or 1, "", error.message, "对照 portal new 生成的稿件改正")
    elif source.head:
        for problem in front_matter.problems(source.head, source.channel, source.around.config):
            yield _finding(source, problem.line, problem.key, problem.message, problem.suggestion)
        if source.head.values.get("status") != "draft":
            yield from _blanks(source)


def _blanks(source: Source) -> Iterator[Finding]:
    """What `portal new` left for a person to fill in, in the head or in the text."""
    for block in source.blocks:
        start = block.text.find(front_matter.BLANK)
        if start >= 0:
            yield Finding(
                rule=ID,
                severity=Severity.ERROR,
                place=block.place(start, start + len(front_matter.BLANK)),
                text=front_matter.BLANK,
                message=f"要发布的稿件还写着{front_matter.BLANK}",
                suggestion="补上内容；用不着的一行删去",
                clause=CLAUSE,
            )


def _finding(source: Source, line: int, key: str, message: str, suggestion: str) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        place=Place(source.path, line, 1, line, 1 + len(key)),
        text=key,
        message=message,
        suggestion=suggestion,
        clause=CLAUSE,
    )
