"""Whatever a file holds, the rules about words give findings or say what they cannot read; they never fail."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bureau import config
from checks import reading
from checks.rules import RULES
from checks.source import Surroundings
from checks.text.attachments import UnreadableError

ROOT = Path(__file__).parents[3]
AROUND = Surroundings(config.load(ROOT / "site.toml"), (), date(2026, 11, 25))
PIECES = st.sampled_from(
    ["布署", "中共人民共和国", "赌*博*网*站", "四个意识", "13800000000", "Goverment", "<!-- 检查:忽略", "-->", "---\n",
     "title: ", "：", "“", "（", "[", "](/", "`", "\n\n", "\r\n", "|", "\u200b", "𠮷", "國", "Ａ", "截止2026年", "\ufeff"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=30).map("".join)


def told(name: str, content: bytes) -> int:
    try:
        source = reading.read(name, content, AROUND)
    except UnreadableError:
        return 0
    found = [one for rule in RULES if hasattr(rule, "check_source") for one in rule.check_source(source)]
    for one in found:
        assert one.place.line >= 0
        assert one.message
    return len(found)


@pytest.mark.soak
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS, st.sampled_from(["a.md", "a.html", "a.txt"]))
def test_any_text_is_judged_or_refused(text: str, name: str) -> None:
    told(f"content/{name}", text.encode("utf-8", "surrogatepass"))


@pytest.mark.soak
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=400), st.sampled_from(["a.md", "a.html", "a.txt", "a.docx", "a.pdf", "a.xlsx"]))
def test_any_bytes_are_judged_or_refused(content: bytes, name: str) -> None:
    told(f"content/{name}", content)


@pytest.mark.soak
def test_bytes_led_by_what_they_reach_are_judged_or_refused(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has wheels for x86-64 only")
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, text in enumerate(("---\ntitle: 甲\n---\n| 布署 |\n|---|\n", "<p>布<b>署</b>&amp;", "赌*博")):
        (seeds / str(number)).write_bytes(bytes([number]) + text.encode())

    command = [
        sys.executable,
        "-m",
        "tests.checks.text.fuzzed",
        "-runs=20000",
        "-max_total_time=120",
        f"-artifact_prefix={tmp_path}/",
        str(seeds),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.soak
def test_fifty_megabytes_in_one_line_are_read_through() -> None:
    text = "国务院有关部门按照各自职责负责相关的监督管理工作。" * 650_000 + "布署"

    assert told("content/a.txt", text.encode()) == 1
