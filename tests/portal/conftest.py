"""Small sites as `portal build` leaves them."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

MakeBuild = Callable[..., Path]


def write_build(
    root: Path,
    pages: Mapping[str, str],
    *,
    redirects: tuple[dict[str, str], ...] = (),
    kinds: Mapping[str, str] | None = None,
) -> Path:
    """Write build/site, build/manifest.json and build/shell.html below `root`; gives `root`."""
    rows = []
    for name, html in pages.items():
        path = root / "build/site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # the build replaces files, it never writes into one
        path.write_text(html, "utf-8")
        url = f"/{name}".removesuffix("index.html")
        digest = hashlib.sha256(html.encode()).hexdigest()
        rows.append({"url": url, "file": name, "kind": (kinds or {}).get(name, "article"), "sha256": digest})
    manifest = {"version": 1, "pages": rows, "channels": [], "redirects": list(redirects), "assets": []}
    (root / "build/manifest.json").write_text(json.dumps(manifest), "utf-8")
    shell = "<title><!--portal:title--></title><main><!--portal:content--></main>"
    (root / "build/shell.html").write_text(shell, "utf-8")
    return root


@pytest.fixture
def make_build(tmp_path: Path) -> MakeBuild:
    return lambda pages, **more: write_build(tmp_path, pages, **more)
