"""The values of an article's head as blocks and links."""

from collections.abc import Iterator

import yaml

from checks.source import SourceLink
from checks.text.blocks import Block, Scope
from checks.text.places import Lines, align, runs

# Keys whose values nobody reads as text: addresses, numbers, dates, choices from a list.
_NOT_TEXT = frozenset(
    [
        "id",
        "date",
        "department",
        "image",
        "file",
        "layout",
        "redirect_from",
        "status",
        "issued",
        "review_by",
        "unpublish_at",
        "opens",
        "closes",
        "result",
        "received_at",
        "replied_at",
        "letter_number",
        "interprets",
        "interpreted_by",
        "theme",
        "form",
        "medium",
        "copies",
        "online_url",
        "validity",
        "slug",
    ]
)
_ADDRESSES = frozenset(["image", "file", "online_url"])
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: str, written: str, body_line: int) -> tuple[list[Block], list[SourceLink]]:
    """`written` begins with a head that bureau.front_matter has read without complaint."""
    lines = Lines(written)
    start, end = lines.offset(2, 1), lines.offset(body_line, 1)
    head = written[start:end].rstrip()
    head = head[: -len("---")]
    blocks: list[Block] = []
    links: list[SourceLink] = []
    root = yaml.compose(head, Loader=_Loader)
    for key, top, node in _scalars(root, ""):
        if not node.value:
            continue
        first, last = start + node.start_mark.index, start + node.end_mark.index
        inside = first + (node.style in ("'", '"'))
        pairs, _ = align(node.value, written, inside, last)
        if key in _ADDRESSES:
            place = lines.place(path, inside, inside + len(node.value))
            links.append(SourceLink(node.value, "", "front-matter", place, inside, last))
        elif key not in _NOT_TEXT:
            scope: Scope = "title" if key == "title" and top == "title" else "meta"
            blocks.append(Block(path, node.value.rstrip(), scope, runs(pairs, lines), key=top))
    return blocks, links


def _scalars(node: yaml.Node | None, top: str, key: str = "") -> Iterator[tuple[str, str, yaml.ScalarNode]]:
    """(nearest key, top key, scalar) in the order of the file."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _scalars(value, top or name.value, str(name.value))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value, top, key)
    elif isinstance(node, yaml.ScalarNode):
        yield key, top, node
