"""图片、脚本、样式和附件必须存在、不为空、打得开。

除了文件在不在，还看内容：长度为零的文件，或者扩展名与内容不符的文件（例如改名成 .pdf 的网页），
网民下载后都打不开。

反例  ![现场](/images/none.jpg)      构建结果里没有这张图片
反例  [附件](/files/a.pdf)           a.pdf 的长度是 0
正例  ![现场](/images/2026/1.jpg)
"""

from collections.abc import Iterator
from functools import partial

from checks.finding import Finding, Place, Severity
from checks.links import contents
from checks.links.resolver import Broken
from checks.references import FORM, FRAME, NAVIGATE
from checks.rules import _broken_links, dead_anchor
from checks.site_view import Site

ID = "missing-asset"
CLAUSE = _broken_links.CLAUSE


def concerns(one: Broken) -> bool:
    return one.kind not in (NAVIGATE, FORM, FRAME) and not dead_anchor.concerns(one)


def check_site(site: Site) -> Iterator[Finding]:
    yield from _broken_links.findings(
        site, ID, "把文件放进 content/images 或 content/files，或删去引用", concerns
    )
    yield from _damaged(site)


def _damaged(site: Site) -> Iterator[Finding]:
    problems = {
        file: problem
        for file, stamp in site.built.stamps.items()
        if file not in site.built.redirects
        and (problem := contents.problem(file, stamp.size, partial(_head, site, file)))
    }
    pages = site.resolver.pages_leading_to(problems) if problems else {}
    for file, problem in problems.items():
        yield Finding(
            rule=ID,
            severity=Severity.ERROR,
            place=Place(_written_as(site, file)),
            text=file,
            message=f"{problem}：{file}",
            suggestion="重新上传这个文件",
            clause=CLAUSE,
            pages=tuple(pages[file]),
        )


def _head(site: Site, file: str) -> bytes:
    return site.built.read(file)[: contents.HEAD]


def _written_as(site: Site, file: str) -> str:
    """Files and pictures are copied as they are: tell the editor's own copy."""
    if file.startswith(("/files/", "/images/")) and site.built.has_manifest:
        return f"{site.around.content}{file}"
    return site.built.shown(file)
