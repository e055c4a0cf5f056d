"""Put the mailbox together from site.toml, the key ring and the environment."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bureau import config, workdays
from bureau.errors import ConfigError
from mailbox_api import keys
from mailbox_api.deadlines import QuietHours, Terms
from mailbox_api.gateways import Gateway
from mailbox_api.gateways.aliyun import Aliyun
from mailbox_api.gateways.file import FileGateway
from mailbox_api.gateways.tencent import Tencent
from mailbox_api.gateways.wecom import Application, Robot
from mailbox_api.jobs.adapters import Adapters
from mailbox_api.jobs.dispatch import Dispatcher
from mailbox_api.letter import CATEGORIES
from mailbox_api.notices import TEMPLATES, Channel
from mailbox_api.service.parts import Calendars, Desk, Mailbox, Rules
from mailbox_api.service_ticket import Hours
from mailbox_api.store.database import Database

DATABASE = "sqlite:///var/mailbox.db"
KEYS = "var/keys"
MESSAGES = Path("var/outbox/messages.jsonl")
ONLY_WECHAT = frozenset({"heartbeat"})


def utc_now() -> datetime:
    return datetime.now(UTC)


def database_url(root: Path, environment: Mapping[str, str] = os.environ) -> str:
    url = environment.get("MAILBOX_DATABASE", DATABASE)
    head, _, file = url.partition("sqlite:///")
    return f"sqlite:///{(root / file).resolve()}" if not head and file else url


def key_folder(root: Path, environment: Mapping[str, str] = os.environ) -> Path:
    return root / environment.get("MAILBOX_KEYS", KEYS)


def open_mailbox(
    root: Path, *, clock: Callable[[], datetime] = utc_now, environment: Mapping[str, str] = os.environ
) -> Mailbox:
    """Raises ConfigError when `portal mailbox init` has not run or the database is older than the program."""
    site = config.load(root / "site.toml")
    database = Database(database_url(root, environment))
    if not database.exists():
        raise ConfigError("var/mailbox.db", "领导信箱尚未开通，请先执行 portal mailbox init")
    if not database.is_current():
        raise ConfigError("var/mailbox.db", "数据库版本与程序不符，请先备份，再执行 portal mailbox init 升级")
    return assemble(root, site, database, keys.load(key_folder(root, environment)), clock)


def assemble(
    root: Path,
    site: config.SiteConfig,
    database: Database,
    ring: keys.KeyRing,
    clock: Callable[[], datetime] = utc_now,
) -> Mailbox:
    mailbox = Mailbox(
        database=database,
        keys=ring,
        rules=rules_of(site.mailbox),
        departments={row.id: row.name for row in site.departments},
        sign=site.mailbox.sign or site.identity.name,
        clock=clock,
        calendars=Calendars(workdays.load(root / workdays.FOLDER)),
        desk=desk_of(root, site.contract),
    )
    with database.read() as connection:
        mailbox.calendars.refresh(connection)
    return mailbox


def rules_of(office: config.Mailbox) -> Rules:
    if missing := [name for name in CATEGORIES if name not in office.reply_days]:
        raise ConfigError("site.toml", f"[mailbox.reply_days] 缺少类型 {'、'.join(missing)}")
    return Rules(
        terms=Terms(office.accept_days, office.reply_days),
        quiet=QuietHours(office.quiet_from, office.quiet_until),
        four_eyes=office.four_eyes,
        totp_required=office.totp_required,
        extend_days=office.extend_days,
        transfer_days=office.transfer_days,
        leader_after_days=office.leader_after_days,
        purge_months=office.purge_months,
    )


def desk_of(root: Path, contract: config.Contract) -> Desk:
    hours = Hours(
        answer=contract.response_hours,
        handle=contract.repair_hours,
        feedback=contract.feedback_hours,
        force_majeure=contract.force_majeure_days * 24,
    )
    return Desk(
        hours=hours,
        year_start=contract.year_start,
        adjustments=contract.adjustments_per_year,
        content=root / "content",
        state=root / "var/monitor/state.json",
        inspections=root / "var/inspections",
    )


def dispatcher_of(mailbox: Mailbox, root: Path, environment: Mapping[str, str] = os.environ) -> Dispatcher:
    return Dispatcher(mailbox=mailbox, adapters=Adapters(gateways=gateways_of(root, environment)))


def gateways_of(root: Path, environment: Mapping[str, str] = os.environ) -> dict[Channel, list[Gateway]]:
    """The adapters named in MAILBOX_SMS and MAILBOX_WECHAT, in order of preference; `file` by default."""
    site = config.load(root / "site.toml")
    chosen = {Channel.SMS: "MAILBOX_SMS", Channel.WECHAT: "MAILBOX_WECHAT"}
    return {
        channel: [
            _gateway(name.strip(), variable, channel, root, site, environment)
            for name in environment.get(variable, "file").split(",")
        ]
        for channel, variable in chosen.items()
    }


def _whole(templates: Mapping[str, str], vendor: str) -> Mapping[str, str]:
    """Every text that goes by SMS must be registered: the first that is not would stop the others for a while."""
    if missing := sorted(TEMPLATES.keys() - ONLY_WECHAT - templates.keys()):
        raise ConfigError("site.toml", f"[mailbox.{vendor}_templates] 缺少短信模板号：{'、'.join(missing)}")
    return templates


def _gateway(
    name: str,
    variable: str,
    channel: Channel,
    root: Path,
    site: config.SiteConfig,
    environment: Mapping[str, str],
) -> Gateway:
    def need(key: str) -> str:
        if not environment.get(key):
            raise ConfigError(variable, f"用 {name} 需要设置环境变量 {key}")
        return environment[key]

    sign = site.mailbox.sign or site.identity.name
    match channel, name:
        case _, "file":
            return FileGateway(root / MESSAGES)
        case Channel.SMS, "aliyun":
            return Aliyun(
                key_id=need("ALIYUN_ACCESS_KEY_ID"),
                secret=need("ALIYUN_ACCESS_KEY_SECRET"),
                sign=sign,
                templates=_whole(site.mailbox.aliyun_templates, name),
                endpoint=environment.get("ALIYUN_SMS_ENDPOINT", Aliyun.endpoint),
            )
        case Channel.SMS, "tencent":
            return Tencent(
                key_id=need("TENCENT_SECRET_ID"),
                secret=need("TENCENT_SECRET_KEY"),
                app_id=need("TENCENT_SMS_APP_ID"),
                sign=sign,
                templates=_whole(site.mailbox.tencent_templates, name),
                endpoint=environment.get("TENCENT_SMS_ENDPOINT", Tencent.endpoint),
            )
        case Channel.WECHAT, "wecom-robot":
            return Robot(
                key=need("WECOM_ROBOT_KEY"), endpoint=environment.get("WECOM_ENDPOINT", Robot.endpoint)
            )
        case Channel.WECHAT, "wecom-app":
            return Application(
                corp_id=need("WECOM_CORP_ID"),
                secret=need("WECOM_SECRET"),
                agent_id=need("WECOM_AGENT_ID"),
                endpoint=environment.get("WECOM_ENDPOINT", Application.endpoint),
            )
        case _:
            possible = {Channel.SMS: "file、aliyun、tencent", Channel.WECHAT: "file、wecom-robot、wecom-app"}
            raise ConfigError(variable, f"不认识通道 {name}，可用：{possible[channel]}")
