"""`site.toml` as frozen dataclasses. Importing reads nothing; an unknown key is refused by name."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from bureau.errors import ConfigError

TOML_KINDS = {str: "文字", int: "整数", float: "数字", bool: " true 或 false", date: "日期（2026-01-31）"}


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

    contractor: str  # 承办维护的单位，报告署名
    year_start: date
    adjustments_per_year: int
    response_hours: int
    repair_hours: int
    feedback_hours: int
    force_majeure_days: int = 3  # 五2：不可抗力几日内通知
    monthly_report_day: int
    quarterly_report_months: tuple[int, ...]
    quarterly_due_day: int = 5  # how long 月初 lasts
    monthly_period: str = "25-24"  # from the 25th to the 24th, or `calendar`: from the 1st


@dataclass(frozen=True, kw_only=True)
class Build:
    markdown: str = "comrak"  # or python-markdown
    page_size: int = 20
    releases_kept: int = 10


@dataclass(frozen=True, kw_only=True)
class QuickLink:
    name: str
    url: str
    icon: str = "doc"  # a name in theme/static/icons.svg


@dataclass(frozen=True, kw_only=True)
class Home:
    """What stands on the home page, and the links at the foot of every page."""

    blocks: tuple[str, ...] = ()  # channel paths in order; none: every channel that gets news
    carousel: str = ""  # the channel whose pictures run at the top
    quick: tuple[QuickLink, ...] = ()
    footer_links: tuple[QuickLink, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WatchedService:
    name: str
    url: str  # http://…, https://…, tcp://host:port or unix:///path
    unit: str = ""  # its systemd unit


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """Limits of the weekly inspection of the server (contract-map K01); folders are below the root."""

    disk_percent: float = 85
    inode_percent: float = 85
    memory_percent: float = 90
    load_per_core: float = 2
    clock_skew_seconds: float = 5
    security_updates: int = 0
    tls_days: int = 21
    backup_age_hours: float = 26
    backup_min_bytes: int = 1024
    log_errors: int = 0
    failed_logins: int = 50
    sms_left: int = 1000
    time_url: str = ""  # a server whose Date header is trusted
    stats_url: str = ""  # the mailbox's /internal/v1/stats
    login_log: str = "/var/log/auth.log"
    backup_folder: str = "var/backups"
    databases: tuple[str, ...] = ("var/mailbox.db", "var/checks.db")
    logs: tuple[str, ...] = ("var/log/*.log",)
    tls_hosts: tuple[str, ...] = ()  # host or host:port
    expected_ports: tuple[int, ...] = (22, 80, 443)
    services: tuple[WatchedService, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApprovedDomain:
    domain: str  # with its subdomains
    approver: str  # who agreed to link there（指引：外部链接须经审核）
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Links:
    """What the link checks must know: addresses served by programs, outward domains, the prober's manners."""

    served: tuple[str, ...] = (
        "/api", "/mailbox", "/staff", "/search", "/hooks", "/internal", "/healthz", "/readyz",
    )  # fmt: skip
    free_domains: tuple[str, ...] = ("gov.cn", "conac.cn")  # need no approval
    approved: tuple[ApprovedDomain, ...] = ()
    script_hosts: tuple[str, ...] = ()  # from which pages may load scripts and frames
    timeout_seconds: float = 15
    per_host: int = 2  # connections at once
    host_delay_seconds: float = 0.5
    retries: int = 2
    fresh_days: float = 7  # an address that was well is not asked again before
    agree_hours: float = 1  # dead only when two runs this far apart agree
    allow_private: bool = False  # follow links into the office's own network


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """The leader's mailbox; terms are working days (mailbox-rules §1)."""

    sign: str = ""  # 短信签名；不写用 identity 的 name
    accept_days: int = 1
    reply_days: Mapping[str, int] = field(
        default_factory=lambda: {"咨询": 5, "求助": 7, "建议": 7, "投诉": 15, "举报": 15, "其他": 15}
    )
    extend_days: int = 15  # 延期一次最多几个工作日
    transfer_days: int = 5  # 不属本处室的，几个工作日内转出
    quiet_from: int = 21
    quiet_until: int = 8
    four_eyes: bool = True  # 答复与公开由另一人审核
    totp_required: bool = True  # 工作人员必须用动态口令登录
    leader_after_days: int = 3  # 超期几个工作日后提醒领导
    purge_months: int = 6  # 办结后几个月清除个人信息；0 不清除
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    aliyun_templates: Mapping[str, str] = field(default_factory=dict)  # 我们的模板名 → 阿里云模板号
    tencent_templates: Mapping[str, str] = field(default_factory=dict)  # 我们的模板名 → 腾讯云模板号


@dataclass(frozen=True, kw_only=True)
class Monitor:
    """What the scheduled runs look at and whom they tell."""

    live_url: str = ""  # the running site; empty: not probed
    mailbox_url: str = ""  # where the mailbox answers; its bearer token is PORTAL_INTERNAL_TOKEN
    migrated_on: date | None = None  # articles committed until then came from an older site with their dates
    online_services: tuple[str, ...] = ()  # addresses of online application and query systems
    public_services: bool = True  # false: rows of 办事服务 are left out and the rest is scaled
    monthly_plan: Mapping[str, int] = field(default_factory=dict)  # department -> articles a month


@dataclass(frozen=True, kw_only=True)
class SiteConfig:
    identity: Identity
    departments: tuple[Department, ...]
    contract: Contract
    build: Build = Build()
    home: Home = Home()
    inspection: Inspection = Inspection()
    monitor: Monitor = Monitor()
    mailbox: Mailbox = field(default_factory=Mailbox)
    links: Links = Links()

    def department(self, department_id: str) -> Department | None:
        return next((row for row in self.departments if row.id == department_id), None)


def load(path: Path) -> SiteConfig:
    """Read site.toml. Raises ConfigError naming the file, the table, the key and the mend.

    Each field of SiteConfig is one table of the file (`[[…]]` where it is a tuple); to add a table,
    add a dataclass and a field.
    """
    config: SiteConfig = _build(path, SiteConfig, _read_toml(path), "")
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


def _build(path: Path, cls: type, raw: Mapping[str, Any], where: str) -> Any:
    """One table as its dataclass; `where` is the table's name as the file writes it."""
    known = {entry.name: entry for entry in fields(cls)}
    hints = get_type_hints(cls)
    if unknown := sorted(raw.keys() - known.keys()):
        kind = f"{where} 里有不认识的键" if where else "不认识的表"
        raise ConfigError(path, f"{kind} {unknown[0]}，可用：{'、'.join(known)}")
    for name, entry in known.items():
        if name not in raw and entry.default is MISSING and entry.default_factory is MISSING:
            raise ConfigError(path, f"{where} 缺少 {name}".strip())
    return cls(
        **{key: _value(path, hints[key], value, f"{where} {key}".strip()) for key, value in raw.items()}
    )


def _value(path: Path, hint: Any, value: Any, where: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise ConfigError(path, f"{where} 应当是一张表，写成 [{where}]")
        return _build(path, hint, value, f"[{where}]")
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ConfigError(path, f"{where} 应当是列表")
        return tuple(_value(path, get_args(hint)[0], item, where) for item in value)
    if get_origin(hint) is dict or get_origin(hint) is Mapping:
        if not isinstance(value, dict):
            raise ConfigError(path, f"{where} 应当是一张表")
        return {key: _value(path, get_args(hint)[1], item, f"{where}.{key}") for key, item in value.items()}
    kinds = get_args(hint) or (hint,)
    if type(value) in kinds or (float in kinds and type(value) is int):
        return value
    names = "或".join(TOML_KINDS.get(kind, kind.__name__) for kind in kinds if kind is not type(None))
    raise ConfigError(path, f"{where} 应当是{names}，现为 {value!r}")


def _check(path: Path, config: SiteConfig) -> None:
    identity = config.identity
    if not re.fullmatch(r"\d{10}|bm\d{8}", identity.id_code):
        raise ConfigError(path, f"[identity] id_code 应为 10 位标识码，现为 {identity.id_code}")
    if identity.id_code.isdigit() and not identity.id_code.startswith(identity.region_code):
        raise ConfigError(
            path,
            f"[identity] id_code 前 6 位应是行政区划代码 {identity.region_code}，现为 {identity.id_code}",
        )
    if config.contract.monthly_period not in ("25-24", "calendar"):
        raise ConfigError(
            path, f"[contract] monthly_period 只能是 25-24 或 calendar，现为 {config.contract.monthly_period}"
        )
    if config.build.markdown not in ("comrak", "python-markdown"):
        raise ConfigError(
            path, f"[build] markdown 只能是 comrak 或 python-markdown，现为 {config.build.markdown}"
        )
