"""portal lexicon: the word lists and the model behind the rules about words."""

import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bureau.errors import ConfigError

if TYPE_CHECKING:
    from checks.text.compiled import Lexicon

OWN = Path("content/quality/words.tsv")
ARCHIVE = Path("content")

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="lexicon")


@app.callback()
def lexicon() -> None:
    """词表与语境模型：反查误报、添词、试词、用本站稿件训练。"""


@app.command()
def vet(
    texts: Annotated[
        list[Path] | None,
        typer.Argument(
            help="可信的文本：.jsonl、.jsonl.xz、.txt、.md 或文件夹；不写就用 content/。", metavar="[TEXT]…"
        ),
    ] = None,
    examples: Annotated[int, typer.Option(help="每个词列几处。", metavar="N")] = 3,
) -> int:
    """在可信的文本里反查每个词的命中。退出码：0 没有会拦发布的词命中，1 有，请加防护或降级。"""
    from checks.text import vetting

    found = vetting.vet(_lexicon(), _texts(texts or [ARCHIVE]), examples)
    for row in found:
        guard = "有防护" if row.entry.before or row.entry.after else "无防护"
        print(f"{row.entry.severity}\t{row.entry.wrong}\t{row.count} 处\t{guard}\t{' / '.join(row.examples)}")
    blocking = [row for row in found if row.entry.severity and row.entry.severity.blocks]
    print(f"{len(found)} 个词有命中，其中会拦发布的 {len(blocking)} 个。", file=sys.stderr)
    return int(bool(blocking))


@app.command()
def add(
    wrong: Annotated[str, typer.Argument(help="要找的词。", metavar="WRONG")],
    right: Annotated[str, typer.Argument(help="应写成什么。", metavar="RIGHT")] = "",
    basis: Annotated[str, typer.Option(help="依据。", metavar="TEXT")] = "",
    severity: Annotated[
        str, typer.Option(help="veto、error、warning、info，或 allow（正确的词）。", metavar="LEVEL")
    ] = "error",
    kind: Annotated[
        str, typer.Option("--class", help="类别，例 typo、forbidden、own。", metavar="CLASS")
    ] = "own",
    before: Annotated[str, typer.Option(help="前面是这些就不报，用 | 隔开。", metavar="A|B")] = "",
    after: Annotated[str, typer.Option(help="后面是这些就不报，用 | 隔开。", metavar="A|B")] = "",
    scope: Annotated[str, typer.Option(help="范围与找法，例 “title noise”。", metavar="WORDS")] = "",
) -> int:
    """把一个词加进 content/quality/words.tsv，并看它在本站稿件里的命中。"""
    from checks.text import compiled, vetting
    from checks.text import lexicon as words

    line = "\t".join((wrong, right, severity, kind, before, after, scope, "", "", basis))
    text = OWN.read_text("utf-8") if OWN.is_file() else "\t".join(words.COLUMNS) + "\n"
    text = text if text.endswith("\n") else text + "\n"
    entries = words.parse(text + line + "\n", str(OWN))
    OWN.parent.mkdir(parents=True, exist_ok=True)
    OWN.write_text(text + line + "\n", "utf-8")
    print(f"已加入 {OWN}：{wrong}{f' → {right}' if right else ''}")
    if entries[-1].severity is not None:
        for row in vetting.vet(compiled.Lexicon(entries[-1:], _today()), _texts([ARCHIVE]), 5):
            print(f"本站稿件里有 {row.count} 处：{' / '.join(row.examples)}")
    return 0


@app.command()
def test(
    text: Annotated[str, typer.Argument(help="一段文字，或一个文件。", metavar="TEXT")],
) -> int:
    """看一段文字里有哪些词命中。退出码：0 没有，1 有。"""
    from checks.text import phrases

    content = Path(text).read_text("utf-8") if len(text) < 200 and Path(text).is_file() else text
    hits = _lexicon().scan(content)
    for hit in hits:
        entry = hit.entry
        told = f" → {entry.right}" if entry.right else ""
        print(
            f"第 {hit.start + 1} 字\t{entry.severity}\t{content[hit.start : hit.end]}{told}\t{entry.kind}\t{entry.basis}"
        )
    misses = phrases.shipped().scan(content)
    for miss in misses:
        print(f"第 {miss.start + 1} 字\t固定提法\t{content[miss.start : miss.end]} → {miss.phrase}")
    return int(bool(hits or misses))


@app.command()
def train(
    base: Annotated[
        list[Path] | None,
        typer.Option(
            help="从头造随软件分发的模型：官方文本（.jsonl、.jsonl.xz），可写多次。", metavar="FILE"
        ),
    ] = None,
    pairs: Annotated[
        list[Path] | None, typer.Option(help="配合 --base：错句与正句，可写多次。", metavar="FILE")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="存到哪里。", metavar="FILE")] = None,
) -> int:
    """用本站已发布的稿件补充语境模型；加 --base 则从头训练（需要 scikit-learn：make bench 装好）。"""
    from checks.text import context
    from checks.text.contextual import building, counting, model

    if base:
        if not pairs:
            raise ConfigError("--base", "还要用 --pairs 给出错句与正句")
        made, scores = building.build(base, pairs, say=lambda told: print(told, file=sys.stderr))
        for score in scores:
            print(score)
        target = output or context.SHIPPED
        model.save(made, target)
        print(f"已存入 {target}（{target.stat().st_size / 1e6:.1f} MB）。", file=sys.stderr)
        return 0
    texts = [text for _, text in _texts([ARCHIVE])]
    if not texts:
        raise ConfigError(ARCHIVE, "没有稿件可学")
    trained = counting.trained_with(model.load(context.SHIPPED), texts)
    target = output or context.OWN
    target.parent.mkdir(parents=True, exist_ok=True)
    model.save(trained, target, thorough=False)
    print(f"已学 {len(texts)} 篇、{sum(map(len, texts)) / 1e4:.1f} 万字，存入 {target}。", file=sys.stderr)
    return 0


def _lexicon() -> "Lexicon":
    from checks.text import words

    return words.of_site(OWN.read_text("utf-8") if OWN.is_file() else "", _today())


def _today() -> date:
    return datetime.now().astimezone().date()


def _texts(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Name and visible text of every file."""
    from checks.text import vetting

    for path in paths:
        if not path.exists():
            raise ConfigError(path, "没有这个文件")
        yield from vetting.texts(path)
