"""Runs the rules over sources, pages and the whole site, and remembers what need not be asked again.

Sources and pages are spread over an Executor in batches; a batch is plain data, so any executor that pickles
will do. Findings come back sorted, each with a fingerprint that stays when lines move, less what is waived.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

import msgspec

from bureau import cycles
from checks import memory, reading, rules_hash, waivers
from checks.built_site import BuiltSite, Stamp
from checks.finding import Finding, Severity, in_order, numbered
from checks.inspecting import Inspected, Task, context_of, inspect
from checks.links import index
from checks.links.register import Asked
from checks.memory import Item, Memory
from checks.rules import RULES, stale_waiver
from checks.site_view import Site
from checks.source import Surroundings

_BATCH = 64
_FEW = 200  # for so few items starting processes costs more than it saves
CHANGED_RULES = "规则、词表或设置变了，全部重新检查"
Unchecked = tuple[str, str]  # rule, reason


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What to look at. Paths are relative to the current directory, as findings will name them."""

    around: Surroundings
    sources: Mapping[str, Stamp]
    built: BuiltSite | None = None
    rules: Sequence[ModuleType] = RULES
    whole: bool = True  # false: some files only, so nothing can be said about waivers of others
    earlier: Mapping[str, str] = field(default_factory=dict)  # url -> source in the release that is served
    answers: Mapping[str, Asked] = field(default_factory=dict)  # what outward addresses answered
    extra: tuple[Finding, ...] = ()  # found by others: the live site, the tamper watch
    unchecked: tuple[Unchecked, ...] = ()  # what the caller could not have checked
    authors: Callable[[str], frozenset[str]] = lambda path: frozenset()  # who wrote a file


@dataclass(frozen=True, kw_only=True)
class Outcome:
    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    sources: int = 0
    pages: int = 0
    rules_hash: str = ""
    rules: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()  # about the run itself, not about the site
    site: Site | None = None

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> int:
        """1 where something found is as grave as that or graver, 3 where something could not be checked."""
        order = list(Severity)
        grave = order[: order.index(fail_on) + 1]
        if any(finding.severity in grave for finding in self.findings):
            return 1
        return 3 if self.unchecked else 0


def run(
    scope: Scope, *, cache: Path | None = None, executor: Executor | None = None, workers: int = 0
) -> Outcome:
    """`cache` is the folder of remembered results, made where it is missing; None: neither read nor written."""
    workers = workers or min(os.cpu_count() or 1, 8)
    with cycles.not_looked_for():
        if executor is not None or workers == 1:
            return _Run(scope, cache, executor).outcome()
        with ProcessPoolExecutor(workers) as pool:  # starts no process before the first batch
            return _Run(scope, cache, pool).outcome()


def site_of(scope: Scope, *, cache: Path | None = None) -> Site | None:
    """The whole site with its links, without asking any rule."""
    return _Run(scope, cache, None).site()


@dataclass
class _Run:
    scope: Scope
    cache: Path | None
    executor: Executor | None
    notices: list[str] = field(default_factory=list)

    def outcome(self) -> Outcome:
        scope = self.scope
        key = rules_hash.of_items(scope.around) if self.is_own else ""
        sources = self.items("sources", "check_source", key, self.source_tasks)
        pages = self.items("pages", "check_page", key, self.page_tasks)
        site = self.site() if self.rules("check_site") else None
        found = [*scope.extra]
        for item in sources.values():
            found += item.findings
        for item in pages.values():
            found += (self.written(finding) for finding in item.findings)
        for rule in self.rules("check_site") if site else ():
            found += rule.check_site(site)
        remaining, waived = self.waive(numbered(found))
        unreadable = [
            ("*", f"{path}：{item.unreadable}") for path, item in sources.items() if item.unreadable
        ]
        return Outcome(
            findings=tuple(sorted(remaining, key=in_order)),
            waived=tuple(sorted(waived, key=in_order)),
            unchecked=(*scope.unchecked, *unreadable, *_impossible(scope.rules)),
            sources=len(scope.sources),
            pages=len(scope.built.pages) if scope.built else 0,
            rules_hash=rules_hash.with_waivers(key, scope.around) if self.is_own else "",
            rules=frozenset(rule.ID for rule in scope.rules if self.can_ask(rule)),
            notices=tuple(self.notices),
            site=site,
        )

    @property
    def is_own(self) -> bool:
        """Not a foreign folder of pages: results are remembered and stand in releases under the rules' hash."""
        return self.scope.built is None or self.scope.built.has_manifest or bool(self.scope.sources)

    def rules(self, what: str) -> list[ModuleType]:
        """The chosen rules that offer this and can be asked here."""
        return [rule for rule in self.scope.rules if hasattr(rule, what) and self.can_ask(rule)]

    def can_ask(self, rule: ModuleType) -> bool:
        built = self.scope.built
        if getattr(rule, "NEEDS_ANSWERS", False) and not self.scope.answers:
            return False
        return built is None or built.has_manifest or not getattr(rule, "NEEDS_MANIFEST", False)

    def source_tasks(self) -> list[Task]:
        named = not self.scope.whole
        return [Task(path, stamp, named=named) for path, stamp in self.scope.sources.items()]

    def page_tasks(self) -> list[Task]:
        built = self.scope.built
        if built is None:
            return []
        return [
            Task(built.shown(page.file), stamp, page, context=context_of(page))
            for page in built.pages
            if (stamp := built.stamps.get(page.file))
        ]

    def items(
        self, kind: str, what: str, key: str, listed: Callable[[], Sequence[Task]]
    ) -> dict[str, Inspected]:
        """Each item's result, remembered or new. Only complete results are remembered."""
        rules = tuple(rule.ID for rule in self.rules(what))
        tasks = listed() if rules else ()
        if not tasks:
            return {}
        keeps = self.cache is not None and self.scope.whole
        known = self.recall(kind, key) if keeps else Memory(key)
        results: dict[str, Inspected] = {}
        waiting: list[Task] = []
        for task in tasks:
            item = known.recall(task.path, task.stamp, task.context)
            if item:
                results[task.path] = _as_inspected(item)
            else:
                old = known.items.get(task.path)
                waiting.append(
                    msgspec.structs.replace(
                        task, digest=old.digest if old and old.context == task.context else b""
                    )
                )
        for path, found in self.spread(waiting, rules):
            results[path] = found or _as_inspected(known.items[path])
        complete = rules == tuple(rule.ID for rule in RULES if hasattr(rule, what))
        if keeps and complete and (waiting or len(known.items) != len(tasks)):
            self.remember(kind, key, tasks, results)
        return results if complete else {path: _only(item, rules) for path, item in results.items()}

    def spread(self, tasks: Sequence[Task], rules: Sequence[str]) -> Iterator[tuple[str, Inspected | None]]:
        if len(tasks) <= _FEW or self.executor is None:
            yield from inspect(tasks, self.scope.around, rules)
            return
        batches = [tasks[start : start + _BATCH] for start in range(0, len(tasks), _BATCH)]
        around = [self.scope.around] * len(batches)
        for results in self.executor.map(inspect, batches, around, [rules] * len(batches)):
            yield from results

    def recall(self, kind: str, key: str) -> Memory:
        known = self.load(kind, Memory)
        if known.rules == key:
            return known
        if known.items and CHANGED_RULES not in self.notices:
            self.notices.append(CHANGED_RULES)
        return Memory(key)

    def load(self, name: str, kind: type[memory.Stored]) -> memory.Stored:
        path = self.file(name)
        found, damaged = memory.load(path, kind)
        if damaged:
            self.notices.append(f"缓存 {path} 已损坏，这一部分全部重新检查")
        return found

    def file(self, name: str) -> Path:
        assert self.cache
        return self.cache / f"{name}.msgpack"

    def remember(self, kind: str, key: str, tasks: Sequence[Task], results: Mapping[str, Inspected]) -> None:
        items = {}
        for task in tasks:
            result, stamp = results[task.path], task.stamp
            items[task.path] = Item(
                stamp.size,
                stamp.changed,
                stamp.inode,
                result.digest,
                task.context,
                result.findings,
                result.unreadable,
            )
        memory.save(self.file(kind), Memory(key, _now(), items))

    def site(self) -> Site | None:
        """The whole, with its links brought up to date; None when there is no build."""
        built = self.scope.built
        if built is None:
            return None
        name = "links"
        table = index.Table()
        if self.cache is not None:
            table = self.load(name, index.Table)
            table = table if table.version == index.VERSION else index.Table()
        changed = index.renew(table, built, self.executor)
        if self.cache is not None and changed:
            memory.save(self.file(name), table)
        return Site(
            built, table, self.scope.around, tuple(self.scope.sources), self.scope.earlier, self.scope.answers
        )

    def written(self, finding: Finding) -> Finding:
        """Told of a built page: at the link in the Markdown file that says so, if there is one."""
        built = self.scope.built
        file = finding.place.path.removeprefix(built.root.as_posix()) if built else ""
        page = built.page_by_file.get(file) if built else None
        if page is None or not page.source or page.source not in self.scope.sources:
            return finding
        source = reading.read(page.source, Path(page.source).read_bytes(), self.scope.around)
        place = next((link.place for link in source.links if link.href == finding.text), finding.place)
        return replace(finding, place=place)

    def waive(self, found: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
        around = self.scope.around
        path = f"{around.content}/{waivers.FILE}"
        text = around.quality.get(waivers.NAME, "")
        if not text:
            return list(found), []
        chosen = {rule.ID for rule in self.scope.rules if self.can_ask(rule)}
        remaining, waived = waivers.apply(
            waivers.parse(path, text),
            found,
            path=path,
            today=around.today,
            judged=lambda waiver: self.scope.whole and waiver.rule in chosen,
            authors=self.scope.authors,
        )
        if stale_waiver.ID not in chosen:
            remaining = [finding for finding in remaining if finding.rule != stale_waiver.ID]
        return list(numbered(remaining)), waived


def _impossible(rules: Iterable[ModuleType]) -> Iterator[Unchecked]:
    """Rules that lack something on this machine: they say what, instead of passing everything."""
    for rule in rules:
        if reason := rule.missing() if hasattr(rule, "missing") else "":
            yield rule.ID, reason


def _as_inspected(item: Item) -> Inspected:
    return Inspected(item.digest, item.findings, item.unreadable)


def _only(item: Inspected, rules: Sequence[str]) -> Inspected:
    return msgspec.structs.replace(
        item, findings=[finding for finding in item.findings if finding.rule in rules]
    )


def _now() -> int:
    import time

    return time.time_ns()
