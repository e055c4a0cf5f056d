"""The units that run the portal on a server."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from portal import cli

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy/systemd").iterdir())


def read(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path, "utf-8")
    return unit


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.name) for path in UNITS if path.suffix == ".service"]
)
def test_a_service_calls_a_command_that_exists_and_may_write_only_what_it_must(path: Path) -> None:
    service = read(path)["Service"]
    call = re.match(r"/srv/portal/\.venv/bin/portal (.*)", service["ExecStart"])
    if call is None:  # reloading nginx is root's work
        assert path.name == "portal-reload.service"
        return
    command = get_command(cli.app)
    for word in call[1].split():
        if not hasattr(command, "commands"):
            break
        command = command.commands[word]

    assert service["User"] == "portal"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    writable = {"/srv/portal/var", "/srv/portal/build"}
    if call[1].startswith("publish"):
        writable.add("/srv/portal/releases")
    if call[1] == "mailbox publish-replies":
        writable |= {f"/srv/portal/{name}" for name in ("content", ".git", "releases")}
    assert set(service["ReadWritePaths"].split()) <= writable


def test_each_timer_has_its_service() -> None:
    for path in UNITS:
        if path.suffix in (".timer", ".path"):
            assert path.with_suffix(".service").exists(), path.name


def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    """Where systemd is; the command it would start is put where the units of this test look for it."""
    analyze = shutil.which("systemd-analyze")
    for path in UNITS:
        text = path.read_text("utf-8").replace("/srv/portal/.venv/bin/portal", "/bin/true")
        (tmp_path / path.name).write_text(text.replace("/usr/sbin/nginx", "/bin/true"), "utf-8")
    if analyze:
        said = subprocess.run([analyze, "verify", *tmp_path.iterdir()], capture_output=True, text=True)
        ours = [line for line in said.stderr.splitlines() if "portal" in line]
        assert ours == []


CADENCES = {
    "portal-probe": ("probe", "*:00/10:00"),  # 可用性：每 10 分钟
    "portal-daily": ("daily", "*-*-* "),
    "portal-weekly": ("weekly", "Mon "),
    "portal-monthly": ("monthly", "*-*-01,"),
    "portal-quarterly": ("quarterly", "*-03,06,09,12-01 "),
    "portal-publish": ("publish", "*-*-* 00:"),
    "portal-replies": ("publish-replies", "*:05:"),
    "portal-backup": ("backup", "*:00/5:00"),  # 最多丢五分钟
}


@pytest.mark.parametrize("name", CADENCES)
def test_every_cadence_of_the_contract_has_its_timer_in_beijing_time(name: str) -> None:
    command, when = CADENCES[name]
    folder = ROOT / "deploy/systemd"
    calendar = read(folder / f"{name}.timer")["Timer"]["OnCalendar"]

    assert command in read(folder / f"{name}.service")["Service"]["ExecStart"].split()
    assert when in calendar
    assert calendar.endswith(" Asia/Shanghai")


def test_systemd_understands_every_calendar() -> None:
    analyze = shutil.which("systemd-analyze")
    for path in UNITS:
        if analyze and path.suffix == ".timer":
            calendar = read(path)["Timer"]["OnCalendar"]
            said = subprocess.run([analyze, "calendar", calendar], capture_output=True, text=True)
            assert said.returncode == 0, f"{path.name}：{said.stderr}"
