"""The model as it lies on disk: counts, tables of confusions, words, and the trees that weigh the evidence."""

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bureau.errors import ConfigError
from checks.text.contextual.alphabet import Alphabet
from checks.text.contextual.confusions import Confusions, Rows
from checks.text.contextual.counts import Counts, Members
from checks.text.contextual.likelihood import Likelihood
from checks.text.contextual.trees import Trees

VERSION = 1
_WORTH = 0.9  # packed to less of its size than this, an array is kept packed
_TREE_ARRAYS = tuple(part.name for part in fields(Trees) if part.init)
KIND_COST = np.array([0.0, 0.8, 0.8, 0.0])  # same sound, near sound, shape, word


@dataclass(frozen=True)
class Model:
    alphabet: Alphabet
    likelihood: Likelihood
    confusions: Confusions
    words: Counts  # dictionary words of two to four characters
    trees: Trees | None
    gate_least: int = 20  # a triple seen so often is known well
    kind_cost: NDArray[np.float64] = field(default_factory=lambda: KIND_COST)

    def __post_init__(self) -> None:
        triples, pairs = self.likelihood.triples, self.likelihood.pairs
        for name, members in {
            "gate": triples.members(self.gate_least, min(26, triples.bits + 12)),
            "triples": triples.members(1, min(28, triples.bits + 12)),
            "neighbours": pairs.members(2, min(27, pairs.bits + 12)),
            "friends": pairs.members(40, min(25, pairs.bits + 12)),
        }.items():
            object.__setattr__(self, name, members)
        object.__setattr__(
            self,
            "words_total",
            float(self.words.at(np.arange(len(self.words.cells), dtype=np.int32)).sum(dtype=np.float64)),
        )

    gate: Members = field(init=False, repr=False)
    triples: Members = field(init=False, repr=False)
    neighbours: Members = field(init=False, repr=False)
    friends: Members = field(init=False, repr=False)
    words_total: float = field(init=False, repr=False)


def save(model: Model, path: Path, *, thorough: bool = True) -> None:
    arrays: dict[str, Any] = {"version": np.array([VERSION]), "gate_least": np.array([model.gate_least])}
    arrays["chars"] = np.frombuffer(model.alphabet.chars.encode("utf-16-le"), np.uint16)
    like = model.likelihood
    arrays |= {"singles": like.singles, "followers": like.followers}
    for name, counts in {
        "pairs": like.pairs,
        "triples": like.triples,
        "fours": like.fours,
        "words": model.words,
    }.items():
        arrays |= {f"{name}.{part}": getattr(counts, part) for part in ("sizes", "cells", "kinds")}
    conf = model.confusions
    arrays |= {"syllables": conf.syllables, "sounds": conf.sounds}
    for name, rows in {"characters": conf.characters, "homophones": conf.words}.items():
        arrays |= {
            f"{name}.starts": rows.starts.astype(np.int32),
            f"{name}.values": rows.values.astype(np.int32),
        }
    if model.trees is not None:
        arrays |= {f"trees.{part}": getattr(model.trees, part) for part in _TREE_ARRAYS}
    _write(path, arrays, 9 if thorough else 1)


def _write(path: Path, arrays: dict[str, Any], level: int) -> None:
    """Like numpy.savez_compressed, but the same arrays always give the same bytes, and what does not shrink
    (hashes) is stored as it is: it is read at once."""
    temporary = path.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w") as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            data = buffer.getvalue()
            shrinks = len(zlib.compress(data, 1)) < _WORTH * len(data)
            how = zipfile.ZIP_DEFLATED if shrinks else zipfile.ZIP_STORED
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), data, how, level)
    temporary.replace(path)


def load(path: Path) -> Model:
    """Raises ConfigError when the file is missing, damaged or of another version."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return _assembled(dict(archive))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ConfigError(
            path, f"语境模型用不了（{error}），请重新安装，或执行 portal lexicon train"
        ) from error


def _assembled(arrays: dict[str, NDArray[Any]]) -> Model:
    if int(arrays["version"][0]) != VERSION:
        raise ValueError(f"版本 {int(arrays['version'])}，需要 {VERSION}")

    def counts(name: str) -> Counts:
        sizes = arrays[f"{name}.sizes"]
        return Counts(len(sizes).bit_length() - 1, sizes, arrays[f"{name}.cells"], arrays[f"{name}.kinds"])

    def rows(name: str) -> Rows:
        return Rows(arrays[f"{name}.starts"].astype(np.int64), arrays[f"{name}.values"].astype(np.int64))

    return Model(
        alphabet=Alphabet(arrays["chars"].tobytes().decode("utf-16-le")),
        likelihood=Likelihood(
            arrays["singles"], arrays["followers"], counts("pairs"), counts("triples"), counts("fours")
        ),
        confusions=Confusions(rows("characters"), arrays["syllables"], arrays["sounds"], rows("homophones")),
        words=counts("words"),
        trees=Trees(**{part: arrays[f"trees.{part}"] for part in _TREE_ARRAYS})
        if "trees.value" in arrays
        else None,
        gate_least=int(arrays["gate_least"][0]),
    )


def fingerprint(path: Path) -> str:
    """Of the arrays' checksums, which the file has in its directory; its bytes when it has none."""
    try:
        with zipfile.ZipFile(path) as archive:
            told = repr([(one.filename, one.file_size, one.CRC) for one in archive.infolist()]).encode()
    except zipfile.BadZipFile:
        told = path.read_bytes()
    return hashlib.blake2b(told, digest_size=16).hexdigest()
