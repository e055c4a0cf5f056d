"""Pelican's settings for this portal, derived from site.toml. `pelicanconf.py` hands them to Pelican.

What the press does not need of Pelican is switched off here rather than overridden in code.
"""

from pathlib import Path
from typing import Any

from bureau import config as site_description
from plugins.press.rendering import JINJA_ENVIRONMENT, JINJA_GLOBALS

PLUGIN = "plugins.press.doors"
# Pages that Pelican makes of its own accord; ours come from the tree of channels.
_NO_PAGES = ("AUTHOR", "CATEGORY", "TAG", "DRAFT")
_NO_FEEDS = (
    "FEED_ALL_ATOM", "CATEGORY_FEED_ATOM", "TRANSLATION_FEED_ATOM", "AUTHOR_FEED_ATOM", "AUTHOR_FEED_RSS",
)  # fmt: skip


def settings(root: Path) -> dict[str, Any]:
    """Raises ConfigError when site.toml cannot be used."""
    config = site_description.load(root / "site.toml")
    root = root.resolve()
    return {
        "SITENAME": config.identity.name,
        "SITEURL": "",  # links are paths from the root, so that a release can be looked at anywhere
        "PATH": str(root / "content"),
        "OUTPUT_PATH": str(root / "build" / "pelican"),
        "THEME": str(root / "theme"),
        "PLUGINS": [PLUGIN],
        "READERS": {"html": None, "rst": None},
        "JINJA_ENVIRONMENT": dict(JINJA_ENVIRONMENT),
        "JINJA_GLOBALS": dict(JINJA_GLOBALS),
        "TIMEZONE": "Asia/Shanghai",
        "DEFAULT_LANG": "zh-cn",
        "LOCALE": ["C.UTF-8"],
        "ARTICLE_EXCLUDES": ["adjustments", "files", "images", "quality", "workdays"],
        "ARTICLE_TRANSLATION_ID": None,  # one language; spares a pass over all pairs
        "PAGE_PATHS": [],
        "STATIC_PATHS": [],
        "THEME_STATIC_PATHS": [],
        "DIRECT_TEMPLATES": [],
        "INTRASITE_LINK_REGEX": "(?!)(?P<what>)",  # links are written as they are published
        **{f"{name}_SAVE_AS": "" for name in _NO_PAGES},
        **dict.fromkeys(_NO_FEEDS),
    }
