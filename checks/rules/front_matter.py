"""稿件开头的信息头要写全、写对。

信息头里的标题、时间、来源、部门和各栏目要求的项目，决定页面标签、列表和检索。
同样的毛病也会让构建停下；这里把一篇稿件的问题一次说完。

反例  date: 2026-1-5                时间不是 2026-01-05 09:30 这样的写法
反例  （没有写 source）              缺少信息来源
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
