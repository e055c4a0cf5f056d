"""Our pages inside the portal's shell; a plain one of our own where there is none."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from mailbox_api.deadlines import BEIJING
from mailbox_api.letter import FIELD_NAMES, masked_mobile, masked_name
from mailbox_api.notices import TEMPLATES
from mailbox_api.service.roles import ROLES, may
from mailbox_api.web.names import ACTION_NAMES, ENTRY_NAMES, NOTICE_STATES

HERE = Path(__file__).parent
STATIC = HERE / "static"
TITLE, CONTENT = "<!--portal:title-->", "<!--portal:content-->"
PLAIN = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    f"<title>{TITLE}</title></head><body><main>{CONTENT}</main></body></html>"
)
NEVER_STORED = {"Cache-Control": "no-store"}


class ShellFile:
    """The shell of the first of these files that exists, read again when it changes."""

    def __init__(self, *paths: Path) -> None:
        self._paths, self._seen, self._text = paths, ("", 0), ""

    def __call__(self) -> str:
        for path in self._paths:
            try:
                state = (str(path), path.stat().st_mtime_ns)
                if state != self._seen:
                    self._text, self._seen = path.read_text("utf-8"), state
            except OSError:
                continue
            return self._text
        return ""


@cache
def templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "script": static_url("mailbox.js"),
        "field_names": FIELD_NAMES,
        "may": may,
        "qr": qr,
    }
    filters: dict[str, Callable[..., str]] = {
        "role_name": ROLES.__getitem__,
        "notice_state": NOTICE_STATES.__getitem__,
        "action_name": _action_name,
        "entry_name": ENTRY_NAMES.__getitem__,
        "notice_text": lambda row: TEMPLATES[row.template].format(**row.vars),
        "local_text": lambda text: f"{datetime.fromisoformat(text).astimezone(BEIJING):%Y-%m-%d %H:%M}",
        "local": lambda at: f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
        "iso": lambda at: at.astimezone(BEIJING).isoformat(timespec="seconds"),
        "masked_mobile": masked_mobile,
        "masked_name": masked_name,
    }
    environment.filters |= filters
    return environment


def _action_name(action: str) -> str:
    return ACTION_NAMES.get(action, action)


@cache
def static_url(name: str) -> str:
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/mailbox/static/{name}?v={digest}"


def qr(text: str) -> Markup:
    """A picture to scan, as SVG without styles or scripts."""
    picture = segno.make(text, error="m").svg_inline(
        scale=4, border=4, dark="#000", light="#fff", omitsize=False
    )
    return Markup(picture)  # noqa: S704 - made of numbers only


def page(
    request: Request,
    template: str,
    title: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    signed_in = getattr(request.state, "signed_in", None)
    content = (
        templates()
        .get_template(template)
        .render(title=title, signed_in=signed_in, path=request.url.path, **values)
    )
    return HTMLResponse(
        dress(request.app.state.shell, title, content), status, NEVER_STORED | (headers or {})
    )


def dress(shell: Callable[[], str], title: str, content: str) -> str:
    """`content` is HTML already; the title is text."""
    return (shell() or PLAIN).replace(TITLE, escape(title)).replace(CONTENT, content)
