"""A new article: its file, its number, and a head that passes the check before a word is written."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bureau import front_matter
from bureau.channels import FILE, Channel
from bureau.config import SiteConfig
from bureau.errors import ConfigError
from bureau.front_matter import BLANK

_SYLLABLES = 8  # enough to recognise an article in a list of files


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    path: Path  # below content/
    head: Mapping[str, Any]
    body: str

    def text(self) -> str:
        head = yaml.safe_dump(dict(self.head), allow_unicode=True, sort_keys=False, width=1000)
        return f"---\n{head}---\n\n{self.body}"


def find_channel(channels: Sequence[Channel], wanted: str) -> Channel:
    """By path (`xwzx/jtyw`) or by name (交通要闻). Raises ConfigError that tells the nearest ones."""
    found = [channel for channel in channels if wanted.strip("/") in (channel.path, channel.name)]
    if len(found) == 1:
        return found[0]
    if found:
        paths = "、".join(channel.path for channel in found)
        raise ConfigError(FILE, f"有 {len(found)} 个栏目叫 {wanted}，请用路径：{paths}")
    known = {text: channel for channel in channels for text in (channel.path, channel.name)}
    near = dict.fromkeys(known[text] for text in difflib.get_close_matches(wanted, known, 3, 0.5))
    hint = f"是否要写 {'、'.join(f'{channel.path}（{channel.name}）' for channel in near)}？" if near else ""
    raise ConfigError(FILE, f"没有栏目 {wanted}。{hint}")


def next_id(content: Path, day: datetime) -> str:
    """`20261125-004`: the day, and one more than the highest number used on that day in any channel."""
    pattern = re.compile(rf"{day:%Y%m%d}-(\d+)")
    used = (pattern.match(path.name) for path in content.rglob(f"{day:%Y%m%d}-*.md"))
    return f"{day:%Y%m%d}-{max((int(match[1]) for match in used if match), default=0) + 1:03}"


def slug(title: str) -> str:
    """The first syllables of the title, so that a file can be recognised; addresses never contain it."""
    from pypinyin import lazy_pinyin

    words = re.findall(r"[a-z0-9]+", " ".join(lazy_pinyin(title, errors=lambda rest: f" {rest} ")).lower())
    return "-".join(words[:_SYLLABLES])


def new(
    config: SiteConfig, channel: Channel, title: str, article_id: str, now: datetime, body: str = ""
) -> Draft:
    """The head has everything the channel's kind asks for; what only a person knows says 待填写."""
    path = Path(front_matter.article_path(channel, now.year, article_id, slug(title)))
    head = {
        "id": article_id,
        "title": title,
        "date": f"{now:%Y-%m-%d %H:%M}",
        "source": config.identity.name,
        "department": channel.owner,
        **_of_kind(channel, config, now),
        "status": "draft",
    }
    return Draft(path=path, head=head, body=body or "在这里写正文。写好后把 status 改成 published。\n")


def _of_kind(channel: Channel, config: SiteConfig, now: datetime) -> dict[str, Any]:
    guesses: Mapping[str, Any] = {
        "issued": f"{now:%Y-%m-%d}",
        "issuer": config.identity.name,
        "validity": front_matter.VALIDITIES[0],
        "opens": f"{now:%Y-%m-%d}",
        "closes": f"{now:%Y-%m-%d}",
        "service": _service(),
    }
    blanks: Mapping[str, Any] = {"list": [BLANK]}
    return {
        key: guesses.get(key, blanks.get(field.kind, BLANK))
        for key, field in front_matter.FIELDS.items()
        if channel.kind in field.channel_kinds
    }


def _service() -> dict[str, Any]:
    material = {
        "name": BLANK,
        "form": front_matter.MATERIAL_FORMS[0],
        "medium": front_matter.MATERIAL_MEDIA[0],
        "copies": "1",
    }
    blank_lists: Mapping[str, Any] = {
        "materials": [material],
        "legal_basis": [{"title": BLANK, "article": BLANK}],
        "conditions": [BLANK],
        "procedure": [BLANK],
    }
    return {key: blank_lists.get(key, BLANK) for key in front_matter.SERVICE_ELEMENTS}
