"""One scan, as a process of its own to measure: the rules on all sources below content/, remembered in var/cache."""

from datetime import date
from pathlib import Path

from bureau import config, cycles
from checks import engine
from checks import scope as scopes

TODAY = date(2026, 11, 25)


def main() -> None:
    around = scopes.surroundings(config.load(Path("site.toml")), TODAY)
    sources = scopes.content_files(Path("content"))
    outcome = engine.run(engine.Scope(around=around, sources=sources), cache=Path("var/cache/checks"))
    print(outcome.sources, "个文件", len(outcome.findings), "处")


if __name__ == "__main__":
    main()
    cycles.leave()
