"""Build speed: ours beside Hugo and stock Pelican, on the same articles, on one core and on two.

    python -m bench.build [--sizes 1000,10000] [--large 100000] [--rounds 3] [--folder DIR]

Every full build goes into an empty folder. The theme is the same for all (bench/peers), and once ours is
built with its real theme. Ours makes more files than its peers (a feed for each channel, sitemap.xml, the
manifest with hashes); the pages are the same ones.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import corpus, sites
from bench.measuring import Run, alternating, line, median, ratio, run

PROJECT = Path(__file__).parents[1]
PORTAL = str(Path(sys.executable).with_name("portal"))
ONE, TWO = (0,), (0, 1)


def hugo_binary() -> str:
    """The program itself; its Python wrapper costs a start of Python."""
    found = next(Path(sys.prefix).glob("lib/python*/site-packages/hugo/binaries/hugo*"), None)
    return str(found or shutil.which("hugo") or "hugo")


class Bench:
    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder, self.rounds = folder, rounds

    def prepare(self, size: int, kinds: Iterable[str]) -> None:
        articles = list(corpus.articles(size))
        make = {"ours": sites.ours, "hugo": sites.hugo, "pelican": sites.pelican}
        for kind in kinds:
            make[kind](self.folder / f"{kind}-{size}", articles)

    def ours(self, root: Path, cores: tuple[int, ...]) -> Run:
        for name in ("build", "var"):
            shutil.rmtree(root / name, ignore_errors=True)
        return run([PORTAL, "build", "--full"], cores=cores, folder=root)

    def hugo(self, root: Path, cores: tuple[int, ...]) -> Run:
        output = root.with_name(f"{root.name}-out")
        shutil.rmtree(output, ignore_errors=True)
        threads = {"HUGO_NUMWORKERMULTIPLIER": str(len(cores)), "GOMAXPROCS": str(len(cores))}
        command = [hugo_binary(), "-s", str(root), "-d", str(output), "--quiet"]
        return run(command, cores=cores, folder=root, environment=threads)

    def pelican(self, root: Path, cores: tuple[int, ...]) -> Run:
        output = root.with_name(f"{root.name}-out")
        shutil.rmtree(output, ignore_errors=True)
        conf = sites.PEERS / "pelican" / "pelicanconf.py"
        command = [sys.executable, "-m", "pelican", "-q", "-s", str(conf)]
        return run(
            command, cores=cores, folder=root, environment={"CORPUS": str(root), "OUTPUT": str(output)}
        )

    def one_edit(self, root: Path, cores: tuple[int, ...]) -> Run:
        article = sorted((root / "content").rglob("2024*.md"))[7]
        with article.open("a", encoding="utf-8") as stream:
            stream.write("\n补充一句。\n")
        return run([PORTAL, "build"], cores=cores, folder=root)

    def side_by_side(self, size: int, cores: tuple[int, ...], with_pelican: bool) -> None:
        contestants: dict[str, Callable[[], Run]] = {
            "本门户": lambda: self.ours(self.folder / f"ours-{size}", cores),
            "Hugo": lambda: self.hugo(self.folder / f"hugo-{size}", cores),
        }
        if with_pelican:
            contestants["Pelican"] = lambda: self.pelican(self.folder / f"pelican-{size}", cores)
        runs = alternating(contestants, self.rounds)
        print(f"{size} 篇，从头构建，{len(cores)} 核")
        for name, rows in runs.items():
            print(line(name, rows))
        for name in list(runs)[1:]:
            wall = ratio(runs["本门户"], runs[name], lambda row: row.wall)
            cpu = ratio(runs["本门户"], runs[name], lambda row: row.cpu)
            print(f"  本门户 / {name}：墙钟 {wall:.2f}，处理器 {cpu:.2f}")
        sys.stdout.flush()

    def edits(self, size: int) -> None:
        root = self.folder / f"ours-{size}"
        if not (root / "build").exists():
            self.ours(root, TWO)
        runs = [self.one_edit(root, ONE) for _ in range(self.rounds + 2)][1:]
        print(f"{size} 篇，改一篇，1 核")
        print(line("本门户", runs))
        sys.stdout.flush()

    def large(self, size: int, base: int) -> None:
        self.prepare(size, ["ours"])
        root = self.folder / f"ours-{size}"
        print(f"{size} 篇，从头构建")
        per_article = {}
        for name, place, count in (("本门户", root, size), ("其中对照", self.folder / f"ours-{base}", base)):
            done = self.ours(place, ONE)
            per_article[count] = done.cpu / count * 1000
            print(line(f"{name}（{count} 篇，1 核）", [done]))
        print(line("本门户（2 核）", [self.ours(root, TWO)]))
        print(
            f"  每篇处理器时间：{base} 篇时 {per_article[base]:.3f} 毫秒，{size} 篇时 {per_article[size]:.3f} 毫秒"
        )
        self.edits(size)
        shutil.rmtree(root)

    def real_theme(self, size: int) -> None:
        root = self.folder / f"theme-{size}"
        sites.ours(root, corpus.articles(size), PROJECT / "theme")
        hugo = self.folder / f"hugo-{size}"
        runs = alternating(
            {"真实主题": lambda: self.ours(root, ONE), "Hugo": lambda: self.hugo(hugo, ONE)}, self.rounds
        )
        print(f"{size} 篇，本门户用真实主题（Hugo 用最小主题），从头构建，1 核")
        for name, rows in runs.items():
            print(line(name, rows))
        print(f"  比值：墙钟 {ratio(runs['真实主题'], runs['Hugo'], lambda row: row.wall):.2f}")
        edits = [self.one_edit(root, ONE) for _ in range(self.rounds + 1)][1:]
        print(line("真实主题，改一篇", edits))
        print(f"  改一篇中位数 {median([row.wall for row in edits]):.2f} 秒")
        sys.stdout.flush()


def _memory() -> Path | None:
    """In memory, what is measured is the tools and not the disk that others use too."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 4 << 30 else None


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.build", description="构建速度，与 Hugo、Pelican 并排"
    )
    parser.add_argument("--sizes", default="1000,10000", help="篇数，逗号分开")
    parser.add_argument("--large", type=int, default=100_000, help="只测本门户的大站篇数，0 为不测")
    parser.add_argument("--rounds", type=int, default=3, help="轮流测几轮")
    parser.add_argument("--folder", type=Path, default=_memory(), help="在哪里建，默认在内存里")
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    print(f"工作文件夹在 {given.folder or '默认临时文件夹'}；各轮交替进行，取中位数")
    with TemporaryDirectory(prefix="portal-bench-", dir=given.folder) as folder:
        bench = Bench(Path(folder), given.rounds)
        for size in sizes:
            bench.prepare(size, ["ours", "hugo", "pelican"])
            bench.side_by_side(size, ONE, with_pelican=True)
            bench.side_by_side(size, TWO, with_pelican=False)
            bench.edits(size)
        bench.real_theme(sizes[-1])
        if given.large:
            bench.large(given.large, sizes[0])


if __name__ == "__main__":
    main()
