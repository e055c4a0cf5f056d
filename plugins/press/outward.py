"""Links that leave the government's sites are marked as such; the page's script then asks before it leaves.

政府网站发展指引 §5: 打开非政府网站链接时应有提示信息. Without the script they are plain links.
"""

import re
from urllib.parse import urlsplit

_LINK = re.compile(r'<a href="(https?://[^"]+)"(?![^>]*\srel=)')
REL = "external noopener noreferrer"


def is_government(address: str) -> bool:
    """Whether an absolute address is on a site of the government."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return host == "gov.cn" or host.endswith(".gov.cn")


def marked(html: str) -> str:
    """`html` with `rel` on each link to a site that is no government's."""
    if 'href="http' not in html:
        return html
    return _LINK.sub(lambda link: link[0] if is_government(link[1]) else f'{link[0]} rel="{REL}"', html)
