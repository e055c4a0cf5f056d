"""Search at 10,000 articles: making the index, keeping it up after one edit, asking it. `python -m bench.search [COUNT]`."""

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, closing
from itertools import pairwise
from pathlib import Path

from bench import corpus, sites
from portal.build import build
from portal.search import index, tables
from portal.search.query import Question, Searcher

QUERIES = 500
LIMITS = {"full": 30.0, "edit": 0.1, "p99": 0.02}  # seconds of one core


def timed(work: Callable[[], object]) -> float:
    """Seconds of one core: what a machine with nothing else to do takes. All is in one thread and in memory."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def queries(database: Path, chance: random.Random) -> Iterator[str]:
    """Two to eight characters cut anywhere from the articles."""
    with closing(sqlite3.connect(database)) as connection:
        texts = [tables.text_of(text) for (text,) in connection.execute("SELECT text FROM documents")]
    for _ in range(QUERIES):
        block = chance.choice(chance.choice(texts).split("\n"))
        start = chance.randrange(max(1, len(block) - 1))
        yield block[start : start + chance.randint(2, 8)]


def answered(searcher: Searcher, texts: Sequence[str]) -> tuple[float, float]:
    """The median and the 99th percentile, in seconds."""
    times = sorted(timed(lambda text=text: searcher.ask(Question(text=text))) for text in texts)
    return statistics.median(times), times[int(len(times) * 0.99)]


def missing_titles(searcher: Searcher, database: Path, chance: random.Random) -> int:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT title, url FROM documents").fetchall()
    sample = chance.sample(rows, min(QUERIES, len(rows)))
    return sum(
        url not in {hit.url for hit in searcher.ask(Question(text=title)).hits} for title, url in sample
    )


def main(count: int = 10_000) -> int:
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        root = Path("site")
        sites.ours(root, corpus.articles(count))
        build(root)
        database, chance = root / index.CACHE, random.Random(corpus.SEED)
        full = timed(lambda: index.update(root))
        article = min((root / "content").rglob("*.md"))
        article.write_text(f"{article.read_text('utf-8')}\n又加了一段。\n", "utf-8")
        edit = timed(lambda: index.update(root))
        opened = timed(lambda: Searcher(database))
        searcher = Searcher(database)
        asked = list(queries(database, chance))
        middle, p99 = answered(searcher, asked)
        slips = answered(searcher, [one + other for one, other in pairwise(asked)])
        print(
            f"{count} 篇（处理器时间）：建索引 {full:.1f} 秒，{database.stat().st_size / 1e6:.0f} MB；改一篇 {edit:.3f} 秒；打开 {opened:.3f} 秒"
        )
        print(f"{QUERIES} 个查询：中位 {middle * 1e3:.1f} 毫秒，p99 {p99 * 1e3:.1f} 毫秒")
        print(
            f"两个查询连成一个，多半没有结果：中位 {slips[0] * 1e3:.1f} 毫秒，p99 {slips[1] * 1e3:.1f} 毫秒"
        )
        missed = missing_titles(searcher, database, chance)
        print(f"标题搜不到本文的：{missed}")
    measured = {"full": full, "edit": edit, "p99": p99}
    return 0 if missed == 0 and all(measured[name] <= limit for name, limit in LIMITS.items()) else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
