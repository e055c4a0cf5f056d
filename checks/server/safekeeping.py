"""What must survive: backups that restore, a sound database, logs without new errors."""

import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from bureau.config import Inspection
from checks.server.reading import Reading, State, at_most, unread

ERROR_LINE = re.compile(r"\b(ERROR|CRITICAL|FATAL|Traceback|crit|emerg|alert)\b")


def newest_backup(folder: Path) -> Path | None:
    files = [path for path in folder.glob("*") if path.is_file() and not path.name.startswith(".")]
    return max(files, key=lambda path: path.stat().st_mtime, default=None)


def backup_age(folder: Path, limits: Inspection, now: datetime) -> Reading:
    newest = newest_backup(folder)
    if newest is None:
        return Reading(
            item="backup-age", name="最近备份", state=State.BAD, value="没有备份",
            limit=f"不超过 {limits.backup_age_hours:g} 小时", advice="启用备份定时器：portal mailbox backup",
        )  # fmt: skip
    made = datetime.fromtimestamp(newest.stat().st_mtime, UTC)
    return at_most(
        "backup-age", "最近备份", round((now - made).total_seconds() / 3600, 1), limits.backup_age_hours,
        unit="小时前", advice="检查备份定时器", details=(newest.name,),
    )  # fmt: skip


def backup_restores(folder: Path, limits: Inspection) -> Reading:
    """Unpack the newest backup into a scratch folder and read it back: a backup that was never restored is a hope."""
    item, name = "backup-restore", "备份可恢复"
    newest = newest_backup(folder)
    if newest is None:
        return Reading(item=item, name=name, state=State.BAD, value="没有备份可试", advice="先做一次备份")
    if newest.stat().st_size < limits.backup_min_bytes:
        return Reading(
            item=item, name=name, state=State.BAD, value=f"{newest.name} 只有 {newest.stat().st_size} 字节",
            limit=f"不少于 {limits.backup_min_bytes} 字节", advice="检查备份命令的输出",
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        problem = _restore_problem(newest, Path(scratch))
    return Reading(
        item=item,
        name=name,
        state=State.BAD if problem else State.GOOD,
        value=problem or f"{newest.name} 已试恢复，内容完整",
        advice="立即重做备份并再试恢复" if problem else "",
    )


def _restore_problem(backup: Path, scratch: Path) -> str:
    """Empty when it restores. Knows SQLite copies, PostgreSQL archives and tar/zip files around them."""
    try:
        unpacked = _unpack(backup, scratch)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        return f"{backup.name} 解不开：{error}"
    if not unpacked:
        return f"{backup.name} 里没有文件"
    return next((problem for path in unpacked if (problem := _database_problem(path))), "")


def _unpack(backup: Path, scratch: Path) -> list[Path]:
    """The files of a tar or zip archive, or a copy of a bare file; never written outside `scratch`."""
    if zipfile.is_zipfile(backup):
        with zipfile.ZipFile(backup) as archive:
            names = [row.filename for row in archive.infolist() if not row.is_dir()]
            return [_store(scratch, name, archive.open(name)) for name in names]
    if backup.name.endswith((".tar", ".tar.gz", ".tgz")):
        with tarfile.open(backup) as tar:
            members = [(row.name, tar.extractfile(row)) for row in tar if row.isfile()]
            return [_store(scratch, name, file) for name, file in members if file]
    return [_store(scratch, backup.name, backup.open("rb"))]


def _store(scratch: Path, name: str, source: IO[bytes]) -> Path:
    path = scratch / Path(name).name
    with source, path.open("wb") as target:
        shutil.copyfileobj(source, target)
    return path


def _database_problem(path: Path) -> str:
    with path.open("rb") as file:
        magic = file.read(16)
    if magic.startswith(b"SQLite format 3"):
        return sqlite_problem(path)
    if magic.startswith(b"PGDMP"):
        listing = subprocess.run(["pg_restore", "--list", str(path)], capture_output=True, check=False)
        return "" if listing.returncode == 0 else f"{path.name} 的 PostgreSQL 归档读不了"
    return ""


def sqlite_problem(path: Path) -> str:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
            tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE type='table'").fetchone()[0]
    except sqlite3.Error as error:
        return f"{path.name} 损坏：{error}"
    if answer != "ok":
        return f"{path.name} 损坏：{answer}"
    return "" if tables else f"{path.name} 里没有表"


def database(path: Path) -> Reading:
    """Integrity of a live SQLite database; a PostgreSQL one checks its pages itself and is asked whether it answers."""
    item, name = f"database:{path.name}", f"数据库 {path.name}"
    if not path.exists():
        return unread(item, name, f"{path} 不存在")
    problem = sqlite_problem(path)
    return Reading(
        item=item,
        name=name,
        state=State.BAD if problem else State.GOOD,
        value=problem or "完整",
        advice="停服务，从备份恢复" if problem else "",
    )


def log_errors(paths: Iterable[Path], limits: Inspection, since: datetime) -> Reading:
    """Error lines in the logs written since the last inspection."""
    item, name = "logs", "日志错误"
    read, errors = 0, []
    for path in paths:
        try:
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < since:
                read += 1
                continue
            lines = path.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            continue
        read += 1
        errors += [f"{path.name}：{line[:120]}" for line in lines if ERROR_LINE.search(line)]
    if not read:
        return unread(item, name, "配置的日志都读不到", "检查 [inspection] logs 与文件权限")
    return at_most(
        item,
        name,
        len(errors),
        limits.log_errors,
        unit="行",
        advice="逐条查看并处理",
        details=tuple(errors[-5:]),
    )
