"""What styles make an element invisible: the ways in which hijackers hide their links, and no others.

Sizes are taken in pixels, with round figures for relative units: the tricks are far beyond all doubt.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import tinycss2
import tinycss2.color3

Style = Mapping[str, Sequence[Any]]  # property -> the tokens of its value, without white space
Colour = tuple[float, float, float, float]  # red, green, blue, alpha; each 0 to 1

_FAINT = 0.05  # opacity that nobody sees
_SPECK = 1.0  # px; no bigger, and it is nothing
_FAR_BACK, _FAR_ON = -500.0, 3000.0  # px; moved so far it is off any screen
_BEHIND = -10  # z-index
_PIXELS = {"px": 1.0, "pt": 1.33, "pc": 16.0, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0,
           "cm": 38.0, "mm": 3.8, "in": 96.0, "vw": 10.0, "vh": 8.0}  # fmt: skip
_OFFSETS = (
    "text-indent", "left", "right", "top", "bottom", "inset", "translate",
    "margin", "margin-left", "margin-right", "margin-top", "margin-bottom",
)  # fmt: skip
_SIZES = ("width", "height", "max-width", "max-height", "line-height")


def declarations(css: str) -> dict[str, list[Any]]:
    """Of a style attribute or of what stands between the braces of a rule."""
    return _declared(tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True))


def rules(css: str) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    """Selectors and declarations of a style sheet, those of every screen: not of print or of narrow windows."""
    yield from _rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True))


def is_for_all_screens(media: str) -> bool:
    return media.strip().lower() in ("", "all", "screen", "only screen")


def _rules(nodes: Iterable[Any]) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    for node in nodes:
        if node.type == "qualified-rule":
            content = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
            yield tinycss2.serialize(node.prelude).strip(), _declared(content)
        elif node.type == "at-rule" and node.content is not None:
            media = tinycss2.serialize(node.prelude)
            if node.lower_at_keyword in ("supports", "layer") or (
                node.lower_at_keyword == "media" and is_for_all_screens(media)
            ):
                yield from _rules(tinycss2.parse_rule_list(node.content, True, True))


def _declared(nodes: Iterable[Any]) -> dict[str, list[Any]]:
    return {
        node.lower_name: [token for token in node.value if token.type not in ("whitespace", "comment")]
        for node in nodes
        if node.type == "declaration"
    }


def hides(style: Style, *, is_frame: bool = False) -> bool:
    """Frames need not cut off what is too big for them."""
    return (
        is_switched_off(style)
        or any(test(style) for test in _TESTS)
        or _is_cut_to_nothing(style, cuts=is_frame)
    )


def colour(style: Style) -> Colour | None:
    """Of the text, where the style says so."""
    return next(_colours(style.get("color", ())), None)


def ground(style: Style) -> Colour | None:
    """Of what lies behind, where the style says so."""
    return next(_colours([*style.get("background-color", ()), *style.get("background", ())]), None)


def named_colour(text: str) -> Colour | None:
    """Of an attribute like `bgcolor`."""
    return next(_colours(tinycss2.parse_component_value_list(text.strip(), True)), None)


def _colours(tokens: Iterable[Any]) -> Iterator[Colour]:
    for token in tokens:
        found = tinycss2.color3.parse_color(token)
        if isinstance(found, tuple):
            yield (found[0], found[1], found[2], found[3])


def _words(style: Style, name: str) -> set[str]:
    return {token.lower_value for token in style.get(name, ()) if token.type == "ident"}


def _numbers(tokens: Iterable[Any], percent: float) -> Iterator[float]:
    """In pixels; a percentage counts `percent` pixels."""
    for token in tokens:
        if token.type == "number":
            yield token.value
        elif token.type == "dimension":
            yield token.value * _PIXELS.get(token.lower_unit, 1.0)
        elif token.type == "percentage":
            yield token.value * percent


def _functions(style: Style, name: str) -> Iterator[tuple[str, list[Any]]]:
    for token in style.get(name, ()):
        if token.type == "function":
            yield token.lower_name, [one for one in token.arguments if one.type != "whitespace"]


def is_switched_off(style: Style) -> bool:
    """As menus and folded lists are too, until somebody opens them."""
    return (
        "none" in _words(style, "display")
        or bool(_words(style, "visibility") & {"hidden", "collapse"})
        or "hidden" in _words(style, "content-visibility")
    )


def _is_faint(style: Style) -> bool:
    if any(value <= _FAINT for value in _numbers(style.get("opacity", ()), 0.01)):
        return True
    seen = colour(style)
    if seen and seen[3] <= _FAINT:
        return True
    for name, arguments in [*_functions(style, "filter"), *_functions(style, "-ms-filter")]:
        for value in _numbers(arguments, 0.01):
            if (name == "opacity" and value <= _FAINT) or (name == "alpha" and value <= _FAINT * 100):
                return True
    return False


def _is_tiny_print(style: Style) -> bool:
    sizes = list(_numbers(style.get("font-size", ()), 0.16))
    sizes += [size for size in _numbers(style.get("font", ()), 0.16) if size < 100][:1]  # behind the weight
    return any(size <= _SPECK for size in sizes)


def _is_far_off(style: Style) -> bool:
    moves = [value for name in _OFFSETS for value in _numbers(style.get(name, ()), 10.0)]
    for name, arguments in _functions(style, "transform"):
        if name.startswith("translate"):
            moves += _numbers(arguments, 10.0)
    return any(move <= _FAR_BACK or move >= _FAR_ON for move in moves)


def _is_shrunk(style: Style) -> bool:
    factors = list(_numbers(style.get("scale", ()), 0.01))
    for name, arguments in _functions(style, "transform"):
        if name.startswith("scale"):
            factors += _numbers(arguments, 0.01)
    return any(abs(factor) <= _FAINT for factor in factors)


def _is_clipped(style: Style) -> bool:
    for name, arguments in _functions(style, "clip"):
        sides = list(_numbers(arguments, 10.0))
        if name == "rect" and len(sides) == 4:
            top, right, bottom, left = sides
            if bottom - top <= _SPECK or right - left <= _SPECK:
                return True
    for name, arguments in _functions(style, "clip-path"):
        values = list(_numbers(arguments, 1.0))
        if (name == "inset" and values and max(values) >= 50) or (
            name in ("circle", "ellipse", "polygon") and values and not any(values)
        ):
            return True
    return False


def _is_behind(style: Style) -> bool:
    return any(value <= _BEHIND for value in _numbers(style.get("z-index", ()), 1.0))


def _is_cut_to_nothing(style: Style, *, cuts: bool) -> bool:
    if not cuts and not any(_words(style, name) & {"hidden", "clip"} for name in _OVERFLOWS):
        return False
    return any(value <= _SPECK for name in _SIZES for value in _numbers(_plain(style, name), 10.0))


def _plain(style: Style, name: str) -> Sequence[Any]:
    """A line height is a factor, unless it is nothing."""
    tokens = style.get(name, ())
    return (
        [token for token in tokens if token.value == 0]
        if name == "line-height" and _is_factor(tokens)
        else tokens
    )


def _is_factor(tokens: Sequence[Any]) -> bool:
    return all(token.type == "number" for token in tokens)


_OVERFLOWS = ("overflow", "overflow-x", "overflow-y")
_TESTS: tuple[Callable[[Style], bool], ...] = (
    _is_faint,
    _is_tiny_print,
    _is_far_off,
    _is_shrunk,
    _is_clipped,
    _is_behind,
)
