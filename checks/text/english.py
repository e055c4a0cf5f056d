"""English words by Enchant; every distinct word is asked once."""

from functools import cache, lru_cache
from typing import Any

LANGUAGE = "en_US"


@cache
def _dictionary() -> Any:
    """The dictionary, or the reason why there is none."""
    try:
        import enchant

        return enchant.Dict(LANGUAGE)
    except ImportError as error:  # also raised where the C library is missing
        return f"没有装 libenchant（{type(error).__name__}）：apt-get install libenchant-2-2 hunspell-en-us"
    except enchant.errors.Error:
        return f"没有 {LANGUAGE} 词典：apt-get install hunspell-en-us"


def missing() -> str:
    """Why words cannot be checked; empty when they can."""
    found = _dictionary()
    return found if isinstance(found, str) else ""


@lru_cache(maxsize=100_000)
def knows(word: str) -> bool:
    dictionary = _dictionary()
    return bool(
        dictionary.check(word) or dictionary.check(word.capitalize()) or dictionary.check(word.upper())
    )


@lru_cache(maxsize=1000)
def suggestions(word: str) -> tuple[str, ...]:
    return tuple(_dictionary().suggest(word)[:3])
