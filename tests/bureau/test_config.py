"""site.toml: what it says is typed, what it cannot say is refused by name."""

from pathlib import Path

import pytest

from bureau.config import load
from bureau.errors import ConfigError

SITE = (Path(__file__).parents[2] / "site.toml").read_text("utf-8")


def written(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_projects_own_file_is_read(tmp_path: Path) -> None:
    config = load(written(tmp_path, SITE))

    assert config.identity.base_url == "https://jtysj.km.gov.cn"
    assert config.department("bgs")
    assert config.inspection.services[0].name == "portal"
    assert config.contract.quarterly_report_months == (3, 6, 9, 12)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("id_code =", "idcode =", r"\[identity\] 里有不认识的键 idcode", id="不认识的键"),
        pytest.param("[build]", "[biuld]", r"不认识的表 biuld", id="不认识的表"),
        pytest.param('organizer = "昆明市交通运输局"', "", r"\[identity\] 缺少 organizer", id="缺少的键"),
        pytest.param("page_size = 20", 'page_size = "20"', r"\[build\] page_size 应当是整数", id="类型不对"),
        pytest.param("demo = true", 'demo = "yes"', r"demo 应当是 true 或 false", id="布尔"),
        pytest.param("5301009999", "53010099", r"id_code 应为 10 位标识码", id="标识码位数"),
        pytest.param('"comrak"', '"marked"', r"markdown 只能是", id="引擎"),
        pytest.param(
            'region_code = "530100"', 'region_code = "530200"', "前 6 位应是行政区划代码", id="区划代码"
        ),
        pytest.param("[contract]", "[contract", r"site\.toml:\d+: TOML 语法错误", id="语法错误带行号"),
        pytest.param("year_start = 2026-07-01", 'year_start = "七月"', r"year_start 应当是日期", id="日期"),
    ],
)
def test_a_mistake_is_told_with_file_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in SITE
    path = written(tmp_path, SITE.replace(old, new, 1))

    with pytest.raises(ConfigError, match=message):
        load(path)


def test_a_missing_or_foreign_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="读不到文件"):
        load(tmp_path / "site.toml")
    (tmp_path / "site.toml").write_bytes("名称".encode("gb18030"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "site.toml")
