"""外部链接要经过审核。

原则上不链接商业网站；链接到非政府网站，要经主办单位同意，并在 site.toml 的 [[links.approved]] 里
写明域名和批准人（包括它的下级域名）。政府网站（gov.cn）不用登记。

反例  [店铺](https://shop.example.com/)            site.toml 里没有这个域名
正例  [中国政府网](https://www.gov.cn/)
"""

from collections.abc import Iterator

from checks.finding import Finding, Place, Severity
from checks.links.addresses import Kind, parse
from checks.links.outward import host_of, is_below
from checks.references import FORM, FRAME, NAVIGATE
from checks.site_view import Site
from checks.source import Source, Surroundings

ID = "unapproved-domain"
CLAUSE = "政府网站发展指引：外部链接须经审核，原则上不链接商业网站"


def check_source(source: Source) -> Iterator[Finding]:
    if source.kind == "attachment":
        return
    own = frozenset([source.around.config.identity.domain])
    for link in source.links:
        address = parse(link.href, "/", own)
        if address.kind is Kind.OUTSIDE and not is_approved(host_of(address.url), source.around):
            yield _finding(link.place, link.href, host_of(address.url))


def check_site(site: Site) -> Iterator[Finding]:
    """What templates say: addresses on pages that nobody wrote, or on more pages than one."""
    for link in site.outward(NAVIGATE + FRAME + FORM):
        if is_approved(link.host, site.around):
            continue
        page = site.built.page_by_file.get(link.file)
        source = site.source(page.source) if page and page.source else None
        if source is None or not any(one.href == link.reference[1:] for one in source.links):
            place = site.place_in_page(link.file, link.reference)
            yield _finding(place, link.reference[1:], link.host, link.pages)


def is_approved(host: str, around: Surroundings) -> bool:
    rules = around.config.links
    domains = (*rules.free_domains, *(row.domain for row in rules.approved))
    return any(is_below(host, domain) for domain in domains)


def _finding(place: Place, href: str, host: str, pages: int = 1) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        place=place,
        text=href,
        message=f"外部链接的域名没有登记：{host}" + (f"（共 {pages} 个页面）" if pages > 1 else ""),
        suggestion="报批后登记到 site.toml 的 [[links.approved]]，或删去链接",
        clause=CLAUSE,
    )
