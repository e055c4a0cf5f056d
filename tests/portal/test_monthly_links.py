"""The monthly run asks outward addresses and walks the live site; what is dead enters findings and history."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from checks.engine import Outcome
from checks.links.answers import State
from checks.links.register import Register
from checks.monitor import runs, schedule
from checks.site_view import Site
from portal.build import build
from portal.monitoring import Monitoring

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)


class Quiet(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("LinkChecker", "yes")
        super().end_headers()

    def list_directory(self, path: object) -> None:
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("outside")
    (folder / "well.html").write_text("<title>通知</title>正文")
    yield from _serving(folder)


@pytest.fixture
def live(small_site: Path, outside: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The small site, built and served, with us inside it; one article links to two addresses outside.

    Nobody else's site is asked.
    """
    every = Site.outward
    monkeypatch.setattr(
        Site,
        "outward",
        lambda site, kinds: (link for link in every(site, kinds) if link.host == "127.0.0.1"),
    )
    article = next(small_site.glob("content/xwzx/jtyw/2026/*.md"))
    words = f"\n见[甲]({outside}/well.html)和[乙]({outside}/gone.html)。\n"
    article.write_text(article.read_text("utf-8") + words, "utf-8")
    monkeypatch.chdir(small_site)
    build(Path(), today=NOW.date())
    Path("build/site/xwzx/jtyw/index.html").unlink()  # lost on the server
    yield from _serving(small_site / "build/site")


def _serving(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _run(cadence: schedule.Cadence, at: datetime, thorough: bool) -> tuple[Monitoring, Outcome]:
    view = Monitoring(Path(), at, thorough)
    runs.perform(cadence, view.outcome, view.site, view.config, view.history, view.now, view.today)
    return view, view.outcome


def test_the_monthly_run_asks_and_walks_and_the_next_day_settles_it(live: str, outside: str) -> None:
    text = Path("site.toml").read_text("utf-8").replace('http://127.0.0.1:8000/"', f'{live}/"')
    manners = "\n[links]\nallow_private = true\nhost_delay_seconds = 0\nretries = 0\n"
    Path("site.toml").write_text(text + manners, "utf-8")
    dead = f"{outside}/gone.html"

    _, month = _run(schedule.MONTHLY, NOW, thorough=True)
    asked = Register(Path("var/checks.db")).asked()
    view, day = _run(schedule.DAILY, NOW + timedelta(hours=5), thorough=False)

    lost = {one.text for one in month.findings if one.rule == "live-link"}
    assert f"{live}/xwzx/jtyw/" in lost
    assert {one.finding.text for one in view.history.known() if one.finding.rule == "live-link"} == lost
    assert asked[dead].state is State.DEAD
    assert asked[f"{outside}/well.html"].state is State.WELL
    assert "outward-link" not in {one.rule for one in month.findings}
    told = [one for one in day.findings if one.rule == "outward-link"]
    assert [(one.text, one.pages) for one in told] == [(dead, ("/xwzx/jtyw/2026/20261121-001.html",))]


def test_without_a_live_address_the_monthly_run_says_what_it_did_not_walk(live: str) -> None:
    text = Path("site.toml").read_text("utf-8").replace('live_url = "http://127.0.0.1:8000/"\n', "")
    Path("site.toml").write_text(text, "utf-8")

    _, month = _run(schedule.MONTHLY, NOW, thorough=True)

    assert ("live-link", "没有配置 live_url") in month.unchecked
