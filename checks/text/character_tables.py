"""Makes `lookalikes.txt` and `traditional.txt` anew from their sources. Only for who changes them; see docs/words.md.

python -m checks.text.character_tables traditional TSCharacters.txt
python -m checks.text.character_tables lookalikes STROKES TEXT.jsonl.xz… --font SANS.ttc --font SERIF.ttc
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from checks.text import vetting

FOLDER = Path(__file__).parents[1] / "data" / "words"
_TRADITIONAL_HEAD = (
    "# 繁体字与对应的简体字，成对写（繁简繁简……）；只收不在 GB 2312 里的繁体字，故不会动到规范字。\n"
)
_LOOKALIKES_HEAD = "# 形近字：每行首字与它后面的字容易看错。由字形渲染相似度与笔顺的共同首尾算出。\n"
_ROW = 40  # pairs in a line
_LIKE, _MANY, _BOTH_WAYS = 0.72, 36, 20  # least likeness of pictures; candidates a character; taken back
_OTHER_STROKES, _SAME_SHARE = (
    4,
    0.5,
)  # strokes that two characters may not share; least share of those they do


def in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def traditional(opencc: str) -> dict[str, str]:
    """From OpenCC's TSCharacters: what is no right character itself and whose first simplified form is common."""
    pairs = {}
    for line in opencc.splitlines():
        written, _, simplified = line.partition("\t")
        right = simplified.split(" ")[0]
        is_pair = len(written) == len(right) == 1 and written != right and ord(written) < 0x10000
        if is_pair and not in_gb2312(written) and "\u4e00" <= right <= "\u9fa5":
            pairs[written] = right
    return pairs


def lookalikes(
    chars: Sequence[str], likeness: NDArray[np.float32], strokes: Mapping[str, str]
) -> dict[str, list[str]]:
    """Those whose pictures are alike, or whose strokes begin or end alike; the likest first."""
    number = {char: index for index, char in enumerate(chars)}
    shared = _shared_strokes({char: strokes[char] for char in chars if char in strokes})
    found: dict[str, list[str]] = {}
    for index, char in enumerate(chars):
        nearest = np.argsort(-likeness[index])[:24]
        score = {
            chars[at]: float(likeness[index, at]) + 0.1 for at in nearest if likeness[index, at] >= _LIKE
        }
        for other, share in shared.get(char, {}).items():
            alike = max(0.0, float(likeness[index, number[other]]))
            score[other] = max(score.get(other, 0.0), share + 0.12 * alike)
        found[char] = sorted(score, key=lambda other: -score[other])[:_MANY]
    for char in chars:
        for other in found[char][:_BOTH_WAYS]:
            if char not in found[other]:
                found[other].append(char)
    return found


def _shared_strokes(strokes: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """For each character the others with the same first or last strokes, and how great a share those are."""
    beginning, ending = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for char, order in strokes.items():
        for size in range(3, len(order) + 1):
            beginning[order[:size]].append(char)
            ending[order[-size:]].append(char)
    found: dict[str, dict[str, float]] = {char: {} for char in strokes}
    for char, order in strokes.items():
        for size in range(3, len(order) + 1):
            for other in (*ending[order[-size:]], *beginning[order[:size]]):
                theirs = len(strokes[other])
                rest = len(order) - size, theirs - size
                share = size / max(len(order), theirs)
                if other != char and max(rest) <= _OTHER_STROKES and share >= _SAME_SHARE:
                    value = share - (0.05 if min(rest) else 0.0)
                    found[char][other] = max(found[char].get(other, 0.0), value)
    return found


def pictures_alike(chars: Sequence[str], fonts: Iterable[Path]) -> NDArray[np.float32]:
    """How alike each two look, drawn small and blurred; the mean over the fonts. 0 for a character and itself."""
    from PIL import Image, ImageDraw, ImageFilter, ImageFont

    sums: list[NDArray[np.float32]] = []
    for path in fonts:
        font = ImageFont.truetype(str(path), 40)
        drawn = np.zeros((len(chars), 24 * 24), np.float32)
        for index, char in enumerate(chars):
            image = Image.new("L", (48, 48))
            ImageDraw.Draw(image).text((4, -6), char, font=font, fill=255)
            small = image.filter(ImageFilter.GaussianBlur(1.6)).resize((24, 24))
            drawn[index] = np.asarray(small, np.float32).ravel()
        drawn -= drawn.mean(1, keepdims=True)
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        sums.append(drawn @ drawn.T)
    likeness = np.asarray(sum(sums) / len(sums), np.float16).astype(np.float32)  # ties are ties everywhere
    np.fill_diagonal(likeness, 0)
    return likeness


def common(texts: Iterable[Path]) -> list[str]:
    """The characters of GB 2312, and those that these texts have at least three times."""
    counted = Counter(char for path in texts for _, text in vetting.texts(path) for char in text)
    rows = (bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    national = {pair.decode("gb2312", "ignore") for pair in rows} - {""}
    return sorted(
        national | {char for char, times in counted.items() if times >= 3 and "\u4e00" <= char <= "\u9fff"}
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    tables = parser.add_subparsers(dest="table", required=True)
    made = tables.add_parser("traditional")
    made.add_argument("opencc", type=Path)
    made.add_argument("--folder", type=Path, default=FOLDER)
    made = tables.add_parser("lookalikes")
    made.add_argument("strokes", type=Path, help="字、制表符、笔顺，一行一字")
    made.add_argument("texts", type=Path, nargs="+")
    made.add_argument("--font", type=Path, action="append", required=True)
    made.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args(arguments)
    if given.table == "traditional":
        pairs = ["".join(pair) for pair in sorted(traditional(given.opencc.read_text("utf-8")).items())]
        lines = ["".join(pairs[start : start + _ROW]) for start in range(0, len(pairs), _ROW)]
        head, name = _TRADITIONAL_HEAD, "traditional.txt"
    else:
        rows = (line.split("\t") for line in given.strokes.read_text("utf-8").splitlines())
        strokes = {row[0]: row[1] for row in rows if len(row) > 1 and not row[0].startswith("#")}
        chars = common(given.texts)
        alike = lookalikes(chars, pictures_alike(chars, given.font), strokes)
        lines = [char + "".join(others) for char, others in sorted(alike.items()) if others]
        head, name = _LOOKALIKES_HEAD, "lookalikes.txt"
    (given.folder / name).write_text("\n".join([head.rstrip(), *lines, ""]), "utf-8")
    print(f"{given.folder / name}：{len(lines)} 行")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
