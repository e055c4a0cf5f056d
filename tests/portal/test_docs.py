"""What the documents say of the program is what the program says of itself."""

import re
import tomllib
from pathlib import Path

from portal import editor_files

ROOT = Path(__file__).parents[2]


def direct_dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"].values()
    lines = [*project["project"]["dependencies"], *(line for group in groups for line in group)]
    return {re.split(r"[^\w-]", line)[0] for line in lines}


def test_each_direct_dependency_has_its_reason_and_licence() -> None:
    text = (ROOT / "docs/dependencies.md").read_text("utf-8")
    rows = re.findall(r"^\| ([a-z][a-z0-9-]+) \| [^|]{2,} \| [^|]{3,} \|$", text, re.M)

    assert set(rows) == direct_dependencies()
    assert len(rows) == len(set(rows))


def test_completion_and_snippets_come_from_the_table_that_the_check_uses() -> None:
    for name, text in editor_files.files(ROOT).items():
        assert (ROOT / name).read_text("utf-8") == text, f"{name}：请执行 python -m portal.editor_files"
