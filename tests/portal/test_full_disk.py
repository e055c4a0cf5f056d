"""A full disk: the publish says so, what is served stays whole, and with room again the next one is right."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PORTAL = Path(sys.executable).with_name("portal")
# In a name space of its own, so that a disk of 24 MiB can be mounted; leaves what came of it beside the disk.
SCRIPT = """
set -e
mount -t tmpfs -o size=24m tmpfs "$DISK"
cp -r "$SITE/." "$DISK"
cd "$DISK"
"$PORTAL" publish >&2
for room in $ROOMS; do
  for article in content/xwzx/jtyw/2026/*.md; do echo "补充 $room。" >> "$article"; done
  free=$(df --output=avail -k . | tail -1)
  head -c "$(( (free - room) * 1024 ))" /dev/zero > filler
  code=0
  "$PORTAL" publish > "$OUT/$room.told" 2>&1 || code=$?
  echo "$code" > "$OUT/$room.code"
  rm filler
  cp -rL releases/current "$OUT/$room.served"
  ls -A releases | grep '^[.]' > "$OUT/$room.left" || true
done
"$PORTAL" publish >&2
cp -rL releases/current "$OUT/last"
"$PORTAL" build --full --output anew >&2
cp -r anew "$OUT/anew"
"""


def can_mount() -> bool:
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".gz"
    }


def assert_whole(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    for row in [*manifest["pages"], *manifest["assets"]]:
        content = (release / "site" / row["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"], row["file"]


@pytest.mark.skipif(not can_mount(), reason="这里不许挂载")
@pytest.mark.parametrize(
    "rooms",
    [
        pytest.param([0, 100, 900], id="few"),
        pytest.param([*range(0, 1500, 20)], id="many", marks=pytest.mark.soak),
    ],
)
def test_whatever_room_is_left_the_served_release_is_whole(
    small_site: Path, tmp_path_factory: pytest.TempPathFactory, rooms: list[int]
) -> None:
    """`rooms`: KiB that are free when the publish begins."""
    out = tmp_path_factory.mktemp("out")
    disk = tmp_path_factory.mktemp("disk")
    given = {
        "SITE": str(small_site),
        "DISK": str(disk),
        "OUT": str(out),
        "PORTAL": str(PORTAL),
        "ROOMS": " ".join(map(str, rooms)),
    }
    done = subprocess.run(
        ["unshare", "-rm", "bash", "-c", SCRIPT],
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    for room in rooms:
        told, code = (out / f"{room}.told").read_text("utf-8"), (out / f"{room}.code").read_text().strip()
        assert code == "0" or (code == "2" and "磁盘满了" in told), f"{room}: {code} {told}"
        assert (out / f"{room}.left").read_text() in ("", ".lock\n"), room
        assert_whole(out / f"{room}.served")
    assert (out / f"{rooms[0]}.code").read_text() == "2\n"
    assert files(out / "last/site") == files(out / "anew/site")


def test_an_index_that_finds_no_room_leaves_the_old_release(small_site: Path) -> None:
    subprocess.run([PORTAL, "publish"], cwd=small_site, check=True, capture_output=True)
    before = os.readlink(small_site / "releases/current")
    index = small_site / "var/cache/search/search.db"
    room = index.stat().st_size // 1024 - 1  # for the index only too little
    index.unlink()
    limited = ["bash", "-c", f'ulimit -f {room}; exec "$@"', "bash", PORTAL, "publish"]
    article = next((small_site / "content/xwzx/jtyw/2026").iterdir())
    article.write_text(article.read_text("utf-8") + "补充。\n", "utf-8")
    subprocess.run([PORTAL, "build"], cwd=small_site, check=True, capture_output=True)

    done = subprocess.run(limited, cwd=small_site, capture_output=True, text=True, check=False)

    assert done.returncode == 2, done.stderr
    assert "search.db: 写不进：" in done.stderr
    assert "没有发布，网站保持原样" in done.stderr
    assert os.readlink(small_site / "releases/current") == before
    again = subprocess.run([PORTAL, "publish"], cwd=small_site, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
