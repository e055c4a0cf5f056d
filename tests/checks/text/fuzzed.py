"""Bytes that atheris makes up, led by what they reach: read and judged, or refused. `python -m tests.checks.text.fuzzed -runs=N`.

libFuzzer ends the process when an exception gets through, so this is a program; test_words_soak runs it.
"""

import sys

import atheris

with atheris.instrument_imports(include=["checks.text", "bureau.front_matter"]):
    from tests.checks.text import test_words_soak as soak

NAMES = ("a.md", "a.html", "a.txt", "a.docx", "a.pdf", "a.pptx")


def one(data: bytes) -> None:
    if data:
        soak.told(f"content/{NAMES[data[0] % len(NAMES)]}", data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
