"""Write the next `content/adjustments/NNNN-*.toml`: it takes one number of the contract year's ten."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bureau import adjustments, channels
from bureau.config import Contract
from bureau.errors import ConfigError

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Value = str | Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the office asks for; `change` has a kind and the keys of its kind."""

    slug: str  # short English name in the file's name
    requested: date
    requested_by: str
    approved_by: str
    effective_from: date
    effective_until: date | None
    summary: str
    change: Mapping[str, Value]


def write(content: Path, contract: Contract, draft: Draft) -> tuple[int, Path]:
    """(number, file). Raises ConfigError, and leaves no file, when the quota is used up or the draft is unusable."""
    known = channels.load(content)
    existing = adjustments.load(content, known)
    used = len(adjustments.of_year(existing, contract, draft.requested))
    if used >= contract.adjustments_per_year:
        raise ConfigError(
            content / adjustments.FOLDER,
            f"本合同年的 {contract.adjustments_per_year} 次局部调整已用完，请另行立项",
        )
    if not SLUG.fullmatch(draft.slug):
        raise ConfigError("--slug", f"文件名用小写字母、数字和横线，例 spring-festival，现为 {draft.slug}")
    number = max((row.number for row in existing), default=0) + 1
    path = content / adjustments.FOLDER / f"{number:04}-{draft.slug}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_toml(number, draft), "utf-8")
    try:
        adjustments.load(content, known)
    except ConfigError:
        path.unlink()
        raise
    return number, path


def as_toml(number: int, draft: Draft) -> str:
    head = {
        "number": f"{number}",
        "requested": f"{draft.requested}",
        "requested_by": _text(draft.requested_by),
        "approved_by": _text(draft.approved_by),
        "effective_from": f"{draft.effective_from}",
        "effective_until": f"{draft.effective_until}" if draft.effective_until else "",
        "summary": _text(draft.summary),
    }
    lines = [f"{key} = {value}" for key, value in head.items() if value]
    change = [f"{key} = {_value(value)}" for key, value in draft.change.items()]
    return "\n".join([*lines, "", "[[changes]]", *change]) + "\n"


def _value(value: Value) -> str:
    return _text(value) if isinstance(value, str) else f"[{', '.join(map(_text, value))}]"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a basic string of TOML
