"""What is wrong is told all at once, with file and line, and the site stays as it was."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bureau.errors import BuildErrors, ConfigError

ROOT = Path(__file__).parents[2]


def errors_of(project: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        project.build()
    return str(caught.value).splitlines()


def test_all_errors_are_told_in_one_run_and_nothing_is_replaced(project: Any) -> None:
    project.build()
    before = project.files()
    project.article("xw/yw/2026/1003", titel="错键")
    project.article("xw/yw/2026/1004", date="2026-02-30 09:00")
    project.article("xw/yw/2026/1005", department="nobody")
    project.article("xw/yw/2026/1006", id="1001")
    project.article("xw/yw/2026/1007", image="/images/none.jpg", image_alt="图")
    project.article("xw/yw/2026/1008", attachments="\n  - {file: /files/none.pdf, title: 无}")
    project.write("content/files/empty.pdf", b"")
    project.article("xw/yw/2026/1015", attachments="\n  - {file: /files/empty.pdf, title: 空}")
    project.article("xw/yw/2026/1016", layout="wied")
    project.article("xw/none/2026/1009")
    project.article("xw/yw/2026/1010", redirect_from="[/xw/yw/2026/1002.html]")
    project.article("xw/yw/2026/1011", redirect_from="[/old.html]")
    project.article("xw/yw/2026/1012", redirect_from="[/old.html]")
    project.write("content/xw/yw/2026/1013.md", "没有信息头\n")
    project.write("content/xw/yw/2026/1014.md", "---\ntitle: a: b\n---\n")

    errors = errors_of(project)

    told = {line.split(":")[0].rpartition("/")[2]: line for line in errors}
    assert "1003.md:7: 不认识的键 titel" in told["1003.md"]
    assert "1004.md:4: date 的时间不对：2026-02-30 09:00" in told["1004.md"]
    assert "1005.md:6: 没有部门 nobody" in told["1005.md"]
    assert "1006.md:2: id 1001 已被 content/xw/yw/2026/1001-dongtai.md 使用" in told["1006.md"]
    assert "1007.md:7: 找不到文件 /images/none.jpg" in told["1007.md"]
    assert "1008.md:8: 找不到文件 /files/none.pdf" in told["1008.md"]
    assert "1015.md:8: 文件 /files/empty.pdf 是空的（0 字节）" in told["1015.md"]
    assert "1016.md:7: layout 不能是 wied" in told["1016.md"]
    assert "1009.md:1: 没有栏目 xw/none" in told["1009.md"]
    assert "1010.md:7: 旧地址 /xw/yw/2026/1002.html 现在就有页面" in told["1010.md"]
    assert "1012.md:7: 旧地址 /old.html 已由 content/xw/yw/2026/1011.md 接管" in told["1012.md"]
    assert "1013.md:1: 文件开头没有用 --- 括起来的信息头" in told["1013.md"]
    assert "1014.md:2: 信息头不是合法的 YAML" in told["1014.md"]
    assert project.files() == before


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("content/channels.toml", "[[channels]]\npath = 1 2\n", "channels.toml:2: TOML 语法错误"),
        ("site.toml", "[identity\n", "site.toml:1: TOML 语法错误"),
        ("content/xw/yw/2026/1003.md", b"---\ntitle: \xb1\xea\n---\n", "1003.md:2: 文件不是 UTF-8 编码"),
        ("content/xw/yw/1003.md", "---\nid: 1003\n---\n", "年份文件夹"),
    ],
)
def test_files_that_cannot_be_read(project: Any, path: str, text: str | bytes, expected: str) -> None:
    project.write(path, text)

    assert any(expected in line for line in errors_of(project))


def test_a_template_with_a_mistake_is_told_with_its_line(project: Any) -> None:
    project.write(
        "theme/templates/article.html",
        "{% extends 'base.html' %}\n{% block content %}\n{% if %}\n{% endblock %}\n",
    )

    assert errors_of(project)[0].startswith("theme/templates/article.html:3: 模板")


def run(project: Any, *, python_path: Path | None = None) -> subprocess.CompletedProcess[str]:
    search = os.pathsep.join(str(place) for place in (python_path, ROOT) if place)
    return subprocess.run(
        [sys.executable, "-c", "from portal.cli import main; main()", "build"],
        cwd=project.root, env=os.environ | {"PYTHONPATH": search}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_ends_with_2_and_no_traceback(project: Any) -> None:
    project.article("xw/yw/2026/1003", titel="错键")

    done = run(project)

    assert done.returncode == 2
    assert done.stderr.startswith("content/xw/yw/2026/1003.md:7: 不认识的键 titel，是否要写 title？")
    assert not (project.root / "build/site").exists()


def test_a_broken_plugin_is_named_even_when_nobody_uses_it(project: Any, tmp_path: Path) -> None:
    project.build()
    before = project.files()
    folder = tmp_path / "elsewhere/pelican/plugins/broken"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("import no_such_module\n", "utf-8")

    done = run(project, python_path=tmp_path / "elsewhere")

    assert done.returncode == 2
    assert "broken/__init__.py:1: Pelican 插件 pelican.plugins.broken 加载失败" in done.stderr
    assert project.files() == before


def test_a_plugin_that_is_not_there_is_an_error(project: Any) -> None:
    project.write(
        "pelicanconf.py", project.read("pelicanconf.py") + '\nPLUGINS = [*PLUGINS, "no_such_plugin"]\n'
    )

    for _ in ("first", "again in the same process"):
        assert any("no_such_plugin" in line for line in errors_of(project))


def test_settings_with_a_mistake_are_told_with_their_line(project: Any) -> None:
    project.write("pelicanconf.py", "from pathlib import Path\n\nSITENAME = Path(1)\n")

    assert errors_of(project)[0].startswith("pelicanconf.py:3: 设置读不进")


def test_several_errors_count_as_one_exception(project: Any) -> None:
    project.article("xw/yw/2026/1003", titel="错键")
    project.article("xw/yw/2026/1004", titel="错键")

    with pytest.raises(BuildErrors) as caught:
        project.build()

    assert [error.line for error in caught.value.errors] == [7, 7]
