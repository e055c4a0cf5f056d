"""Small sites as `portal build` leaves them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

MakeBuild = Callable[..., Path]


@pytest.fixture
def make_build(tmp_path: Path) -> MakeBuild:
    """Write build/site, build/manifest.json and build/shell.html below tmp_path; gives that root."""

    def make(
        pages: dict[str, str],
        *,
        redirects: tuple[dict[str, str], ...] = (),
        kinds: dict[str, str] | None = None,
    ) -> Path:
        site = tmp_path / "build/site"
        for name, html in pages.items():
            path = site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)  # the build replaces files, it never writes into one
            path.write_text(html, "utf-8")
        rows = [
            {
                "url": f"/{name}".removesuffix("index.html"),
                "file": name,
                "kind": (kinds or {}).get(name, "article"),
            }
            for name in pages
        ]
        manifest = {"version": 1, "pages": rows, "channels": [], "redirects": list(redirects), "assets": []}
        (tmp_path / "build/manifest.json").write_text(json.dumps(manifest), "utf-8")
        (tmp_path / "build/shell.html").write_text(
            "<title><!--portal:title--></title><main><!--portal:content--></main>"
        )
        return tmp_path

    return make
