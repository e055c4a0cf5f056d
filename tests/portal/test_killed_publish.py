"""kill -9 at any moment: what `releases/current` shows is one whole release, and the next publish is as good as ever."""

import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PORTAL = Path(sys.executable).with_name("portal")
# Publishes without end; every page of one build says the same number.
PUBLISHING = """
import hashlib, json, pathlib, sys
from contextlib import nullcontext
from datetime import UTC, datetime
from checks.engine import Outcome
from portal.publishing import Publisher
root, start = pathlib.Path(sys.argv[1]), int(sys.argv[2])
number = start
def build():
    global number
    number += 1
    rows = []
    for name in [f"c{n % 7}/{n}.html" for n in range(60)]:
        path, text = root / "build/site" / name, f"{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)
        rows.append({"url": f"/{name}", "file": name, "kind": "article", "sha256": hashlib.sha256(text.encode()).hexdigest()})
    (root / "build/shell.html").write_text("")
    (root / "build/manifest.json").write_text(json.dumps({"version": 1, "pages": rows, "redirects": []}))
publisher = Publisher(
    root=root, kept=3, build=build, check=lambda: Outcome(findings=()),
    check_vetoes=lambda release: Outcome(findings=()), clock=lambda: datetime.now(UTC),
    index=lambda: nullcontext(root / "search.db"), unlist=lambda folder, urls: None,
)
(root / "search.db").write_bytes(bytes(300_000))
publisher.publish("test")
print("ready", flush=True)
while True:
    publisher.publish("test")
"""


def served_number(root: Path) -> int:
    """The number that all pages of the current release say; asserts that it is whole."""
    current = root / "releases/current"
    manifest = json.loads((current / "manifest.json").read_text("utf-8"))
    for page in manifest["pages"]:
        content = (current / "site" / page["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == page["sha256"], page["file"]
    files = sum(path.is_file() for path in (current / "site").rglob("*"))
    assert files == len(manifest["pages"])
    for name in ("release.json", "gate.json"):
        json.loads((current / name).read_text("utf-8"))
    return int(content)


def publish_until_killed(root: Path, number: int, seconds: float) -> None:
    command = [sys.executable, "-c", PUBLISHING, str(root), str(number)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize(
    "kills", [pytest.param(8, id="few"), pytest.param(100, id="many", marks=pytest.mark.soak)]
)
def test_killed_while_publishing_current_is_whole(tmp_path: Path, kills: int) -> None:
    chance, last = random.Random(20261125), 0
    for _ in range(kills):
        publish_until_killed(tmp_path, last, chance.random() / 5)
        number = served_number(tmp_path)
        assert number > last
        last = number
    visible = [path.name for path in (tmp_path / "releases").iterdir() if path.name[0] != "."]
    assert len(visible) <= 3 + 1 + 1  # kept, the link, and one not pruned before the kill


@pytest.mark.parametrize(
    "kills", [pytest.param(2, id="few"), pytest.param(50, id="many", marks=pytest.mark.soak)]
)
def test_the_command_killed_at_a_random_moment_harms_nothing(small_site: Path, kills: int) -> None:
    chance = random.Random(1)
    begun = time.monotonic()
    subprocess.run([PORTAL, "publish"], cwd=small_site, check=True, capture_output=True)
    whole_run = time.monotonic() - begun
    for _ in range(kills):
        with subprocess.Popen(
            [PORTAL, "publish"], cwd=small_site, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(chance.random() * whole_run)
            process.send_signal(signal.SIGKILL)
        assert_whole(small_site / "releases/current")

    done = subprocess.run([PORTAL, "publish"], cwd=small_site, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert_whole(small_site / "releases/current")


def assert_whole(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    for row in [*manifest["pages"], *manifest["assets"]]:
        content = (release / "site" / row["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"], row["file"]
    assert {"release.json", "gate.json", "shell.html", "search"} <= {path.name for path in release.iterdir()}
