"""Killed, out of room, with a foreign or damaged memory of the last build: the next build notices and is right."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from plugins.press import state
from portal.build import is_whole

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from portal.cli import main; main()", "build"]


def start(project: Any, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *more], cwd=project.root, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def check_equal_to_a_full_build(project: Any) -> None:
    project.build(full=True, output=project.root / "anew")
    left, right = project.files("build"), project.files("anew")
    assert [file for file in left.keys() | right.keys() if left.get(file) != right.get(file)] == []


def kill_and_build_again(project: Any, seed: int) -> None:
    """Change a template, so that every page is replaced; kill the build somewhere in it."""
    chance = random.Random(seed)
    project.write("theme/templates/partials/footer.html", f"<footer>{seed}</footer>\n")
    process = start(project)
    time.sleep(chance.uniform(0.2, 0.8))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    whole = is_whole(project.root / "build")
    pages = {
        path.read_text("utf-8").partition("<footer>")[2][:6]
        for path in (project.root / "build/site").rglob("*.html")
    }

    assert not whole or len(pages) == 1, "half of a new site was taken for whole"
    project.build()
    check_equal_to_a_full_build(project)


def grow(project: Any, count: int) -> None:
    for number in range(count):
        project.article(
            f"xw/tz/2026/k{number:04d}", title=f"通知{number}", date=f"2026-02-{1 + number % 28:02d} 10:00"
        )


def test_a_killed_build_leaves_no_half_site(project: Any) -> None:
    grow(project, 150)
    project.build()

    for seed in range(3):
        kill_and_build_again(project, seed)


@pytest.mark.soak
def test_killed_at_fifty_moments(project: Any) -> None:
    grow(project, 1200)
    project.build()

    for seed in range(50):
        kill_and_build_again(project, seed)


def test_an_interrupted_replacement_is_told_and_mended(project: Any) -> None:
    project.build()
    project.write("build/.incomplete", "")
    (project.root / "build/site/xw/yw/2026/1001.html").unlink()

    result = project.build()

    assert result.notes == ("上次构建没有做完，全部重建",)
    assert is_whole(project.root / "build")
    check_equal_to_a_full_build(project)


def test_no_room_leaves_the_site_as_it_was(project: Any) -> None:
    project.build()
    before = project.files()
    project.article("xw/yw/2026/1003", "很长。" * 100_000)
    limited = ["bash", "-c", 'ulimit -f 256; exec "$@"', "bash", *COMMAND]

    done = subprocess.run(
        limited,
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2, done.stderr
    assert "写不进" in done.stderr
    assert "站点没有动" in done.stderr
    assert project.files() == before
    project.build()
    check_equal_to_a_full_build(project)


@pytest.mark.parametrize("content", [b"", b"portal press state\n", b"something else entirely", None])
def test_a_state_that_cannot_be_trusted_is_told_and_not_used(project: Any, content: bytes | None) -> None:
    project.build()
    (file,) = (project.root / "var/cache/build").glob("*.state")
    file.write_bytes(content if content is not None else file.read_bytes()[:-1] + b"?")

    result = project.build()

    assert result.notes == ("上次构建的记录已损坏，全部重建",)
    check_equal_to_a_full_build(project)


def test_a_state_that_another_program_left_is_told_as_that(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(state, "_layout", lambda: b"one field fewer ")
        project.build()

    assert project.build().notes == ("程序有改动，全部重建",)
    assert project.build().notes == ()
    check_equal_to_a_full_build(project)


def test_a_state_of_another_site_is_not_used(project: Any, tmp_path: Path) -> None:
    project.build()
    project.build(output=tmp_path / "other")
    states = {path.stat().st_mtime_ns: path for path in (project.root / "var/cache/build").glob("*.state")}
    own, other = (states[key] for key in sorted(states))
    own.write_bytes(other.read_bytes())

    result = project.build()

    assert result.notes == ("上次构建的记录是别处的，全部重建",)
    check_equal_to_a_full_build(project)


@pytest.mark.parametrize("file", ["site/xw/yw/2026/1001.html", "manifest.json", "shell.html"])
def test_a_strange_hand_in_the_output_is_noticed(project: Any, file: str) -> None:
    project.build()
    project.write(f"build/{file}", "别人写的")

    result = project.build()

    assert result.notes == ("build/ 里的文件不是上次构建留下的样子，全部重建",)
    check_equal_to_a_full_build(project)


def test_a_damaged_compiled_template_is_made_anew(project: Any) -> None:
    project.build()
    for path in (project.root / "var/cache/build/templates").iterdir():
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
    project.article("xw/yw/2026/1003", title="新的")

    project.build()

    check_equal_to_a_full_build(project)


def test_two_builds_at_once_wait_for_each_other(project: Any) -> None:
    processes = [start(project) for _ in range(2)]

    ends = [(process.communicate()[1], process.returncode) for process in processes]

    assert [code for _, code in ends] == [0, 0], ends
    check_equal_to_a_full_build(project)


def test_files_of_the_site_are_replaced_and_never_changed(project: Any) -> None:
    """A release shares them by hard links."""
    project.build()
    page = project.root / "build/site/xw/yw/2026/1001.html"
    link = project.root / "link.html"
    link.hardlink_to(page)
    before = link.read_bytes()
    project.article("xw/yw/2026/1001-dongtai", title="改了标题")

    project.build()

    assert link.read_bytes() == before
    assert page.read_bytes() != before


def test_one_edit_writes_only_what_shows_it(project: Any) -> None:
    grow(project, 100)
    project.build()
    untouched = (project.root / "build/site/xw/tz/2026/k0050.html").stat().st_ino
    project.article(
        "xw/yw/2026/1001-dongtai", "只改正文。\n", title="第一篇", date="2026-03-01 09:00", summary="一样"
    )
    project.build()
    project.article(
        "xw/yw/2026/1001-dongtai", "又改正文。\n", title="第一篇", date="2026-03-01 09:00", summary="一样"
    )

    result = project.build()

    assert (result.written, result.removed) == (1, 0)
    assert (project.root / "build/site/xw/tz/2026/k0050.html").stat().st_ino == untouched


@pytest.mark.parametrize("package", ["plugins", "bureau"])
def test_a_change_of_our_own_code_makes_everything_anew(project: Any, tmp_path: Path, package: str) -> None:
    code = tmp_path / "code"
    for name in ("bureau", "plugins", "portal"):
        shutil.copytree(ROOT / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = os.environ | {"PYTHONPATH": str(code)}

    def build(*more: str) -> str:
        done = subprocess.run(
            [*COMMAND, *more], cwd=project.root, env=environment, capture_output=True, text=True, check=True
        )
        return done.stderr

    build()
    path = code / ("plugins/press/labels.py" if package == "plugins" else "bureau/markdown.py")
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('("SiteName", site.name)', '("SiteName", site.name + "！")').replace(
            "return html\n", 'return html + "<hr>"\n'
        ),
        "utf-8",
    )

    told = build()

    assert "程序有改动，全部重建" in told
    build("--full", "--output", "anew")
    assert project.files("build") == project.files("anew")
    assert "！" in project.read("build/site/index.html") or "<hr>" in project.read(
        "build/site/xw/yw/2026/1001.html"
    )


def test_another_version_of_a_library_makes_everything_anew(project: Any, tmp_path: Path) -> None:
    def build() -> str:
        search = os.pathsep.join((str(tmp_path / "site"), str(ROOT)))
        done = subprocess.run(
            COMMAND,
            cwd=project.root,
            env=os.environ | {"PYTHONPATH": search},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stderr

    (tmp_path / "site/somelib-1.0.dist-info").mkdir(parents=True)
    build()
    (tmp_path / "site/somelib-1.0.dist-info").rename(tmp_path / "site/somelib-1.1.dist-info")

    assert "依赖库有改动，全部重建" in build()
    assert "有改动" not in build()
