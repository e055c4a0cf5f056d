"""Word checks beside ripgrep, ahocorasick-rs, pyahocorasick, jieba, rjieba and autocorrect on the same text. `python -m bench.words [FILE]`.

FILE is any large text; without it, made-up articles. The terms are the shipped lists, filled up to 20,000 and
100,000 with texts one edit away from set phrases. Seconds are processor seconds of one core.
"""

import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import chdir
from datetime import date
from pathlib import Path

from bench import corpus, measuring
from checks.finding import Severity
from checks.text import collocations, context, phrases, words
from checks.text.collocations import Collocations
from checks.text.compiled import Lexicon, OnePass
from checks.text.contextual import checker
from checks.text.lexicon import Entry

TODAY = date(2026, 11, 25)
FLOORS = {"lexicon": 70.0, "contextual": 1.0}  # MB/s
SLOWDOWN = 4.0  # of 100,000 terms beside 20,000
WHOLE, DAILY = 45.0, 1.0  # seconds
MEMORY = 600.0  # MB of one process
LINE = "国务院有关部门按照各自职责负责相关的监督管理工作。" * 650_000  # 50 MB


def filled(count: int) -> list[Entry]:
    """The shipped entries and made-up terms, `count` in all."""
    terms = {entry.wrong: entry for entry in words.shipped()}
    chance = random.Random(corpus.SEED)
    made = sorted({form for phrase in phrases.shipped().by_text for form in phrases.variants(phrase)})
    for form in chance.sample(made, min(count, len(made))):
        if len(terms) >= count:
            break
        terms.setdefault(form, Entry(wrong=form, right="", severity=Severity.INFO, kind="own", basis="测速"))
    return list(terms.values())


def speed(text: str, work: Callable[[str], object], rounds: int = 3) -> float:
    """MB of UTF-8 a processor second, the median of the rounds."""
    size = len(text.encode("utf-8", "replace")) / 1e6
    seconds = []
    for _ in range(rounds):
        begun = time.process_time()
        work(text)
        seconds.append(time.process_time() - begun)
    return size / statistics.median(seconds)


def contextual(text: str) -> None:
    """As articles are read: two thousand characters each, 32 together."""
    articles = [text[start : start + 2000] for start in range(0, len(text), 2000)]
    for start in range(0, len(articles), 32):
        checker.read_all(context.current(), articles[start : start + 32], checker.WARN)


def ours(text: str) -> dict[str, float]:
    small, large = Lexicon(filled(20_000), TODAY), Lexicon(filled(100_000), TODAY)
    known = phrases.shipped()
    together = OnePass(small, (known,), Collocations(()))
    everything = OnePass(small, (known,), collocations.shipped())
    for one in (small, large, known, together, everything):
        one.scan(text[:100_000])  # loads what is loaded on first use
    return {
        "词表 2 万词": speed(text, small.scan),
        "词表 10 万词": speed(text, large.scan),
        "固定提法近似": speed(text, known.scan),
        "词表 2 万词加固定提法": speed(text, together.scan),
        "词表、固定提法加固定搭配": speed(text, everything.scan),
        "语境错字（出厂设置）": speed(text[:400_000], contextual),
    }


def peers(text: str, terms: Iterable[str]) -> dict[str, float]:
    import ahocorasick
    import ahocorasick_rs
    import autocorrect_py
    import jieba
    import rjieba

    automaton = ahocorasick.Automaton()
    for term in terms:
        automaton.add_word(term, term)
    automaton.make_automaton()
    compiled = ahocorasick_rs.AhoCorasick([*terms])
    jieba.initialize()
    part = text[:400_000]
    found = {
        "ahocorasick-rs 2 万词": speed(
            text, lambda piece: len(compiled.find_matches_as_indexes(piece, overlapping=True))
        ),
        "pyahocorasick 2 万词": speed(text[:2_000_000], lambda piece: sum(1 for _ in automaton.iter(piece))),
        "jieba 分词": speed(part, lambda piece: list(jieba.cut(piece)), 1),
        "rjieba 分词": speed(part, rjieba.cut),
        "autocorrect": speed(part, autocorrect_py.format),
    }
    if shutil.which("rg"):
        found["ripgrep -F -f 2 万词"] = ripgrep(text, terms)
    return found


def ripgrep(text: str, terms: Iterable[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "terms").write_text("\n".join(terms), "utf-8")
        Path(folder, "text").write_text(text, "utf-8")
        command = ["sh", "-c", "rg -j1 -F -c -f terms text || test $? = 1"]
        run = measuring.run(command, cores=[0], folder=Path(folder))
    return len(text.encode()) / 1e6 / run.cpu


def _scan(root: Path) -> measuring.Run:
    environment = {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "OPENBLAS_NUM_THREADS": "1",
    }  # as `portal` does
    command = [sys.executable, "-m", "bench.scan"]
    return measuring.run(command, cores=[0, 1], folder=root, environment=environment)


def whole() -> tuple[float, float, float]:
    """Ten thousand articles on two cores: seconds from cold, seconds with 50 changed, MB of a process."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        from bench import sites

        root = Path("site")
        sites.ours(root, corpus.articles(10_000))
        cold = _scan(root)
        time.sleep(2.5)  # a file changed within two seconds of a run is read again
        for article in sorted((root / "content").rglob("*.md"))[:50]:
            article.write_text(f"{article.read_text('utf-8')}\n又加了一段。\n", "utf-8")
        daily = _scan(root)
    return cold.wall, daily.wall, cold.memory * 1.048576


def one_line() -> float:
    """MB of memory for a file of 50 MB in one line."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        from bench import sites

        root = Path("site")
        sites.ours(root, [])
        (root / "content" / "line.txt").write_text(f"{LINE}布署", "utf-8")
        return _scan(root).memory * 1.048576


def main(text: str = "") -> int:
    text = text or "\n".join(article.body for article in corpus.articles(10_000))
    print(f"  文本 {len(text.encode()) / 1e6:.1f} MB；每处理器秒的 MB 数，单核")
    terms = [entry.wrong for entry in filled(20_000)]
    results, others = ours(text), peers(text, terms)
    for name, value in {**results, **others}.items():
        print(f"  {name:<24} {value:8.1f} MB/s")
    cold, daily, memory = whole()
    line = one_line()
    print(f"  1 万篇从头查 {cold:.1f} 秒（两核，最多 {memory:.0f} MB 一个进程），改 50 篇再查 {daily:.2f} 秒")
    print(f"  一行 50 MB 的文件，最多 {line:.0f} MB")
    misses = {
        f"词表加固定提法不低于 {FLOORS['lexicon']:g} MB/s": results["词表 2 万词加固定提法"]
        < FLOORS["lexicon"],
        f"10 万词的代价不超过 {SLOWDOWN:g} 倍": results["词表 2 万词"] > SLOWDOWN * results["词表 10 万词"],
        f"语境错字不低于 {FLOORS['contextual']:g} MB/s": results["语境错字（出厂设置）"]
        < FLOORS["contextual"],
        f"1 万篇不超过 {WHOLE:g} 秒": cold > WHOLE,
        f"改 50 篇不超过 {DAILY:g} 秒": daily > DAILY,
        f"内存不超过 {MEMORY:g} MB": max(memory, line) > MEMORY,
    }
    for goal, missed in misses.items():
        print(f"  {'未达' if missed else '达到'}：{goal}")
    return int(any(misses.values()))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).read_text("utf-8") if sys.argv[1:] else ""))
