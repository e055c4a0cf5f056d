"""The `portal` command as people call it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PORTAL = Path(sys.executable).with_name("portal")


def portal(cwd: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "100", **more}
    return subprocess.run(
        [PORTAL, *words], cwd=cwd, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL
    )


def test_help_is_in_chinese() -> None:
    said = portal(ROOT, "--help")

    assert said.returncode == 0
    assert said.stderr == ""
    assert not re.search(r"[A-Z][a-z]+ [a-z]+", said.stdout), "English left in the help"


def test_help_loads_no_more_than_it_needs() -> None:
    """So it comes at once: what takes long to load is loaded by the commands that use it."""
    heavy = "numpy sqlalchemy pelican jieba lxml starlette openpyxl docx PIL weasyprint cryptography"
    code = (
        "import sys; from portal.cli import main; sys.argv[1:] = ['--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print(sorted(set({heavy.split()}) & sys.modules.keys()), file=sys.stderr)"
    )

    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert said.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["bild"], "没有命令 bild，是否要写 'build'"),
        (["build", "--ful"], "没有选项 --ful，是否要写 --full"),
        (["new", "通知公告"], "缺少 "),
        (["serve", "--port", "x"], "的值不对"),
        (["releases", "x"], "多余的参数：x"),
        (["publish", "--override", "typo"], "--reason"),
        (["publish", "--override", "nix", "--reason", "r", "--by", "b"], "没有规则 nix"),
    ],
)
def test_a_wrong_call_is_told_in_chinese_and_ends_with_2(tmp_path: Path, words: list[str], says: str) -> None:
    said = portal(tmp_path, *words)

    assert said.returncode == 2
    assert says in said.stderr
    assert said.stdout == ""
    assert "Traceback" not in said.stderr


def test_outside_a_project_the_missing_file_is_named(tmp_path: Path) -> None:
    said = portal(tmp_path, "build")

    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("site.toml: 读不到文件")


def test_our_own_mistake_is_kept_for_the_developers(small_site: Path) -> None:
    (small_site / "releases").mkdir()
    (small_site / "releases/20260101-000000").mkdir()  # not a release: nothing of ours makes such a folder
    said = portal(small_site, "releases")
    report = next((small_site / "var/log").iterdir())

    assert said.returncode == 3
    assert "程序出错：FileNotFoundError" in said.stderr
    assert "位置：" in said.stderr
    assert f"var/log/{report.name}" in said.stderr
    assert "Traceback" not in said.stderr
    assert "Traceback" in report.read_text("utf-8")


def test_no_color_is_honoured(small_site: Path) -> None:
    plain, coloured = (
        portal(small_site, "doctor", TERM="xterm", FORCE_COLOR="1", **more)
        for more in ({"NO_COLOR": "1"}, {})
    )

    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", plain.stdout)
    assert "\x1b[" in coloured.stdout


def test_a_planted_mistake_stops_the_publish_and_says_where(small_site: Path) -> None:
    first = portal(small_site, "publish")
    assert first.returncode == 0, first.stdout + first.stderr
    served = (small_site / "releases/current").readlink()
    article = small_site / "content/xwzx/jtyw/2026/20261122-001.md"
    lines = article.read_text("utf-8").count("\n")
    with article.open("a", encoding="utf-8") as file:
        file.write("\n见[旧闻](/xwzx/nothing.html)。\n\n要认真布署。\n")

    blocked = portal(small_site, "publish")

    name = article.relative_to(small_site).as_posix()
    assert blocked.returncode == 1
    assert f"{name}:{lines + 2}:2: 错误 链接打不开：/xwzx/nothing.html [dead-link]" in blocked.stdout
    assert re.search(rf"{re.escape(name)}:{lines + 4}:4: 错误 .*\[typo\]", blocked.stdout)
    assert (small_site / "releases/current").readlink() == served
    assert f"* │ {served}" in portal(small_site, "releases").stdout
    assert len(list((small_site / "releases").glob("2*"))) == 1
