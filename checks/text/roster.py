"""Names and posts of leaders from the site's own file; names one edit away from one with its post are told."""

from functools import lru_cache

from bureau.errors import ConfigError
from checks.text.phrases import SHORTEST, Phrase, Phrases


@lru_cache(maxsize=4)
def names(text: str) -> Phrases:
    """Rows of name TAB post[; post…]. A name is only looked for together with its post, before or after it."""
    phrases: dict[str, Phrase] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, posts = line.partition("\t")
        if not posts.strip() or not 2 <= len(name.strip()) <= 8:
            raise ConfigError(
                "content/quality/roster.tsv", "每行应是：姓名、制表符、职务（多个用分号隔开）", number
            )
        for post in posts.split(";"):
            for pair in (post.strip() + name.strip(), name.strip() + post.strip()):
                if len(pair) >= SHORTEST:
                    phrases[pair] = Phrase(pair, frozenset())
    return Phrases(phrases.values())
