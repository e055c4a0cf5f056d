"""Link check: ours beside lychee, on a planted site and on manuals that no one here wrote.

    python -m bench.links [--size 10000] [--large 100000] [--rounds 3] [--no-manuals] [--folder DIR]

The planted site is the build of `size` articles into which every kind of tests/checks/links/kinds.toml is
written several times. lychee runs offline with fragments, on the same folder, turn by turn with ours.
The manuals are fetched with apt-get download; docs/links.md explains what the two find in them.
"""

import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import time
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from bench import corpus, sites
from bench.measuring import Run, alternating, line, median, ratio, run

PROJECT = Path(__file__).parents[1]
PORTAL = str(Path(sys.executable).with_name("portal"))
LYCHEE = str(Path(sys.executable).with_name("lychee"))
KINDS = PROJECT / "tests/checks/links/kinds.toml"
RULES = "dead-link,dead-anchor,missing-asset"
HOST = "www.example.gov.cn"
OWN = tomllib.loads((PROJECT / "site.toml").read_text("utf-8"))["identity"]["domain"]
COPIES = 4  # of every kind
MANUALS = {  # Debian package -> folder of its pages, packages that it needs
    "python3.11-doc": ("usr/share/doc/python3.11/html", ("libjs-jquery", "libjs-underscore")),
    "postgresql-doc-15": ("usr/share/doc/postgresql-doc-15/html", ()),
    "sqlite3-doc": ("usr/share/doc/sqlite3", ()),
}
FIXED: dict[str, bytes] = {
    "a/index.html": '<p id="附件说明">甲</p><h2 id="s1">乙</h2><a name="old-anchor"></a>'.encode(),
    "b/c/d.html": "<p>丁".encode(),
    "list/index.html": "<p>栏目".encode(),
    "empty/x.txt": b"x",
    "files/申请表 一.docx": b"PK\x03\x04",
    "files/doc.pdf": b"%PDF-1.7",
    "files/a(1),b.pdf": b"%PDF-1.7",
    "images/p.png": b"\x89PNG\r\n\x1a\n",
    "images/icons.svg": b'<svg><symbol id="shield"></symbol></svg>',
}


def build(root: Path, size: int) -> Path:
    """A clean site of so many articles."""
    sites.ours(root, corpus.articles(size))
    for number in range(40):
        _write(root / f"content/images/p{number:02d}.jpg", b"\xff\xd8\xff\xe0")
        _write(root / f"content/files/d{number:02d}.pdf", b"%PDF-1.7\n")
    subprocess.run([PORTAL, "build", "--full"], cwd=root, check=True, capture_output=True)
    return root / "build/site"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def plant(site: Path) -> tuple[set[str], int]:
    """Writes the kinds into articles; gives the places of the dead ones and the number of look-alikes."""
    for name, content in FIXED.items():
        _write(site / name, content)
    kinds = tomllib.loads(KINDS.read_text("utf-8"))
    rows = [(state, row) for state in ("dead", "alive") for row in kinds[state] for _ in range(COPIES)]
    pages = sorted(site.glob("*/*/*/*.html"))
    chosen = random.Random(corpus.SEED).sample(pages, len(rows))
    expected, alike = set(), 0
    for number, ((state, row), page) in enumerate(zip(rows, chosen, strict=True)):
        tag = row["tag"].replace("{n}", f"{number}")
        tag = tag if "¦" in tag else f"¦{tag}"
        if "file" in row:
            file, text = site / row["file"].replace("{n}", f"{number}"), tag
        else:
            tag = tag.replace('"../a/../', '"/a/../').replace('"./../', '"/')
            file, text = page, page.read_text("utf-8").replace("</main>", f"\n{tag}\n</main>", 1)
        alike += state == "alive"
        if state == "dead":
            expected.add(f"{file}" if "files" in row.get("file", "") else f"{file}:{_place(text)}")
        _write(file, text.replace("¦", "").encode())
    return expected, alike


def _place(text: str) -> str:
    before = text[: text.index("¦")]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def ours_command(site: Path, output: Path) -> list[str]:
    told = f"--site {shlex.quote(str(site))} --host {HOST} --host {OWN} --rules {RULES} --format json"
    return ["sh", "-c", f"{PORTAL} check {told} > {shlex.quote(str(output))} 2>/dev/null; exit 0"]


def lychee_command(site: Path, output: Path) -> list[str]:
    place, out = shlex.quote(str(site)), shlex.quote(str(output))
    told = f"--offline --no-progress --include-fragments --root-dir {place} --index-files index.html --format json"
    return ["sh", "-c", f"{LYCHEE} {told} -o {out} {place} >/dev/null 2>&1; exit 0"]


def found_by_ours(output: Path) -> list[str]:
    rows = json.loads(output.read_bytes())["findings"]
    return [f"{row['path']}:{row['line']}:{row['column']}" if row["line"] else row["path"] for row in rows]


def planted(root: Path, size: int, rounds: int) -> bool:
    site = build(root, size)
    expected, alike = plant(site)
    output, theirs = root / "ours.json", root / "lychee.json"
    contestants = {
        "ours": lambda: run(ours_command(site, output), cores=(0, 1), folder=PROJECT),
        "lychee": lambda: run(lychee_command(site, theirs), cores=(0, 1), folder=PROJECT),
    }
    runs = alternating(contestants, rounds)
    for name, rows in runs.items():
        print(line(f"{name}, {size} articles", rows))
    found = set(found_by_ours(output))
    wall = 1 / ratio(runs["ours"], runs["lychee"], lambda one: one.wall)
    cpu = 1 / ratio(runs["ours"], runs["lychee"], lambda one: one.cpu)
    print(f"  {wall:.1f} times faster by the clock, {cpu:.1f} times less processor time")
    missed, false = expected - found, found - expected
    print(
        f"  planted {len(expected)}: found {len(expected) - len(missed)}; look-alikes {alike}: alarms {len(false)}"
    )
    pages = _pages_of_lychee(theirs, site)
    print(
        f"  lychee: {sum(place.partition(':')[0] in pages for place in expected)} of {len(expected)} pages told of"
    )
    for place in sorted(missed)[:5] + sorted(false)[:5]:
        print(f"    {place}")
    return not missed and not false


def _pages_of_lychee(output: Path, site: Path) -> set[str]:
    return set(json.loads(output.read_bytes()).get("error_map", {}))


def large(site: Path, size: int, folder: Path) -> None:
    """Is the time linear? One run of each."""
    for name, command in (("ours", ours_command), ("lychee", lychee_command)):
        one = run(command(site, folder / f"{name}-large.json"), cores=(0, 1), folder=PROJECT)
        print(line(f"{name}, {size} articles", [one]))


def edited(site: Path) -> None:
    """One article edited, all else warm: seconds of checking inside the process."""
    from bureau import config
    from checks import built_site, engine, scope
    from checks.rules import BY_ID

    around = scope.surroundings(config.load(PROJECT / "site.toml"), date(2026, 1, 10), Path("none"))
    rules = tuple(BY_ID[rule] for rule in RULES.split(","))
    with TemporaryDirectory() as cache:
        times = []
        for attempt in range(6):
            start = time.perf_counter()
            wanted = engine.Scope(
                around=around, sources={}, built=built_site.load(site, None, [HOST, OWN]), rules=rules
            )
            engine.run(wanted, cache=Path(cache), workers=1)
            times.append(time.perf_counter() - start)
            page = next(iter(sorted(site.glob("*/*/*/*.html"))))
            _write(page, page.read_bytes().replace(b"</main>", f"<p>{attempt}</p></main>".encode()))
    print(f"  cold {times[0]:.2f} s; one edited article on a warm cache: {median(times[1:]):.2f} s")


def manuals(folder: Path) -> None:
    """What each finds alone on pages from Debian packages; docs/links.md explains the differences."""
    for package, (place, needed) in MANUALS.items():
        missing = [one for one in (package, *needed) if not _fetched(folder / package, one)]
        if missing:
            print(f"  {package}: not compared, apt-get could not download {', '.join(missing)}")
        else:
            _compare(folder, package, folder / package / place)


def _compare(folder: Path, package: str, site: Path) -> None:
    output, theirs = folder / f"{package}.ours.json", folder / f"{package}.lychee.json"
    ours: Run = run(ours_command(site, output), cores=(0, 1), folder=PROJECT)
    other: Run = run(lychee_command(site, theirs), cores=(0, 1), folder=PROJECT)
    mine, lychees = _ours_pairs(site), _lychee_pairs(theirs, site)
    print(f"  {package}: ours {ours.wall:.1f} s, lychee {other.wall:.1f} s; both {len(mine & lychees)}")
    for name, alone in (("ours alone", mine - lychees), ("lychee alone", lychees - mine)):
        print(f"    {name}: {len(alone)}")
        for target, count in Counter(target for _, target in alone).most_common(6):
            print(f"      {count:5} × {target}")


def _fetched(place: Path, package: str) -> bool:
    """Unpack the package below `place`, once; false without a network or outside Debian."""
    place.mkdir(exist_ok=True)
    if not list(place.glob(f"{package}_*.deb")):
        try:
            subprocess.run(
                ["apt-get", "download", "-qq", package], cwd=place, check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError):
            return False
        archive = next(place.glob(f"{package}_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(archive), str(place)], check=True)
    return True


def _ours_pairs(site: Path) -> set[tuple[str, str]]:
    """(page, what it leads to) for every broken link, also where one finding speaks of many pages."""
    from checks import built_site
    from checks.links.index import Table, renew
    from checks.links.resolver import Resolver

    built, table = built_site.load(site, None), Table()
    renew(table, built)
    return {(one.file, unquote(one.verdict.target).rstrip("/")) for one in Resolver(built, table).broken()}


def _lychee_pairs(output: Path, site: Path) -> set[tuple[str, str]]:
    """A fragment of a page that is not there is the page's fault, as ours tells it."""
    found = set()
    for page, errors in json.loads(output.read_bytes())["error_map"].items():
        for error in errors:
            path = unquote(error["url"]).replace(f"file://{site}", "")
            file, _, anchor = path.partition("#")
            there = os.path.exists(f"{site}{file}")
            found.add(
                (page.removeprefix(str(site)), f"{file}#{anchor}" if anchor and there else file.rstrip("/"))
            )
    return found


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--size", type=int, default=10_000)
    options.add_argument("--large", type=int, default=0)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--no-manuals", action="store_true", help="only the planted site")
    options.add_argument("--folder", type=Path)
    given = options.parse_args()
    with TemporaryDirectory() as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        well = planted(folder / f"site-{given.size}", given.size, given.rounds)
        edited(folder / f"site-{given.size}/build/site")
        if given.large:
            large(build(folder / f"site-{given.large}", given.large), given.large, folder)
        if not given.no_manuals:
            manuals(folder)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
