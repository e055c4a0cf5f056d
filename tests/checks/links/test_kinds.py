"""Every kind of dead link is found at its exact place, and nothing that only looks like one."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from checks import built_site, engine, scope
from checks.rules import BY_ID

KINDS = tomllib.loads((Path(__file__).parent / "kinds.toml").read_text("utf-8"))
COPIES = 3
HOST = "www.example.gov.cn"
PAGE = """<!DOCTYPE html>
<html><head><title>页 {n}</title></head>
<body><header><a href="/">首页</a><a href="/list/">栏目</a></header>
<main id="main">
{tag}
</main>
<footer><a href="/a/">说明</a></footer></body></html>
"""
FILES: dict[str, str | bytes] = {
    "index.html": "<p>首页",
    "a/index.html": '<p id="附件说明">甲</p><h2 id="s1">乙</h2><a name="old-anchor"></a>',
    "b/c/d.html": "<p>丁",
    "list/index.html": "<p>栏目",
    "empty/x.txt": "x",
    "files/申请表 一.docx": b"PK\x03\x04",
    "files/doc.pdf": b"%PDF-1.7",
    "files/a(1),b.pdf": b"%PDF-1.7",
    "images/p.png": b"\x89PNG\r\n\x1a\n",
    "images/icons.svg": '<svg><symbol id="shield"></symbol></svg>',
}
RULES = ("dead-link", "dead-anchor", "missing-asset")


def _write(root: Path, name: str, content: str | bytes) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def _place(text: str) -> str:
    before = text[: text.index("¦")]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def _plant(root: Path) -> tuple[set[str], int]:
    """Writes the site; gives where the dead ones stand."""
    expected: set[str] = set()
    pages = 0
    for _copy in range(COPIES):
        for state in ("dead", "alive"):
            for row in KINDS[state]:
                pages += 1
                tag = row["tag"].replace("{n}", f"{pages}")
                tag = tag if "¦" in tag else f"¦{tag}"
                name = row.get("file", "p/{n}.html").replace("{n}", f"{pages}")
                text = tag if "file" in row else PAGE.replace("{n}", f"{pages}").replace("{tag}", tag)
                whole = name.startswith("files/")
                if state == "dead":
                    expected.add(f"site/{name}" if whole else f"site/{name}:{_place(text)}")
                _write(root, name, text.replace("¦", ""))
    return expected, pages


def test_all_kinds_are_found_and_no_lookalike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    root = Path("site")
    for name, content in FILES.items():
        _write(root, name, content)
    expected, _ = _plant(root)

    wanted = engine.Scope(
        around=scope.surroundings(config, config.contract.year_start),
        sources={},
        built=built_site.load(root, None, [HOST, config.identity.domain]),
        rules=tuple(BY_ID[rule] for rule in RULES),
    )
    outcome = engine.run(wanted, workers=2)

    assert {f"{one.place}" for one in outcome.findings} == expected
    assert len(outcome.findings) == len(expected) == COPIES * len(KINDS["dead"])


def test_there_are_enough_kinds() -> None:
    assert len({row["kind"] for row in KINDS["dead"]}) >= 60
    assert len({row["kind"] for row in KINDS["alive"]}) >= 40
