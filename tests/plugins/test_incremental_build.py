"""After any change, what was built upon the last build equals what is built from nothing, byte for byte."""

import importlib.util
import os
import random
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from plugins.press import article, feeds, fingerprint

_spec = importlib.util.spec_from_file_location("edits", Path(__file__).with_name("edits.py"))
assert _spec is not None
assert _spec.loader is not None
edits = importlib.util.module_from_spec(_spec)
sys.modules["edits"] = edits
_spec.loader.exec_module(edits)
TODAY = date(2026, 11, 25)
SEEDS = [*map(int, os.environ.get("SOAK_SEEDS", "2 3 4 5 6 7 8 9 10 11").split())]


@pytest.fixture
def living_project(real_project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Its program and its libraries may change from build to build too: both write what stands in a file."""

    def stands(name: str) -> str:
        file = real_project.root / name
        return file.read_text("utf-8") if file.exists() else ""

    robots, sheet = feeds.robots, article.sheet
    monkeypatch.setattr(fingerprint, "_code", lambda: stands(edits.PROGRAM))
    monkeypatch.setattr(fingerprint, "_libraries", lambda: stands(edits.LIBRARIES))
    monkeypatch.setattr(feeds, "robots", lambda site: robots(site) + stands(edits.PROGRAM).encode())

    def with_version(card: Any, head: Any, render: Any) -> dict[str, Any]:
        made = sheet(card, head, render)
        return made | {"html": made["html"] + stands(edits.LIBRARIES)}

    monkeypatch.setattr(article, "sheet", with_version)
    return real_project


def check_sequence(project: Any, names: list[str], seed: int) -> None:
    chance, today = random.Random(seed), TODAY
    project.build(today=today)
    for step, name in enumerate(names):
        today = edits.EDITS[name](project, chance, today) or today
        project.build(today=today)
        project.build(today=today, full=True, output=project.root / "anew")
        left, right = project.files("build"), project.files("anew")
        wrong = sorted(file for file in left.keys() | right.keys() if left.get(file) != right.get(file))
        assert wrong == [], f"seed {seed}, step {step}: {name}"


def test_there_are_enough_kinds_of_edits() -> None:
    assert len(edits.EDITS) >= 30


def test_many_kinds_of_edits(living_project: Any) -> None:
    check_sequence(living_project, random.Random(1).sample(list(edits.EDITS), 32), seed=1)


@pytest.mark.soak
def test_each_kind_of_edit_once(living_project: Any) -> None:
    names = list(edits.EDITS)
    random.Random(1).shuffle(names)

    check_sequence(living_project, names, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_long_sequences_of_edits(living_project: Any, seed: int) -> None:
    check_sequence(living_project, random.Random(seed).choices(list(edits.EDITS), k=150), seed)
