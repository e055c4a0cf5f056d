"""`site.toml` as frozen dataclasses. Importing reads nothing; an unknown key is refused by name."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from bureau.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who publishes: what the header, the labels and the seven marks of the footer say."""

    name: str  # 网站名称，用机构名称命名（2019 指标 D20）
    domain: str  # 不带协议，例 jtysj.km.gov.cn
    id_code: str  # 政府网站标识码，10 位
    organizer: str  # 主办单位
    address: str
    postcode: str
    contact: str  # 联系方式
    icp: str  # ICP 备案编号
    police_record: str  # 公安机关备案编号
    party_mark_url: str  # 党政机关网站标识
    error_report_url: str  # “我为政府网站找错”入口
    region_code: str  # 行政区划代码，6 位
    demo: bool = False  # true: every page says 示例

    @property
    def base_url(self) -> str:
        return f"https://{self.domain}"


@dataclass(frozen=True, kw_only=True)
class Department:
    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The maintenance contract's numbers (contract-map K02–K06, K21–K23)."""

    year_start: date
    adjustments_per_year: int
    response_hours: int
    repair_hours: int
    feedback_hours: int
    monthly_report_day: int
    quarterly_report_months: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Build:
    markdown: str = "comrak"  # or python-markdown
    page_size: int = 20
    releases_kept: int = 10


@dataclass(frozen=True, kw_only=True)
class SiteConfig:
    identity: Identity
    departments: tuple[Department, ...]
    contract: Contract
    build: Build = Build()

    def department(self, department_id: str) -> Department | None:
        return next((row for row in self.departments if row.id == department_id), None)


def load(path: Path) -> SiteConfig:
    """Read site.toml. Raises ConfigError naming the file, the line where TOML tells it, and the key."""
    raw = _read_toml(path)
    sections: Mapping[str, type] = {"identity": Identity, "contract": Contract, "build": Build}
    values: dict[str, Any] = {
        key: _section(path, cls, raw.pop(key, {}), f"[{key}]") for key, cls in sections.items()
    }
    rows = raw.pop("departments", [])
    values["departments"] = tuple(_section(path, Department, row, "[[departments]]") for row in rows)
    if raw:
        raise ConfigError(path, f"不认识的表 [{next(iter(raw))}]")
    config = SiteConfig(**values)
    _check(path, config)
    return config


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ConfigError(path, f"TOML 语法错误：{error}", int(line[1]) if line else 0) from error
    except OSError as error:
        raise ConfigError(path, f"读不到文件：{error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(path, "文件不是 UTF-8 编码，请另存为 UTF-8") from error


def _section(path: Path, cls: type, raw: Mapping[str, Any], where: str) -> Any:
    known = {field.name: field for field in fields(cls)}
    if unknown := sorted(raw.keys() - known.keys()):
        raise ConfigError(path, f"{where} 里有不认识的键 {unknown[0]}，可用的键：{'、'.join(known)}")
    missing = [
        name
        for name, field in known.items()
        if name not in raw and field.default is MISSING and field.default_factory is MISSING
    ]
    if missing:
        raise ConfigError(path, f"{where} 缺少 {missing[0]}")
    return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()})


def _check(path: Path, config: SiteConfig) -> None:
    identity = config.identity
    if not re.fullmatch(r"\d{10}|bm\d{8}", identity.id_code):
        raise ConfigError(path, f"[identity] id_code 应为 10 位标识码，现为 {identity.id_code}")
    if config.build.markdown not in ("comrak", "python-markdown"):
        raise ConfigError(
            path, f"[build] markdown 只能是 comrak 或 python-markdown，现为 {config.build.markdown}"
        )
