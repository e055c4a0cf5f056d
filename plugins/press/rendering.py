"""One page into bytes. What is equal on all pages — header, footer, addresses of the style sheet — is made once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from plugins.press.pages import MenuRow, Page

STATIC = "static"  # folder on the site of what the theme brings along
JINJA_ENVIRONMENT: dict[str, Any] = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}


def environment(theme: Path, bytecode: Path | None = None) -> jinja2.Environment:
    cache = None
    if bytecode is not None:
        bytecode.mkdir(parents=True, exist_ok=True)
        cache = jinja2.FileSystemBytecodeCache(str(bytecode))
    return jinja2.Environment(  # noqa: S701 - escaping is on, among the options
        loader=jinja2.FileSystemLoader(theme / "templates"),
        bytecode_cache=cache,
        auto_reload=False,
        **JINJA_ENVIRONMENT,
    )


class Printer:
    """Renders pages with one set of templates and one set of values that all pages share."""

    def __init__(self, templates: jinja2.Environment, shared: Mapping[str, Any]) -> None:
        self._templates, self._shared = templates, dict(shared)
        self._header = cache(self._render_header)
        self._footer = cache(lambda: self._render("partials/footer.html", {"page": {}}))

    def _render_header(self, section: str) -> str:
        return self._render("partials/header.html", {"section": section})

    def _render(self, template: str, context: Mapping[str, Any]) -> str:
        return self._templates.get_template(template).render(self._shared | dict(context))

    def context(self, section: str, own: Mapping[str, Any]) -> dict[str, Any]:
        """Everything a template may use on one page."""
        frame = {"section": section, "header_html": self._header(section), "footer_html": self._footer()}
        return {**self._shared, "menu": active(self._shared["menu"], section), **frame, **own}

    def page(self, page: Page) -> bytes:
        return self._render_page(page.template, self.context(page.section, page.fill()))

    def shell(self, own: Mapping[str, Any]) -> bytes:
        return self._render_page("shell.html", self.context("", own))

    def _render_page(self, name: str, context: dict[str, Any]) -> bytes:
        template = self._templates.get_template(name)
        scope = template.new_context({**template.globals, **context}, shared=True)
        return "".join(template.root_render_func(scope)).encode()


@cache
def active(menu: tuple[MenuRow, ...], section: str) -> tuple[MenuRow, ...]:
    return tuple(row._replace(active=row.url == section) for row in menu)


def shared_values(config: Any, menu: tuple[MenuRow, ...], css: str, js: str) -> dict[str, Any]:
    """The context of every page, seam of build and theme."""
    return {
        "site": config.identity,
        "menu": menu,
        "css": css,
        "js": js,
        "static_url": f"/{STATIC}/",
        "footer_links": [(row.name, row.url) for row in config.home.footer_links],
        "alerts": [],
        "float": None,
        "grey": False,
    }
