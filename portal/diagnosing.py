"""Collect what a remote diagnosis looks at (合同一（一）2), redacted from the first moment on."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from platform import platform, python_version
from time import perf_counter
from typing import Any
from urllib.parse import urljoin

import httpx

from bureau import config
from bureau.errors import ConfigError
from checks.report.diagnosis import Diagnosis, Finding, Visit
from checks.server import services
from checks.server.reading import State
from mailbox_api.deadlines import BEIJING
from mailbox_api.service.desk import OpenTicket
from mailbox_api.service_ticket import Kind
from portal import health
from portal.redaction import HIDDEN, SECRET_NAME, known_secrets, redacted
from portal.releases import Shelf

TAIL_LINES = 40
LOGS = ("var/log/*.log", "var/log/**/*.log")
RECENT_RELEASES = 5
PAGES = 25
SLOW_MS = 1000
LIBRARIES = (
    "pelican", "comrak", "starlette", "uvicorn", "sqlalchemy", "httpx", "cryptography", "weasyprint", "turbohtml",
)  # fmt: skip

Cover = Callable[[str], str]


def require_consent(opened: OpenTicket) -> None:
    """Raises ConfigError: nothing is looked at before the office has agreed."""
    ticket = opened.ticket
    if ticket.kind is not Kind.DIAGNOSIS:
        raise ConfigError(ticket.number, f"是{ticket.kind.text}工单，不是远程诊断")
    if ticket.consent_at is None:
        raise ConfigError(
            ticket.number,
            "还没有登记甲方同意，不能诊断（合同一（一）2）。请先 portal desk consent 或在后台登记",
        )
    if not ticket.status.is_open:
        raise ConfigError(ticket.number, f"工单{ticket.status.text}，不能再诊断")


def diagnose(root: Path, opened: OpenTicket, now: datetime) -> Diagnosis:
    require_consent(opened)
    site, secrets = config.load(root / "site.toml"), known_secrets()

    def cover(text: str) -> str:
        return redacted(text, secrets)

    ticket = opened.ticket
    return Diagnosis(
        ticket=ticket.number,
        title=cover(ticket.title),
        symptom=cover(opened.timeline[0].body),
        reported=ticket.opened_at.astimezone(BEIJING),
        consent=cover(f"{ticket.facts['consent_by']}（{ticket.facts['consent_how']}）"),
        consented=ticket.consent_at.astimezone(BEIJING) if ticket.consent_at else now,
        at=now.astimezone(BEIJING),
        versions=tuple(versions()),
        doctor=tuple(doctor(root, now, cover)),
        services=tuple(probes(site, cover)),
        logs=tuple(logs(root, cover)),
        settings=tuple((name, cover(old), cover(new)) for name, old, new in differences(site)),
        releases=tuple(releases(root, cover)),
        slowest=tuple(slowest(root, site.monitor.live_url)),
        issuer=site.contract.contractor,
        recipient=site.identity.organizer,
    )


def versions() -> Iterator[tuple[str, str]]:
    yield "系统", platform(terse=True)
    yield "Python", python_version()
    yield "本项目", metadata.version("kmjt-portal")
    for name in LIBRARIES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            yield name, "没有安装"


def doctor(root: Path, now: datetime, cover: Cover) -> Iterator[Finding]:
    for reading in health.examine(root, now.astimezone()):
        lost = f"，影响：{reading.lost}" if reading.lost else ""
        good = reading.state is health.State.OK
        yield Finding(reading.what, good, cover(f"{reading.detail}{lost}"), cover(reading.mend))


def probes(site: config.SiteConfig, cover: Cover) -> Iterator[Finding]:
    """From the server to itself, so that a network in between explains nothing away."""
    for service in site.inspection.services:
        reading = services.answering(service)
        yield Finding(reading.name, reading.state is State.GOOD, cover(reading.value), cover(reading.advice))


def logs(root: Path, cover: Cover) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The last lines of each log, the newest file first."""
    paths = {path for pattern in LOGS for path in root.glob(pattern) if path.is_file()}
    for path in sorted(paths, key=lambda path: (-path.stat().st_mtime, path.name))[:10]:
        text = cover("\n".join(path.read_text("utf-8", "replace").splitlines()[-TAIL_LINES:]))
        yield str(path.relative_to(root)), tuple(text.splitlines())


def differences(site: config.SiteConfig) -> Iterator[tuple[str, str, str]]:
    """(key, default, what site.toml says), for every setting that has a default and is not at it."""
    for table in fields(site):
        yield from _differences(table.name, getattr(site, table.name))


def _differences(where: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if not is_dataclass(value):
        return
    for entry in fields(value):
        now, name = getattr(value, entry.name), f"{where}.{entry.name}"
        default = entry.default_factory() if entry.default_factory is not MISSING else entry.default
        if default is MISSING:
            continue
        if now != default:
            yield name, _shown(default), HIDDEN if SECRET_NAME.fullmatch(entry.name) else _shown(now)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return f"{len(value)} 项：{'、'.join(map(_shown, value))}" if value else "空"
    if is_dataclass(value):
        return " ".join(str(getattr(value, entry.name)) for entry in fields(value))
    if isinstance(value, Mapping):
        return "、".join(f"{key} {item}" for key, item in value.items())
    return f"{value}" or "空"


def releases(root: Path, cover: Cover) -> Iterator[tuple[str, str, str, bool]]:
    """(id, commit, who, whether it is the one served) of the newest ones."""
    shelf = Shelf(root / "releases")
    served = shelf.current()
    for release in shelf.all()[:RECENT_RELEASES]:
        record = release.record
        who = cover(str(record.get("by") or record.get("who") or ""))
        yield release.id, str(record.get("commit") or "")[:12], who, release == served


def slowest(root: Path, url: str) -> Iterator[Visit]:
    """Some pages of every kind, the slowest first; a page that does not come is the slowest of all."""
    if not url:
        return
    visits = []
    with httpx.Client(timeout=15) as client:
        for path in _some_pages(root):
            visits.append(_visit(client, urljoin(url, path), path))
            if len(visits) >= 3 and not any(visit.status for visit in visits):
                break  # nobody answers: the others would only take their time
    yield from sorted(visits, key=lambda visit: -visit.milliseconds)[:10]


def _some_pages(root: Path) -> list[str]:
    for manifest in (root / "releases/current/manifest.json", root / "build/manifest.json"):
        try:
            pages = json.loads(manifest.read_text("utf-8"))["pages"]
        except (OSError, ValueError, KeyError):
            continue
        urls = [page["url"] for page in pages]
        return ["/", *urls[:: max(1, len(urls) // PAGES)]][:PAGES]
    return ["/"]


def _visit(client: httpx.Client, url: str, path: str) -> Visit:
    begin = perf_counter()
    try:
        answer = client.get(url)
        status, size, told = answer.status_code, len(answer.content), ""
    except httpx.HTTPError as error:
        status, size, told = 0, 0, type(error).__name__
    return Visit(path, status, round((perf_counter() - begin) * 1000), size, told, SLOW_MS)


def bundle(diagnosis: Diagnosis, reports: list[Path]) -> bytes:
    """For the engineer: the facts as JSON, the logs' ends, and the report."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        facts = asdict(diagnosis)
        archive.writestr("facts.json", json.dumps(facts, ensure_ascii=False, indent=1, default=str))
        for name, lines in diagnosis.logs:
            archive.writestr(f"logs/{name.replace('/', '_')}.txt", "\n".join(lines) + "\n")
        for path in reports:
            archive.write(path, path.name)
    return stream.getvalue()
