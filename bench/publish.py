"""After one edit in a large site: how long a publish takes with the whole gate, and what ten releases weigh.

    python -m bench.publish [--size 10000] [--rounds 5] [--releases 10] [--folder DIR]

The real theme, all rules, the search index, the release and the switch. The first publish is cold: nothing is
remembered. After it each round edits one article. Then the preview: from the save to the page, and to the findings.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import corpus, sites
from bench.measuring import Run, line, median, run

PROJECT = Path(__file__).parents[1]
PORTAL = str(Path(sys.executable).with_name("portal"))
CORES = (0, 1)
PORT = 8391
STAGES = "--stages"


def article(root: Path) -> Path:
    return sorted((root / "content").rglob("2024*.md"))[7]


def edit(root: Path) -> None:
    with article(root).open("a", encoding="utf-8") as stream:
        stream.write("\n补充一句。\n")


def publish(root: Path) -> Run:
    return run([PORTAL, "publish"], cores=CORES, folder=root)


def edit_and_publish(root: Path) -> Run:
    edit(root)
    return publish(root)


def stages() -> None:
    """One publish in the current folder; prints as JSON how many seconds each part took."""
    from portal.commands.publish import publisher

    taken: dict[str, float] = {}

    def timed(name: str, part: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            begun = time.perf_counter()
            try:
                return part(*given)
            finally:
                taken[name] = time.perf_counter() - begun

        return call

    @contextmanager
    def index() -> Iterator[Path]:
        begun = time.perf_counter()
        with whole.index() as database:
            taken["搜索索引"] = time.perf_counter() - begun
            yield database

    whole = publisher()
    build, check = timed("构建", whole.build), timed("检查", whole.check)
    begun = time.perf_counter()
    replace(whole, build=build, check=check, index=index).publish("bench")
    taken["版本与切换"] = time.perf_counter() - begun - sum(taken.values())
    print(json.dumps(taken))


def measure_stages(root: Path, rounds: int) -> None:
    rows: list[dict[str, float]] = []
    for _ in range(rounds):
        edit(root)
        command = [sys.executable, "-m", "bench.publish", STAGES]
        environment = os.environ | {"PYTHONPATH": str(PROJECT)}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
        rows.append(json.loads(done.stdout))
    told = "，".join(f"{name} {median([row[name] for row in rows]):.2f}" for name in rows[0])
    print(f"  各步（秒，不含启动）：{told}")


def disk_use(folder: Path) -> int:
    """Bytes on disk of everything below, a file with several names once."""
    seen: dict[tuple[int, int], int] = {}
    for place, _, names in os.walk(folder):
        for path in (place, *(os.path.join(place, name) for name in names)):
            stat = os.lstat(path)
            seen[stat.st_dev, stat.st_ino] = stat.st_blocks * 512
    return sum(seen.values())


def weigh(root: Path, count: int) -> None:
    """`count` releases, each after an edit, beside one."""
    folder = root / "releases"
    newest = folder / os.readlink(folder / "current")
    one = disk_use(newest)
    while len([path for path in folder.iterdir() if path.name[0].isdigit()]) < count:
        edit_and_publish(root)
    many = disk_use(folder)
    print(f"  一个版本 {one / 2**20:.0f} MiB，{count} 个版本 {many / 2**20:.0f} MiB（{many / one:.2f} 倍）")


@contextmanager
def preview(root: Path) -> Iterator[Iterator[dict[str, Any]]]:
    """A running preview; gives its events."""
    command = [PORTAL, "preview", "--port", str(PORT)]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL) as process:
        try:
            yield events()
        finally:
            process.terminate()


def events() -> Iterator[dict[str, Any]]:
    answer = None
    while answer is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT)
            connection.request("GET", "/__preview/events")
            answer = connection.getresponse()
        except ConnectionRefusedError:
            time.sleep(0.1)
    for row in answer:
        if row.startswith(b"data: "):
            yield json.loads(row.removeprefix(b"data: "))


def measure_preview(root: Path, rounds: int) -> None:
    built, checked = [], []
    with preview(root) as told:
        wait_until_checked(told)
        for _ in range(rounds):
            time.sleep(1)
            edit(root)
            begun = time.perf_counter()
            news = next(told)  # of a quick check the refresh may be told together with its end
            built.append(time.perf_counter() - begun)
            if news["text"] != "已检查":
                wait_until_checked(told)
            checked.append(time.perf_counter() - begun)
    print(f"  预览，保存之后：页面刷新 {median(built):.2f} 秒，问题列出 {median(checked):.2f} 秒（中位数）")


def wait_until_checked(told: Iterator[dict[str, Any]]) -> None:
    next(row for row in told if row["text"] == "已检查")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.publish", description="改一篇之后的发布与预览")
    parser.add_argument("--size", type=int, default=10_000, help="篇数")
    parser.add_argument("--rounds", type=int, default=5, help="测几轮")
    parser.add_argument("--releases", type=int, default=10, help="称几个版本，0 为不称")
    parser.add_argument("--folder", type=Path, help="在哪里建，默认临时文件夹；已建好的接着用")
    parser.add_argument(STAGES, action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stages:
        stages()
        return
    with TemporaryDirectory(prefix="portal-bench-") as temporary:
        root = (given.folder or Path(temporary)) / f"publish-{given.size}"
        if not root.exists():
            sites.ours(root, corpus.articles(given.size), PROJECT / "theme")
            sites.files(root)
        print(f"{given.size} 篇，真实主题，全部规则，{len(CORES)} 核")
        if not (root / "releases").exists():
            print(line("第一次发布", [publish(root)]))
        edit_and_publish(root)
        runs = [edit_and_publish(root) for _ in range(given.rounds)]
        print(line("改一篇后发布", runs))
        print(line("没有改动时发布", [publish(root) for _ in range(given.rounds)]))
        measure_stages(root, given.rounds)
        measure_preview(root, given.rounds)
        if given.releases:
            weigh(root, given.releases)


if __name__ == "__main__":
    main()
