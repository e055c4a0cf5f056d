"""What the documents say of the program is what the program says of itself."""

import re
import tomllib
from pathlib import Path

from portal import derived_files

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


def test_derived_files_are_up_to_date() -> None:
    for name, text in derived_files.files(ROOT).items():
        assert (ROOT / name).read_text("utf-8") == text, f"{name}：请执行 python -m portal.derived_files"


def test_the_readme_sends_nobody_to_a_file_that_is_not_there() -> None:
    text = (ROOT / "README.md").read_text("utf-8").split("## 想知道")[1].split("## 是怎样搭")[0]
    named = re.findall(r"`([\w./-]+(?:/|\.\w+))`", text)

    assert len(named) > 15
    assert [name for name in named if "规则名" not in name and not (ROOT / name).exists()] == []
