"""The quick way of reading a head agrees with YAML wherever it speaks."""

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bureau import front_matter

KEYS = st.sampled_from(["id", "title", "date", "keywords", "x-y", "_a", "y", "null"])
# the characters that YAML gives a meaning to, mixed with what editors write
TEXT = st.text(
    st.sampled_from(list("ab12 \t-?:,[]{}#&*!|>'\"%@`~=<\\/.。：，“”（）市局\u3000\u2028\u0085\ufeff\n\r")),
    max_size=12,
)
VALUES = st.one_of(
    TEXT,
    st.lists(TEXT, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    st.lists(TEXT, max_size=3).map(lambda items: f"[{','.join(items)}]"),
)
HEADS = st.lists(st.tuples(KEYS, st.sampled_from([": ", ":", ":  ", " : "]), VALUES), min_size=1, max_size=4)


@settings(max_examples=1500, deadline=None)
@given(HEADS)
@example([("title", ": ", "关于“a: b”的通知")])
@example([("keywords", ": ", "[a, ]")])
@example([("title", ": ", "a:")])
@example([("title", ": ", "- a")])
def test_what_is_read_plainly_is_what_yaml_reads(rows: list[tuple[str, str, str]]) -> None:
    head = "".join(f"{key}{colon}{value}\n" for key, colon, value in rows)

    plain = front_matter._read_plainly(head)

    if plain is not None:
        assert yaml.load(head, yaml.BaseLoader) == plain


@pytest.mark.parametrize(
    "head",
    [
        "id: 20260101-001\ntitle: 关于做好2026年春运工作的通知（示例）\ndate: 2026-01-01 09:00\n",
        "title: “四好农村路”：昆明样本\nkeywords: [公交, 地铁 3 号线, a.b]\n",
        "title: 10:30 发车\nsource: 新华社/人民日报\n",
    ],
)
def test_the_heads_that_editors_write_are_read_plainly(head: str) -> None:
    assert front_matter._read_plainly(head) == yaml.load(head, yaml.BaseLoader)


def test_a_doubled_key_is_told_with_its_line() -> None:
    with pytest.raises(front_matter.ConfigError, match=r"a\.md:3: title 写了两次"):
        front_matter.parse("a.md", "---\ntitle: 甲\ntitle: 乙\n---\n")
