"""What the demo pictures are drawn with: a canvas in picture points, and the things that recur on them."""

import io
import math
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1280, 720
SMOOTHING = 2  # drawn larger by this factor and reduced, for smooth edges
MOST_BYTES = 80_000

Colour = str
Point = tuple[float, float]


class Canvas:
    """A picture of 1280×720 points; all lengths are in these points."""

    def __init__(self, sky: Colour, horizon: Colour) -> None:
        band = Image.new("RGB", (1, 2), sky)
        band.paste(horizon, (0, 1, 1, 2))
        size = (WIDTH * SMOOTHING, HEIGHT * SMOOTHING)
        self._image = band.resize(size, Image.Resampling.BICUBIC)
        self._draw = ImageDraw.Draw(self._image)

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        self._draw.polygon([(x * SMOOTHING, y * SMOOTHING) for x, y in points], fill=colour)

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: Colour, radius: float = 0
    ) -> None:
        corners = tuple(value * SMOOTHING for value in (left, top, right, bottom))
        self._draw.rounded_rectangle(corners, radius * SMOOTHING, fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self._draw.circle((x * SMOOTHING, y * SMOOTHING), radius * SMOOTHING, fill=colour)

    def stroke(self, points: Sequence[Point], colour: Colour, width: float = 2) -> None:
        scaled = [(x * SMOOTHING, y * SMOOTHING) for x, y in points]
        self._draw.line(scaled, fill=colour, width=round(width * SMOOTHING), joint="curve")

    def ring(
        self, x: float, y: float, radius: float, start: float, end: float, colour: Colour, width: float
    ) -> None:
        box = tuple(value * SMOOTHING for value in (x - radius, y - radius, x + radius, y + radius))
        self._draw.arc(box, start, end, fill=colour, width=round(width * SMOOTHING))

    def glow(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A light that fades outwards."""
        mask = Image.new("L", (WIDTH // 4, HEIGHT // 4))
        ImageDraw.Draw(mask).circle((x / 4, y / 4), radius / 4, fill=190)
        mask = mask.filter(ImageFilter.GaussianBlur(radius / 8)).resize(self._image.size)
        self._image.paste(Image.new("RGB", self._image.size, colour), mask=mask)

    def jpeg(self) -> bytes:
        """The picture in its final size."""
        return fitting_jpeg(self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))


def fitting_jpeg(image: Image.Image) -> bytes:
    """The picture, as fine as fits into the limit of bytes."""
    for quality in (88, 82, 76, 70, 60, 50):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise ValueError(f"图片超过 {MOST_BYTES} 字节")


def hills(canvas: Canvas, base: float, height: float, colour: Colour, seed: int) -> None:
    """A ridge across the picture, from three waves; the same seed gives the same ridge."""
    random = Random(seed)  # noqa: S311 - no secret, only shapes
    waves = [(random.uniform(1, 2.4) * step, random.uniform(0, 6), 1 / step) for step in (1, 2, 4)]
    ridge = [
        (x, base - height * (0.55 + 0.3 * sum(math.sin(x / WIDTH * 6 * f + p) * a for f, p, a in waves)))
        for x in range(0, WIDTH + 9, 8)
    ]
    canvas.shape([(0, HEIGHT), *ridge, (WIDTH, HEIGHT)], colour)


def skyline(canvas: Canvas, base: float, colour: Colour, window: Colour, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    left = -10.0
    while left < WIDTH:
        width, top = random.randint(46, 92), base - random.randint(60, 250)
        canvas.box(left, top, left + width, base, colour)
        for x in range(int(left) + 10, int(left + width) - 12, 16):
            for y in range(int(top) + 14, int(base) - 14, 24):
                if random.random() < 0.45:
                    canvas.box(x, y, x + 7, y + 11, window)
        left += width + random.randint(-4, 14)


def cloud(canvas: Canvas, x: float, y: float, size: float, colour: Colour = "#ffffff") -> None:
    for dx, dy, radius in ((-1, 0.25, 0.5), (-0.3, -0.1, 0.75), (0.5, 0.05, 0.65), (1.1, 0.3, 0.45)):
        canvas.disc(x + dx * size, y + dy * size, radius * size, colour)
    canvas.box(x - 1.3 * size, y + 0.2 * size, x + 1.4 * size, y + 0.75 * size, colour, 0.27 * size)


def tree(canvas: Canvas, x: float, base: float, size: float, colour: Colour = "#2f7d5b") -> None:
    canvas.box(x - size * 0.07, base - size * 0.6, x + size * 0.07, base, "#6b4f3a")
    canvas.disc(x, base - size * 0.95, size * 0.42, colour)
    canvas.disc(x - size * 0.25, base - size * 0.65, size * 0.3, colour)
    canvas.disc(x + size * 0.25, base - size * 0.65, size * 0.3, colour)


def road(canvas: Canvas, far: Point, near_left: float, near_right: float, width: float = 12) -> None:
    """A road that comes from `far` towards the reader, its centre line broken."""
    x, y = far
    canvas.shape([(x - width, y), (x + width, y), (near_right, HEIGHT), (near_left, HEIGHT)], "#4b5563")
    middle = (near_left + near_right) / 2
    for step in range(9):
        start, end = (step / 9) ** 2, ((step + 0.55) / 9) ** 2
        a, b = 1 + start * 9, 1 + end * 9
        top, bottom = y + (HEIGHT - y) * start, y + (HEIGHT - y) * end
        left, right = x + (middle - x) * start, x + (middle - x) * end
        canvas.shape([(left - a, top), (left + a, top), (right + b, bottom), (right - b, bottom)], "#f8fafc")


def wheels(canvas: Canvas, places: Sequence[float], base: float, radius: float) -> None:
    for x in places:
        canvas.disc(x, base, radius, "#1f2937")
        canvas.disc(x, base, radius * 0.45, "#cbd5e1")


def bus(canvas: Canvas, left: float, base: float, length: float, colour: Colour) -> None:
    height = length * 0.32
    top = base - height
    canvas.box(left, top, left + length, base, colour, height * 0.14)
    canvas.box(
        left + length * 0.03, top + height * 0.16, left + length * 0.86, top + height * 0.55, "#dbeafe", 8
    )
    for part in range(1, 5):
        x = left + length * (0.03 + 0.166 * part)
        canvas.box(x - 3, top + height * 0.16, x + 3, top + height * 0.55, colour)
    canvas.box(
        left + length * 0.88, top + height * 0.16, left + length * 0.985, top + height * 0.62, "#dbeafe", 8
    )
    canvas.box(left, base - height * 0.28, left + length, base - height * 0.2, "#ffffff")
    wheels(canvas, (left + length * 0.2, left + length * 0.78), base, height * 0.17)


def car(
    canvas: Canvas, left: float, base: float, length: float, colour: Colour, *, taxi: bool = False
) -> None:
    body, cabin = length * 0.2, length * 0.18
    top = base - body
    canvas.shape(
        [(left + length * f, top - cabin * g) for f, g in ((0.16, 0), (0.3, 1), (0.66, 1), (0.84, 0))], colour
    )
    canvas.shape(
        [
            (left + length * f, top - cabin * g)
            for f, g in ((0.22, 0.05), (0.33, 0.82), (0.63, 0.82), (0.76, 0.05))
        ],
        "#e0f2fe",
    )
    canvas.box(left, top, left + length, base, colour, body * 0.35)
    if taxi:
        canvas.box(left, base - body * 0.55, left + length, base - body * 0.3, "#f8fafc")
        canvas.box(left + length * 0.42, top - cabin * 1.25, left + length * 0.56, top - cabin, "#fbbf24", 4)
    wheels(canvas, (left + length * 0.21, left + length * 0.79), base, length * 0.075)


def lorry(canvas: Canvas, left: float, base: float, length: float, colour: Colour) -> None:
    height = length * 0.36
    canvas.box(left, base - height, left + length * 0.7, base - 8, colour, 6)
    canvas.box(left + length * 0.72, base - height * 0.82, left + length, base - 8, "#1d4ed8", 12)
    canvas.box(
        left + length * 0.86, base - height * 0.72, left + length * 0.97, base - height * 0.42, "#dbeafe", 6
    )
    wheels(canvas, [left + length * f for f in (0.12, 0.24, 0.56, 0.86)], base - 4, length * 0.055)
