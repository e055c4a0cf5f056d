"""Files that only repeat what the program knows: completion and snippets for editors, the README's commands.

`python -m portal.derived_files` writes them; a test compares.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from typer.main import get_command

from bureau import channels, config, front_matter
from portal import cli, drafts

SCHEMA = ".vscode/front-matter.schema.json"
SNIPPETS = ".vscode/portal.code-snippets"
README = "README.md"
_COMMANDS = re.compile(r"(<!-- 命令表[^>]*-->\n).*?(<!-- 命令表完 -->)", re.S)
_EXAMPLE_DAY = datetime(2026, 1, 31, 9, 5)  # noqa: DTZ001 - shown as an example only


def files(root: Path) -> Mapping[str, str]:
    """Path below the root -> what it should contain."""
    readme = (root / README).read_text("utf-8")
    return {
        SCHEMA: _json(front_matter.json_schema()),
        SNIPPETS: _json(snippets(root)),
        README: _COMMANDS.sub(lambda found: f"{found[1]}{command_table()}{found[2]}", readme),
    }


def snippets(root: Path) -> dict[str, Any]:
    """One head for each kind of channel, under the kind's name."""
    site = config.load(root / "site.toml")
    first_of_kind: dict[str, channels.Channel] = {}
    for channel in channels.load(root / "content"):
        first_of_kind.setdefault(channel.kind, channel)
    return {
        f"信息头：{channel.name}等（{kind}）": {
            "scope": "markdown",
            "prefix": f"head-{kind}",
            "description": f"{kind} 类栏目的信息头，必填项都在",
            "body": _head(site, channel),
        }
        for kind, channel in first_of_kind.items()
    }


def _head(site: config.SiteConfig, channel: channels.Channel) -> list[str]:
    draft = drafts.new(site, channel, "$1", "$CURRENT_YEAR$CURRENT_MONTH$CURRENT_DATE-${2:001}", _EXAMPLE_DAY)
    today = "$CURRENT_YEAR-$CURRENT_MONTH-$CURRENT_DATE"
    head = dict(draft.head) | {"date": f"{today} $CURRENT_HOUR:$CURRENT_MINUTE"}
    text = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=1000)
    lines = text.replace(f"{_EXAMPLE_DAY:%Y-%m-%d}", today).replace("'", "").splitlines()
    return ["---", *lines, "---", "", "$0"]


def command_table() -> str:
    """Every command of `portal` with the first line of its help."""
    rows = ["| 命令 | 做什么 |", "|---|---|"]
    rows += [f"| `portal {name}` | {what} |" for name, what in _commands(get_command(cli.app))]
    return "\n".join(rows) + "\n"


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        elif not command.hidden:
            yield f"{prefix}{name}", (command.help or "").strip().split("\n")[0]


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def write(root: Path) -> None:
    for name, text in files(root).items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    write(Path())
