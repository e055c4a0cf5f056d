"""The press in Pelican, through Pelican's own doors.

Two flows, the same bytes. *Fast*: Pelican loads the plugins and runs, its own generators find nothing to do, and
`PressGenerator` hands the press to `PressWriter`. *Stock* (`PORTAL_FAST=0`, or any setting beyond ours): Pelican's
ArticlesGenerator reads every article through `ArticleReader`, its Writer writes every page, and only what each
page shows comes from the press.

Whoever runs Pelican puts the press into the setting PRESS; the plain `pelican` command gets one of its own.
"""

from datetime import date
from pathlib import Path
from typing import Any

from pelican import signals
from pelican.generators import ArticlesGenerator, Generator
from pelican.readers import BaseReader, Readers
from pelican.urlwrappers import Category
from pelican.utils import SafeDatetime
from pelican.writers import Writer

from plugins.press import fingerprint
from plugins.press.outputs import Folder
from plugins.press.pages import Page
from plugins.press.press import Before, Press, Results, prepare
from plugins.press.reading import CONTENT


class ArticleReader(BaseReader):
    """Our head and our Markdown for Pelican's generators."""

    enabled = True
    file_extensions = ["md"]  # noqa: RUF012 - so Pelican wants it

    def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
        press: Press = self.settings["PRESS"]
        source = f"{CONTENT}/{Path(source_path).relative_to(self.settings['PATH']).as_posix()}"
        card = press.sources.articles[source].card
        sheet = press.sheet(card)
        html = sheet.pop("html")
        moment = card.published
        return html, {
            "title": card.title,
            "date": SafeDatetime(*moment.timetuple()[:5]),
            "category": Category(card.channel, self.settings),
            "slug": card.id,
            "save_as": card.file,
            "url": card.file,
            # what is withdrawn or not ready is no article to Pelican; the press makes its page
            "status": "published" if press.catalog.by_id.get(card.id) == card else "skip",
            "source": source,
            "sheet": sheet,
        }


class StockGenerator(Generator):
    """All pages but those of the articles, which are Pelican's own."""

    def generate_output(self, writer: Writer) -> None:
        press: Press = self.settings["PRESS"]
        for page in press.all_pages():
            if page.kind != "article":
                template = self.get_template(page.template.removesuffix(".html"))
                own = press.printer.context(page.section, page.fill())
                writer.write_file(page.file, template, self.context, url=page.url, **own)


class StockWriter(Writer):
    """Pelican's writer; an article brings along what its page shows."""

    def write_file(
        self, name: str, template: Any, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> None:
        page: Page | None = getattr(kwargs.get("article"), "page", None)
        if page is not None:
            press: Press = self.settings["PRESS"]
            kwargs |= press.printer.context(page.section, page.fill())
        super().write_file(name, template, context, *args, **kwargs)


class PressGenerator(Generator):
    def generate_output(self, writer: "PressWriter") -> None:
        writer.print(self.settings["PRESS"])


class PressWriter(Writer):
    """Instead of one page at a time: all that must be made, in several processes."""

    def print(self, press: Press) -> None:
        results: Results = self.settings["PRESS_RESULTS"]
        results |= press.print_pages()


def is_stock(pelican_settings: dict[str, Any]) -> bool:
    return "PRESS_RESULTS" not in pelican_settings


def open_press(pelican: Any) -> None:
    """A press for the plain `pelican` command."""
    if "PRESS" not in pelican.settings:
        root = Path(pelican.settings["PATH"]).parent
        folder = Folder(Path(pelican.settings["OUTPUT_PATH"]))
        today = date.today()  # noqa: DTZ011 - the office's day
        pelican.settings["PRESS"] = prepare(
            root, folder, today, fingerprint.environment(root, today), Before()
        )


def add_reader(readers: Readers) -> None:
    readers.reader_classes["md"] = ArticleReader


def generators(pelican: Any) -> type[Generator]:
    return StockGenerator if is_stock(pelican.settings) else PressGenerator


def writer(pelican: Any) -> type[Writer]:
    return StockWriter if is_stock(pelican.settings) else PressWriter


def give_pages(generator: ArticlesGenerator) -> None:
    """Tell each of Pelican's articles which page is its own, and the press what Pelican has read."""
    if not is_stock(generator.settings):
        return
    press: Press = generator.settings["PRESS"]
    read = {article.source: article for article in generator.articles}
    for page in press.all_pages():
        if page.kind == "article":
            read[page.source].page = page
    press.edition.read = lambda card: read[card.source].sheet | {"html": read[card.source].content}


def register() -> None:
    signals.initialized.connect(open_press)
    signals.readers_init.connect(add_reader)
    signals.get_generators.connect(generators)
    signals.get_writer.connect(writer)
    signals.article_generator_finalized.connect(give_pages)
