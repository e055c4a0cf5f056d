"""Labels in the page's head as the guideline asks for them (政府网站发展指引 附件, guideline-2017 §3):
3 on the home page, 3 + 4 on a channel's page, 3 + 4 + 3 on an article's, and the optional ones that are known.
"""

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


def of_article(channel_labels: Labels, card: Card, author: str) -> Labels:
    """`channel_labels`: of the article's channel; they are the same for all its articles."""
    optional = (
        ("Keywords", ",".join(card.keywords)),
        ("Author", author),
        ("Description", card.summary),
        ("Image", card.image),
        ("Url", card.url),
    )
    return [
        *channel_labels,
        ("ArticleTitle", card.title),
        ("PubDate", card.date),
        ("ContentSource", card.origin),
        *(label for label in optional if label[1]),
    ]
