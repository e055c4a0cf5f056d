"""The Markdown that editors may use, in one place: CommonMark with tables, strikethrough, footnotes,
ids on headings and raw HTML, where emphasis works beside Chinese punctuation.

Build and check share the engine and its options; what an editor may write stands in docs/markdown.md.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

import comrak


def _extensions() -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.table = options.strikethrough = options.footnotes = True
    options.header_id_prefix = ""
    options.cjk_friendly_emphasis = True  # **办理地点：**昆明 is bold only with this
    return options


def _rendering() -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.unsafe_ = True  # articles come from the bureau itself; raw HTML is judged by the checks
    return options


EXTENSIONS = _extensions()
RENDERING = _rendering()
_HEADING_LINK = re.compile(
    r'<a href="#[^"]*" aria-label="[^"]*" data-heading-content="[^"]*" class="anchor"></a>'
)
_ALIGNED = re.compile(r'(<t[dh]) align="(left|center|right)"')
_NOTE_ID = re.compile(r'id="fn(?:ref)?-[^"]*"')
_BACK_LINK = re.compile(r'aria-label="Back to reference ([^"]*)"')


def engine(name: str) -> Callable[[str], str]:
    """By the name that site.toml gives in [build] markdown; both engines make the same page of the same text."""
    if name == "python-markdown":
        from bureau import python_markdown

        return python_markdown.render
    return render


def render(text: str) -> str:
    """Markdown as HTML, by comrak."""
    html = comrak.render_markdown(text, EXTENSIONS, None, RENDERING)
    if 'class="anchor"' in html:
        html = _HEADING_LINK.sub("", html)  # an empty link is a stop for the keyboard and says nothing
    if ' align="' in html:
        html = _ALIGNED.sub(r'\1 class="\2"', html)  # the attribute is obsolete, HTML standard 16.2
    if "footnote-ref" in html:
        html = _NOTE_ID.sub(
            lambda match: unquote(match[0]), html
        )  # encoded as in an address, where it is a name
        html = _BACK_LINK.sub(r'aria-label="回到正文第 \1 处引用"', html)
    return html
