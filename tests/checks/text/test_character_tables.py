"""The tables of traditional and look-alike characters are made as their documentation says."""

from pathlib import Path

import numpy as np

from checks.text import character_tables, folding
from checks.text.contextual import confusions


def test_traditional_characters_are_those_that_are_no_right_ones_themselves(tmp_path: Path) -> None:
    source = tmp_path / "TSCharacters.txt"
    source.write_text("國\t国\n著\t着 著\n門\t门\n㑯\t㑔\n乾\t干 乾\n𠁞\t𠀾\n国\t国\n", "utf-8")

    assert character_tables.main(["traditional", str(source), "--folder", str(tmp_path)]) == 0

    lines = (tmp_path / "traditional.txt").read_text("utf-8").splitlines()
    assert lines[0].startswith("#")
    assert lines[1:] == ["國国門门"]


def test_the_shipped_pairs_are_of_that_kind() -> None:
    pairs = folding.traditional()

    assert len(pairs) > 2500
    assert not [written for written in pairs if character_tables.in_gb2312(written)]


def test_strokes_that_begin_or_end_alike_and_pictures_that_are_alike_count() -> None:
    chars = ["己", "已", "末", "未", "口", "吕"]
    strokes = {"己": "515", "已": "515", "末": "11234", "未": "11234", "口": "251", "吕": "251251"}
    likeness = np.zeros((6, 6), np.float32)
    likeness[2, 4] = likeness[4, 2] = 0.8

    found = character_tables.lookalikes(chars, likeness, strokes)

    assert found["己"] == ["已"]
    assert found["末"] == ["未", "口"]
    assert found["口"] == ["末", "吕"]


def test_the_shipped_lookalikes_go_both_ways_and_hold_well_known_pairs() -> None:
    alike = confusions.lookalikes()

    for one, two in ("己已", "末未", "侯候", "券卷", "拔拨"):
        assert two in alike[one]
        assert one in alike[two]
