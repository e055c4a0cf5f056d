"""The portal passes its own checks, and is published."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PORTAL = Path(sys.executable).with_name("portal")


def test_the_portal_passes_its_own_gate(tmp_path: Path) -> None:
    shutil.copy(ROOT / "site.toml", tmp_path)
    for name in ("content", "theme"):
        shutil.copytree(ROOT / name, tmp_path / name)
    said = subprocess.run([PORTAL, "publish", "--by", "测试"], cwd=tmp_path, capture_output=True, text=True)

    assert said.returncode == 0, said.stdout + said.stderr
    assert (tmp_path / "releases/current/site/index.html").exists()
