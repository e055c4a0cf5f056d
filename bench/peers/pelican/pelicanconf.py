"""Stock Pelican without a plugin; CORPUS names the folder with content/ and columns.json."""

import json
import os
from pathlib import Path

_corpus = Path(os.environ["CORPUS"])
COLUMNS = json.loads((_corpus / "columns.json").read_text("utf-8"))
NAMES = {sub["key"]: sub["name"] for column in COLUMNS for sub in column["subs"]}
PATH = str(_corpus / "content")
OUTPUT_PATH = os.environ["OUTPUT"]
THEME = str(Path(__file__).parent / "theme")
SITENAME = "昆明市交通运输局"
SITEURL = ""
TIMEZONE = "Asia/Shanghai"
DEFAULT_LANG = "zh-cn"
USE_FOLDER_AS_CATEGORY = False
STATIC_PATHS: list[str] = []
ARTICLE_URL = ARTICLE_SAVE_AS = "{column}/{slug}.html"
CATEGORY_URL = "{slug}/"
CATEGORY_SAVE_AS = "{slug}/index.html"
SLUG_REGEX_SUBSTITUTIONS: list[tuple[str, str]] = []
CATEGORY_REGEX_SUBSTITUTIONS: list[tuple[str, str]] = []
TAG_SAVE_AS = AUTHOR_SAVE_AS = ""
DIRECT_TEMPLATES = ["index"]
PAGINATED_TEMPLATES = {"category": 20}
PAGINATION_PATTERNS = [
    (1, "{url}", "{save_as}"),
    (2, "{base_name}/page/{number}/", "{base_name}/page/{number}/index.html"),
]
FEED_ALL_ATOM = "feed.xml"
FEED_MAX_ITEMS = 20
CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
PLUGINS: list[str] = []
