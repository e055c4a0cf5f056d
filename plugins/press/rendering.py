"""One page into bytes. What is equal on all pages — header, footer, addresses of the style sheet — is made once."""

import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket

from bureau.adjustments import InForce
from bureau.errors import ConfigError
from plugins.press import kept
from plugins.press.pages import MenuRow, Page

STATIC = "static"  # folder on the site of what the theme brings along
JINJA_GLOBALS: dict[str, Any] = {"static_url": f"/{STATIC}/"}  # so that macros need no context
JINJA_ENVIRONMENT: dict[str, Any] = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}


class CompiledTemplates(jinja2.BytecodeCache):
    """Compiled templates on disk; a damaged one is compiled anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        data = kept.load(self._folder / bucket.key)
        if data is not None:
            bucket.bytecode_from_string(data)

    def dump_bytecode(self, bucket: Bucket) -> None:
        kept.save(self._folder / bucket.key, bucket.bytecode_to_string())


def environment(theme: Path, compiled: Path) -> jinja2.Environment:
    made = jinja2.Environment(  # noqa: S701 - escaping is on, among the options
        loader=jinja2.FileSystemLoader(theme / "templates"),
        bytecode_cache=CompiledTemplates(compiled),
        auto_reload=False,
        **JINJA_ENVIRONMENT,
    )
    made.globals |= JINJA_GLOBALS
    return made


class Printer:
    """Renders pages with one set of templates and one set of values that all pages share."""

    def __init__(self, templates: jinja2.Environment, shared: Mapping[str, Any]) -> None:
        self._templates = templates
        self._shared: dict[str, Any] = {**templates.globals, **shared}
        self._frame = cache(self._make_frame)
        self._trail = cache(self._make_trail)
        self._footer = cache(lambda: self._render("partials/footer.html", {"page": {}}))

    def _make_frame(self, section: str) -> dict[str, Any]:
        """What is equal on all pages of one section of the menu."""
        menu = tuple(row._replace(active=row.url == section) for row in self._shared["menu"])
        header = self._render("partials/header.html", {"section": section, "menu": menu})
        frame = {"section": section, "menu": menu, "header_html": header, "footer_html": self._footer()}
        return self._shared | frame

    def _make_trail(self, breadcrumbs: tuple[tuple[str, str], ...]) -> dict[str, str]:
        """The way to a page; the articles of one channel share it."""
        own = {"breadcrumbs": breadcrumbs}
        return {
            "breadcrumbs_html": self._render("partials/breadcrumbs.html", own),
            "breadcrumbs_data": self._render("partials/breadcrumbs-data.html", own),
        }

    def _render(self, template: str, own: dict[str, Any]) -> str:
        return self._templates.get_template(template).render(self._shared | own)

    def context(self, section: str, own: dict[str, Any]) -> dict[str, Any]:
        """Everything a template may use on one page."""
        return self._frame(section) | own | self._trail(tuple(own["breadcrumbs"]))

    def page(self, page: Page) -> bytes:
        return self._render_page(page.template, self.context(page.section, page.fill()))

    def shell(self, own: dict[str, Any]) -> bytes:
        return self._render_page("shell.html", self.context("", own))

    def _render_page(self, name: str, context: dict[str, Any]) -> bytes:
        template = self._templates.get_template(name)
        scope = template.new_context(context, shared=True)  # a copy of 40 values less for every page
        try:
            return "".join(template.root_render_func(scope)).encode()
        except Exception:
            self._templates.handle_exception()  # raises it again, with the template's own lines


def shared_values(standing: InForce, menu: tuple[MenuRow, ...], css: str, js: str) -> dict[str, Any]:
    """The context of every page, seam of build and theme."""
    return {
        "site": standing.config.identity,
        "menu": menu,
        "css": css,
        "js": js,
        "footer_links": [(row.name, row.url) for row in standing.config.home.footer_links],
        "alerts": standing.alerts,
        "float": standing.float,
        "grey": standing.grey,
    }


def template_error(error: Exception) -> ConfigError | None:
    """Where in which template it went wrong; None when it did not happen in a template."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return ConfigError(
            _shown(error.filename or error.name or ""), f"模板语法错误：{error.message}", error.lineno
        )
    if isinstance(error, jinja2.TemplateNotFound):
        return ConfigError("theme/templates", f"没有模板 {error.name}")
    frames = [row for row in traceback.extract_tb(error.__traceback__) if row.filename.endswith(".html")]
    if not frames:
        return None
    return ConfigError(_shown(frames[-1].filename), f"模板出错：{error}", frames[-1].lineno or 0)


def _shown(filename: str) -> str:
    before, found, rest = filename.rpartition("theme/templates/")
    return f"{found}{rest}" if found else before or filename
