"""Publish and roll back: build → gate → a whole release → one switch of the link."""

import filecmp
import gzip
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from bureau.errors import ConfigError
from checks.engine import Outcome
from checks.finding import Severity
from portal import nginx_maps, origin, pieces
from portal.build import NO_ROOM
from portal.gate import Override, Verdict, judge
from portal.releases import SEARCH, SHARED, Hold, Release, Shelf, mirror

COMPANIONS = ("manifest.json", "shell.html")  # of site/, of equal weight


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it. Without a release nothing has changed for the citizens."""

    outcome: Outcome
    verdict: Verdict
    release: Release | None = None
    is_new: bool = True  # false: the one that is served shows just this already
    revoked: tuple[str, ...] = ()  # addresses of the old release that stay withdrawn


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """Everything that changes what citizens see. Put together once, in commands/publish.py."""

    root: Path
    kept: int
    build: Callable[[], object]  # writes root/build, or raises and leaves it
    check: Callable[[], Outcome]  # all rules on root/content and root/build
    check_vetoes: Callable[[Release], Outcome]
    clock: Callable[[], datetime]
    index: Callable[[], AbstractContextManager[Path]]  # the search database of the build; nobody writes to it
    unlist: Callable[[Path, Iterable[str]], object]  # takes addresses out of a search database in pieces
    hold_build: Callable[[], AbstractContextManager[None]] = nullcontext  # keeps other builds from starting
    waiting: Callable[[], None] = lambda: None  # called when another publish is under way

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.root / "releases")

    def publish(self, who: str, overrides: Sequence[Override] = ()) -> Attempt:
        with self.shelf.lock(self.waiting), self._told_of_no_room():
            attempt = self._publish(who, overrides)
            if attempt.release:
                self.shelf.let_go()
        return attempt

    def publish_by_clock(self, who: str) -> Attempt | Hold:
        """Does nothing while the site stands at a release that somebody went back to: only people undo that."""
        with self.shelf.lock(self.waiting), self._told_of_no_room():
            return self.shelf.held() or self._publish(who, ())

    def _publish(self, who: str, overrides: Sequence[Override]) -> Attempt:
        self.build()
        with self.hold_build():  # what is published is what was checked
            outcome = self.check()
            verdict = judge(outcome, overrides)
            if not verdict.passes:
                return Attempt(outcome, verdict)
            current = self.shelf.current()
            with self.index() as database:
                if current and _shows(current, self.root / "build", database):
                    return Attempt(outcome, verdict, current, is_new=False)
                staged = self.shelf.stage(self.kept)
                _copy_build(self.root / "build", staged)
                _copy_index(database, current, staged)
        release = self._finish(staged, who, _gate_record(outcome, verdict, overrides, self.clock()))
        return Attempt(outcome, verdict, release)

    def rollback(self, who: str, release_id: str = "") -> Attempt:
        """To the named release, or to the one before the current. Asks today's veto rules first.

        What has been withdrawn since stays withdrawn: then a new release is made of the old one, with the
        pages that say so in place of the withdrawn ones.
        """
        with self.shelf.lock(self.waiting), self._told_of_no_room():
            target = self._target(release_id)
            outcome = self.check_vetoes(target)
            verdict = judge(outcome)
            if not verdict.passes:
                return Attempt(outcome, verdict)
            revoked = self._revoked(target)
            if not revoked:
                self._hold_at(target, who)
                self.shelf.switch(target)
                return Attempt(outcome, verdict, target)
            staged = self.shelf.stage(self.kept, target)
            _copy_release(target, staged, revoked)
            self.unlist(staged / SEARCH, [f"/{file}" for file in revoked])
            record = _gate_record(outcome, verdict, (), self.clock()) | {"only": "veto"}
            release = self._finish(staged, who, record, target)
        return Attempt(outcome, verdict, release, revoked=tuple(sorted(revoked)))

    @contextmanager
    def _told_of_no_room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.shelf.drop()
            if error.errno not in NO_ROOM:
                raise
            raise ConfigError(
                error.filename or self.shelf.folder,
                f"写不进：{NO_ROOM[error.errno]}。没有发布，网站保持原样；腾出空间后再执行一次",
            ) from error

    def _finish(
        self, staged: Path, who: str, gate: Mapping[str, Any], restored: Release | None = None
    ) -> Release:
        now = self.clock()
        record = {
            "commit": origin.commit(self.root),
            "built_at": f"{now:%Y-%m-%dT%H:%M:%S%z}",
            "who": who,
            **({"restores": restored.id} if restored else {}),
        }
        nginx_maps.write(staged, Release(staged).manifest)
        _write_json(staged / "gate.json", gate)
        _write_json(staged / "release.json", record)
        release = self.shelf.add(staged, now)
        if restored:
            self._hold_at(release, who)
        self.shelf.switch(release)
        self.shelf.prune(self.kept)
        return release

    def _hold_at(self, release: Release, who: str) -> None:
        """Whoever goes forward again to the newest release goes back on nothing."""
        newest = next((row for row in self.shelf.all() if "restores" not in row.record), release)
        if release == newest:
            self.shelf.let_go()
        else:
            self.shelf.hold(Hold(release.id, who, self.clock()))

    def _target(self, release_id: str) -> Release:
        releases, current = self.shelf.all(), self.shelf.current()
        if release_id:
            found = next((release for release in releases if release.id == release_id), None)
            if found is None:
                raise ConfigError(
                    "releases", f"没有版本 {release_id}，现有：{'、'.join(row.id for row in releases)}"
                )
            return found
        older = [release for release in releases if current is None or release.id < current.id]
        if not older:
            raise ConfigError("releases", "没有更早的版本可以退回")
        return older[0]

    def _revoked(self, target: Release) -> Mapping[str, Path]:
        """Files that the old release shows and that have been withdrawn since -> the page that says so."""
        shown = {page["file"] for page in target.manifest["pages"] if page["kind"] != "gone"}
        current = self.shelf.current()
        revoked: dict[str, Path] = {}
        for folder in (self.root / "build", *([current.path] if current else [])):
            for file in _gone(folder):
                if file in shown:
                    revoked.setdefault(file, folder / "site" / file)
        return revoked


def _shows(release: Release, build: Path, database: Path) -> bool:
    """Whether a new release of the build would look just like this one; the manifest has the hash of each page."""
    same = all(filecmp.cmp(build / name, release.path / name, shallow=False) for name in COMPANIONS)
    return same and pieces.is_same(database, release.path / SEARCH)


def _copy_build(build: Path, staged: Path) -> None:
    mirror(build / "site", staged / "site")
    for name in COMPANIONS:
        shutil.copy2(build / name, staged / name)
    _compress(staged / "site")


def _copy_index(database: Path, current: Release | None, staged: Path) -> None:
    if current and (current.path / SEARCH).is_dir():
        mirror(current.path / SEARCH, staged / SEARCH)
    pieces.split(database, staged / SEARCH)


def _compress(site: Path) -> None:
    """The style sheet and the script travel with nearly every page, so they are compressed once and well."""
    for path in (*site.glob("static/*.css"), *site.glob("static/*.js")):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def _copy_release(old: Release, staged: Path, revoked: Mapping[str, Path]) -> None:
    for folder in SHARED:
        mirror(old.path / folder, staged / folder)
    for file, notice in revoked.items():
        (staged / "site" / file).unlink()
        shutil.copy2(notice, staged / "site" / file)
    manifest = old.manifest
    for page in manifest["pages"]:
        if page["file"] in revoked:
            page["kind"] = "gone"
    _write_json(staged / "manifest.json", manifest)
    shutil.copy2(old.path / "shell.html", staged / "shell.html")


def _gone(folder: Path) -> list[str]:
    try:
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes())
    except FileNotFoundError:
        return []
    return [page["file"] for page in manifest["pages"] if page["kind"] == "gone"]


def _gate_record(
    outcome: Outcome, verdict: Verdict, overrides: Sequence[Override], at: datetime
) -> dict[str, Any]:
    counted = Counter(finding.severity for finding in outcome.findings)
    lifted = Counter(finding.rule for finding in verdict.lifted)
    return {
        "rules_hash": outcome.rules_hash,
        "checked_at": f"{at:%Y-%m-%dT%H:%M:%S%z}",
        "counts": {severity: counted[severity] for severity in Severity},
        "unchecked": [{"rule": rule, "reason": reason} for rule, reason in outcome.unchecked],
        "overrides": [
            {"rule": row.rule, "reason": row.reason, "by": row.by, "lifted": lifted[row.rule]}
            for row in overrides
        ],
    }


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1))
