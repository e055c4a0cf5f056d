"""A small office on disk, and the rules run over it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bureau.config import SiteConfig, load
from checks import engine, scope
from checks.engine import Outcome
from checks.links.answers import State
from checks.links.register import Asked
from checks.rules import BY_ID, RULES

CONFIG = load(Path(__file__).parents[2] / "site.toml")
Check = Callable[..., Outcome]


@pytest.fixture
def config() -> SiteConfig:
    return CONFIG


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """`check({path: text}, …)` writes the files into an empty folder and runs the rules over them.

    `.html`, `.css`, `.xml` and what lies below `site/` is the built site; `content/` and `.md` what people wrote.
    """
    monkeypatch.chdir(tmp_path)

    def run(
        files: Mapping[str, str | bytes],
        *,
        rule: str = "",
        today: date = date(2026, 1, 10),
        manifest: Mapping[str, Any] | None = None,
        released: Mapping[str, Any] | None = None,
        answers: Sequence[Mapping[str, Any]] = (),
        cache: Path | None = None,
        hosts: tuple[str, ...] = ("jtysj.km.gov.cn",),
        config: SiteConfig = CONFIG,
    ) -> Outcome:
        for path, text in files.items():
            file = tmp_path / _placed(path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        Path("content").mkdir(exist_ok=True)
        around = scope.surroundings(config, today)
        rules = (BY_ID[rule],) if rule else RULES
        named = [Path(path) for path in files if path.endswith(".md") and not path.startswith("content/")]
        if manifest is not None:
            (tmp_path / "manifest.json").write_text(json.dumps(_manifest(manifest)))
            Path("released.json").write_text(json.dumps(_manifest(released or {})))
            wanted = scope.whole(
                around,
                site=Path("site"),
                manifest=Path("manifest.json"),
                released=Path("released.json"),
                rules=rules,
            )
        elif Path("site").is_dir():
            wanted = scope.foreign(around, Path("site"), hosts, rules)
        elif named:
            wanted = scope.some(around, named, rules)
        else:
            wanted = scope.Scope(around=around, sources=scope.content_files(Path("content")), rules=rules)
        wanted = replace(wanted, answers={row["url"]: _asked(row) for row in answers})
        return engine.run(wanted, cache=cache, workers=1)

    return run


def _placed(path: str) -> str:
    built = path.endswith((".html", ".css", ".xml", ".js", ".svg")) and "/" not in path.split("site/")[0]
    return f"site/{path}" if built and not path.startswith(("site/", "content/")) else path


def _manifest(given: Mapping[str, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = {"version": 1, "pages": [], "channels": [], "redirects": [], "assets": []}
    return empty | dict(given)


def _asked(row: Mapping[str, Any]) -> Asked:
    """An outward address as it was met twice, two hours apart unless the case says otherwise."""
    at = datetime(2026, 1, 10, 9, tzinfo=UTC)
    return Asked(
        url=row["url"],
        state=State(row["state"]),
        reason=row.get("reason", "返回码 404"),
        status=row.get("status", 404),
        chain=(),
        asked_at=at,
        first_seen=at,
        bad_since=at - timedelta(hours=row.get("hours", 2)),
    )
