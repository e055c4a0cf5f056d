"""Take a withdrawn article out of every kept release, so that no rollback and no old address shows it again.

Publishing never changes a release; this does, for what must be seen no more (a letter whose publication was revoked,
个人信息保护法第四十七条). Files are replaced, not written into, for releases and the build share them. The manifest comes
last, so that what was interrupted is done again.
"""

import html
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from portal import nginx_maps, shell
from portal.releases import SEARCH, Release

SPEAKING = (".html", ".xml", ".json", ".txt")  # files of a site that repeat an article's title or summary
_SUMMARY = re.compile(rb'<meta name="[Dd]escription" content="([^"]*)"')
_LEAST = 4  # characters; a shorter title would be found in other texts


def purge(
    releases: Iterable[Release],
    sources: Collection[str],
    notice: str,
    unlist: Callable[[Path, Iterable[str]], object],
) -> list[str]:
    """Withdraw the articles of these sources everywhere; `notice` stands in place of their words.

    `unlist` takes addresses out of a search database in pieces. Gives the ids of the releases that showed one.
    """
    touched = []
    for release in releases:
        manifest = release.manifest
        pages = [page for page in manifest["pages"] if page["source"] in sources and page["kind"] != "gone"]
        if not pages:
            continue
        _withdraw(release, manifest, pages, notice)
        if (release.path / SEARCH).is_dir():
            unlist(release.path / SEARCH, [page["url"] for page in pages])
        nginx_maps.write(release.path, manifest)
        _replace(release.path / "manifest.json", msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        touched.append(release.id)
    return touched


def _withdraw(
    release: Release, manifest: Mapping[str, Any], pages: list[dict[str, Any]], notice: str
) -> None:
    words: dict[bytes, bytes] = {}
    for page in pages:
        words |= _words(page, (release.site / page["file"]).read_bytes(), notice)
        page |= {"kind": "gone", "title": notice}
    own = {page["file"]: _notice(release, notice) for page in pages}
    changed = own | dict(_repeating(release.site, words, own))
    for file, content in changed.items():
        _replace(release.site / file, content)
    for page in manifest["pages"]:
        if page["file"] in changed:
            page["sha256"] = sha256(changed[page["file"]]).hexdigest()


def _words(page: Mapping[str, Any], content: bytes, notice: str) -> dict[bytes, bytes]:
    """What other pages repeat of this one -> what stands there from now on; the longer first."""
    title, found = str(page["title"]), _SUMMARY.search(content)
    summary = html.unescape(found[1].decode()) if found else ""
    said = [text for text in (summary, title) if len(text) >= _LEAST]
    forms = {form for text in said for form in (html.escape(text), html.escape(text, quote=False), text)}
    return {form.encode(): notice.encode() for form in sorted(forms, key=len, reverse=True)}


def _repeating(site: Path, words: Mapping[bytes, bytes], own: Collection[str]) -> Iterable[tuple[str, bytes]]:
    for folder, _, names in os.walk(site):
        for name in names:
            file = os.path.relpath(os.path.join(folder, name), site)
            if not name.endswith(SPEAKING) or file in own:
                continue
            before = after = (site / file).read_bytes()
            for text, instead in words.items():
                after = after.replace(text, instead)
            if after != before:
                yield file, after


def _notice(release: Release, notice: str) -> bytes:
    content = f'<div class="sheet"><h1 class="page-title">{html.escape(notice)}</h1></div>'
    return shell.filled((release.path / "shell.html").read_text("utf-8"), notice, content).encode()


def _replace(path: Path, content: bytes) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(content)
    new.replace(path)
