"""How often each word of a list occurs in text that is known to be right: false alarms before they are made."""

import json
import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bureau.errors import ConfigError
from checks.text import markdown
from checks.text.compiled import Lexicon
from checks.text.lexicon import Entry

_BESIDE = 5  # characters shown on both sides


@dataclass
class Row:
    entry: Entry
    count: int = 0
    examples: list[str] = field(default_factory=list)


def vet(lexicon: Lexicon, texts: Iterable[tuple[str, str]], examples: int = 3) -> list[Row]:
    """The words that occur, the gravest and most frequent first."""
    rows: dict[Entry, Row] = {}
    for _, text in texts:
        for hit in lexicon.scan(text):
            row = rows.setdefault(hit.entry, Row(hit.entry))
            row.count += 1
            if len(row.examples) < examples:
                before, after = (
                    text[max(0, hit.start - _BESIDE) : hit.start],
                    text[hit.end : hit.end + _BESIDE],
                )
                row.examples.append(f"{before}【{text[hit.start : hit.end]}】{after}".replace("\n", " "))
    order = {"veto": 0, "error": 1, "warning": 2, "info": 3}
    return sorted(
        rows.values(), key=lambda row: (order[str(row.entry.severity)], -row.count, row.entry.wrong)
    )


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """Name and text of each document. JSON lines hold a "text" each; Markdown gives what a reader sees."""
    if path.is_dir():
        for file in sorted(path.rglob("*.md")):
            yield from texts(file)
    elif path.name.endswith((".jsonl", ".jsonl.xz")):
        with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield f"{path}:{number}", json.loads(line)["text"]
                except (ValueError, KeyError, TypeError) as error:
                    raise ConfigError(path, "每行应是一个含 text 的 JSON 对象", number) from error
    else:
        try:
            content = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(path, f"读不了，或不是 UTF-8 编码：{error}") from error
        if path.suffix == ".md":
            content = "\n".join(block.text for block in markdown.read(str(path), content)[0])
        yield str(path), content
