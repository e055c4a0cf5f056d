"""Labels in the page's head as the guideline asks for them (政府网站发展指引 附件, guideline-2017 §3):
3 on the home page, 3 + 4 on a channel's page, 3 + 4 + 3 on an article's, and the optional ones that are known.
"""

from html import escape

from bureau.channels import Channel
from bureau.config import Identity
from plugins.press.article import Card

Labels = list[tuple[str, str]]


def of_site(site: Identity) -> Labels:
    return [("SiteName", site.name), ("SiteDomain", site.domain), ("SiteIDCode", site.id_code)]


def of_channel(site: Identity, channel: Channel) -> Labels:
    return [
        *of_site(site),
        ("ColumnName", channel.name),
        ("ColumnDescription", channel.description),
        ("ColumnKeywords", ",".join(channel.keywords)),
        ("ColumnType", channel.type),
    ]


def of_article(card: Card, author: str) -> Labels:
    """What an article adds to the labels of its channel."""
    optional = (
        ("Keywords", ",".join(card.keywords)),
        ("Author", author),
        ("Description", card.summary),
        ("Image", card.image),
        ("Url", card.url),
    )
    return [
        ("ArticleTitle", card.title),
        ("PubDate", card.date),
        ("ContentSource", card.origin),
        *(label for label in optional if label[1]),
    ]


def html(labels: Labels) -> str:
    """As the page's head has them; made here because a page has a dozen and most are those of its channel."""
    return "".join(f'<meta name="{name}" content="{escape(content)}">\n' for name, content in labels)
