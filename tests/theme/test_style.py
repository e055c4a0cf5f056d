"""The style sheet keeps what the design manual says: three hues, classes that exist, icons that exist."""

import colorsys
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSS = (ROOT / "theme/static/site.css").read_text("utf-8")
TEMPLATES = sorted((ROOT / "theme/templates").rglob("*.html"))
HUES = {"blue": (195, 225), "vermilion": (0, 12), "gold": (36, 56)}


def rgb(colour: str) -> tuple[int, int, int]:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    return tuple(int(digits[i : i + 2], 16) for i in (0, 2, 4))  # type: ignore[return-value]


def hue(colour: str) -> float | None:
    """Degrees; None for a grey, which is of no hue."""
    red, green, blue = (value / 255 for value in rgb(colour))
    angle, _, _ = colorsys.rgb_to_hls(red, green, blue)
    return angle * 360 if max(red, green, blue) - min(red, green, blue) > 0.12 else None


def luminance(colour: str) -> float:
    parts = [value / 255 for value in rgb(colour)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens(block: str) -> dict[str, str]:
    rules = CSS.partition(f"{block} {{")[2].partition("}")[0]
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{3,6});", rules))


def test_there_are_three_hues_at_most() -> None:
    strange = {
        colour
        for colour in re.findall(r"#[0-9a-fA-F]{3,6}\b", CSS)
        if (angle := hue(colour)) is not None and not any(low <= angle <= high for low, high in HUES.values())
    }

    assert strange == set()


@pytest.mark.parametrize("block", [":root", '[data-contrast="high"]'], ids=["normal", "contrast"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [("ink", "paper"), ("ink-2", "paper"), ("ink-2", "ground"), ("ink-2", "blue-50"), ("link", "paper"),
     ("blue", "blue-50"), ("bar-ink", "bar"), ("red", "paper"), ("red", "red-50"), ("gold", "gold-50")],
)  # fmt: skip
def test_text_stands_out_from_its_ground(block: str, ink: str, ground: str) -> None:
    colours = tokens(":root") | (tokens(block) if block != ":root" else {})
    colours.setdefault("--link", colours["--blue"])
    colours.setdefault("--bar", colours["--blue"])
    least = 7 if block != ":root" else 4.5

    assert contrast(colours[f"--{ink}"], colours[f"--{ground}"]) >= least


def test_every_class_of_the_manual_has_a_style() -> None:
    manual = (ROOT / "docs/design.md").read_text("utf-8").partition("## 类名速查")[2].partition("\n## ")[0]
    codes = " ".join(re.findall(r"`([^`]+)`", manual))
    named = set(re.findall(r"(?<=[a-z(/ ])\.([a-z][\w-]+)", codes)) | set(
        re.findall(r"\b[a-z-]+--[a-z]+", codes)
    )

    assert {name for name in named if f".{name}" not in CSS} - {"html"} == set()
    assert len(named) > 40


def test_every_icon_asked_for_is_in_the_sprite() -> None:
    sprite = (ROOT / "theme/static/icons.svg").read_text("utf-8")
    have = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    text = "".join(path.read_text("utf-8") for path in TEMPLATES) + (ROOT / "site.toml").read_text("utf-8")
    wanted = set(re.findall(r'icon\("([\w-]+)"\)', text)) | set(re.findall(r"icons\.svg#([\w-]+)", text))
    wanted |= set(re.findall(r'icon = "([\w-]+)"', text))

    assert wanted - have == set()


def test_styles_and_script_name_no_other_host() -> None:
    script = (ROOT / "theme/static/site.js").read_text("utf-8")
    for text in (CSS, script):
        assert set(re.findall(r"https?://[\w.-]+", text)) <= {"http://www.w3.org"}  # the name of SVG


def test_every_list_layout_has_its_template() -> None:
    from bureau.channels import LAYOUTS

    names = {path.name for path in TEMPLATES}
    assert {f"list-{layout}.html" for layout in LAYOUTS if layout != "overview"} <= names
    assert "overview.html" in names
