"""The pictures of the demo content, drawn by code: scenes without words, and posters that need a Chinese font.

Where no Chinese font is installed the posters already made are left as they are.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont

from portal.demo_canvas import (
    HEIGHT,
    WIDTH,
    Canvas,
    bus,
    car,
    cloud,
    fitting_jpeg,
    hills,
    lorry,
    road,
    skyline,
    tree,
)

FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"),
)
POSTER = (900, 1200)


def _gorge_bridge() -> Canvas:
    canvas = Canvas("#8ec5ea", "#fdf3dc")
    canvas.disc(1040, 140, 58, "#fff3c4")
    hills(canvas, 430, 260, "#9db8c9", 3)
    hills(canvas, 560, 300, "#5f8a86", 11)
    canvas.shape([(0, 380), (330, 470), (430, 720), (0, 720)], "#3f6b5d")
    canvas.shape([(1280, 360), (960, 470), (850, 720), (1280, 720)], "#355c50")
    canvas.shape([(430, 720), (500, 610), (790, 610), (850, 720)], "#3d8fb5")
    for x in (360, 920):
        canvas.shape([(x - 16, 640), (x - 7, 120), (x + 7, 120), (x + 16, 640)], "#e5e7eb")
        for step in range(1, 15):
            for side in (-1, 1):
                canvas.stroke([(x, 128 + step * 12), (x + side * step * 20, 428)], "#f8fafc", 1.6)
    canvas.box(0, 426, WIDTH, 444, "#d1d5db")
    canvas.box(0, 444, WIDTH, 452, "#6b7280")
    for left, colour in ((180, "#dc2626"), (560, "#2563eb"), (1010, "#f59e0b")):
        car(canvas, left, 424, 58, colour)
    return canvas


def _metro() -> Canvas:
    canvas = Canvas("#1e293b", "#334155")
    canvas.shape([(0, 0), (WIDTH, 0), (860, 210), (420, 210)], "#475569")
    for step in range(6):
        y, spread = 20 + step * 34, 560 - step * 76
        canvas.box(640 - spread, y, 640 + spread, y + 9 - step, "#f8fafc", 4)
    canvas.shape([(0, 720), (420, 470), (860, 470), (WIDTH, 720)], "#64748b")
    canvas.shape([(0, 640), (420, 462), (420, 470), (0, 668)], "#facc15")
    canvas.box(430, 210, 850, 470, "#0f172a")
    canvas.glow(640, 350, 230, "#dbeafe")
    canvas.box(490, 226, 790, 480, "#e2e8f0", 46)
    canvas.box(520, 256, 760, 366, "#1e3a5f", 26)
    canvas.box(490, 392, 790, 424, "#0f766e")
    canvas.box(560, 236, 720, 250, "#fbbf24", 6)
    for x in (530, 750):
        canvas.disc(x, 448, 15, "#fefce8")
    for x, y, size in ((190, 560, 1.3), (300, 520, 1.0), (1010, 540, 1.2), (1110, 590, 1.5)):
        canvas.disc(x, y - 96 * size, 17 * size, "#fcd9bd")
        canvas.box(x - 24 * size, y - 76 * size, x + 24 * size, y, "#38bdf8" if x < 600 else "#fb7185", 16)
        canvas.box(x - 18 * size, y - 4, x + 18 * size, y + 62 * size, "#1e293b", 8)
    return canvas


def _gritting() -> Canvas:
    canvas = Canvas("#aebfd0", "#eef3f7")
    hills(canvas, 420, 280, "#c7d5e1", 5)
    hills(canvas, 520, 220, "#dbe6ee", 8)
    hills(canvas, 610, 120, "#f8fbfd", 2)
    for x in (90, 190, 1120, 1220):
        tree(canvas, x, 560, 120, "#7f9e95")
    canvas.box(0, 575, WIDTH, 690, "#566170")
    for x in range(20, WIDTH, 130):
        canvas.box(x, 628, x + 70, 636, "#f8fafc")
    lorry(canvas, 450, 612, 380, "#f59e0b")
    canvas.shape([(830, 545), (905, 530), (925, 618), (838, 608)], "#facc15")
    random = Random(7)  # noqa: S311
    for _ in range(90):
        canvas.disc(random.uniform(250, 450), random.uniform(590, 640), 3, "#ffffff")
    for _ in range(260):
        canvas.disc(random.uniform(0, WIDTH), random.uniform(0, HEIGHT), random.uniform(1.5, 4), "#ffffff")
    return canvas


def _airport() -> Canvas:
    canvas = Canvas("#7cc0ee", "#eaf6ff")
    cloud(canvas, 250, 130, 48)
    cloud(canvas, 980, 190, 36)
    canvas.shape(
        [(560, 120), (760, 92), (800, 100), (640, 138), (590, 190), (572, 190), (600, 142)], "#ffffff"
    )
    canvas.shape(
        [(0, 330), (320, 240), (640, 330), (960, 240), (WIDTH, 330), (WIDTH, 360), (0, 360)], "#f59e0b"
    )
    canvas.box(0, 356, WIDTH, 500, "#bfe0f5")
    for x in range(0, WIDTH, 80):
        canvas.box(x, 356, x + 7, 500, "#7895ab")
    canvas.box(0, 500, WIDTH, 560, "#d6dde4")
    canvas.box(0, 560, WIDTH, HEIGHT, "#4b5563")
    for x in range(30, WIDTH, 150):
        canvas.box(x, 655, x + 80, 663, "#f8fafc")
    for left in (60, 360, 660, 960):
        car(canvas, left, 640, 240, "#1d7fb8", taxi=True)
    return canvas


def _passenger_chart() -> Canvas:
    canvas = Canvas("#f5f9fd", "#e3edf7")
    heights = (30, 54, 150, 330, 290, 170, 140, 160, 190, 180, 210, 300, 345, 260, 160, 110, 70)
    for y in range(150, 620, 90):
        canvas.box(100, y, 1190, y + 2, "#cfdbe7")
    tops = []
    for index, height in enumerate(heights):
        left = 120 + index * 63
        colour = "#c2410c" if height > 280 else "#2b6cb0"
        canvas.box(left, 600 - height, left + 40, 600, colour, 8)
        tops.append((left + 20, 560 - height * 1.05))
    canvas.box(100, 600, 1190, 605, "#64748b")
    canvas.stroke(tops, "#0f766e", 6)
    for place in tops:
        canvas.disc(*place, 10, "#0f766e")
        canvas.disc(*place, 5, "#ffffff")
    bus(canvas, 130, 690, 180, "#2b6cb0")
    return canvas


def _tunnel() -> Canvas:
    canvas = Canvas("#2b2f36", "#3a3f47")
    for step in range(9):
        radius = 620 - step * 66
        shade = 66 + step * 12
        canvas.disc(640, 430, radius, f"#{shade:02x}{shade:02x}{shade - 8:02x}")
    for step in range(9):
        for angle in (225, 315):
            reach = 560 - step * 62
            x = 640 + reach * math.cos(math.radians(angle))
            y = 430 + reach * math.sin(math.radians(angle))
            canvas.disc(x, y, 15 - step * 1.3, "#ffe8a3")
    canvas.glow(640, 410, 90, "#fff7db")
    canvas.shape([(0, 720), (610, 440), (670, 440), (WIDTH, 720)], "#4b5563")
    road(canvas, (640, 440), 60, 1220, 30)
    car(canvas, 700, 640, 190, "#b91c1c")
    return canvas


def _lake_ferry() -> Canvas:
    canvas = Canvas("#9fd0f2", "#fde9d2")
    canvas.disc(980, 170, 52, "#ffdf9e")
    hills(canvas, 400, 230, "#7d97ac", 21)
    canvas.box(0, 400, WIDTH, HEIGHT, "#4a9cc4")
    for index, y in enumerate(range(420, 710, 22)):
        for x in range((index % 3) * 90 - 40, WIDTH, 270):
            canvas.box(x, y, x + 90 + index * 3, y + 4, "#7fbfdc", 2)
    canvas.shape([(330, 510), (990, 510), (930, 600), (400, 600)], "#ffffff")
    canvas.shape([(352, 548), (966, 548), (930, 600), (400, 600)], "#0f766e")
    canvas.box(420, 430, 880, 510, "#f1f5f9", 10)
    canvas.box(520, 370, 800, 432, "#e2e8f0", 10)
    for x in range(440, 870, 60):
        canvas.box(x, 450, x + 42, 488, "#1e5f86", 6)
    canvas.box(540, 384, 780, 412, "#1e5f86", 6)
    random = Random(4)  # noqa: S311
    for _ in range(26):
        left, top, wing = random.uniform(60, 1220), random.uniform(80, 380), random.uniform(9, 20)
        canvas.stroke(
            [(left - wing, top - wing / 2), (left, top), (left + wing, top - wing / 2)], "#ffffff", 4
        )
    return canvas


def _pier() -> Canvas:
    canvas = Canvas("#f7b98b", "#fff1dd")
    canvas.disc(420, 330, 76, "#fff6e0")
    hills(canvas, 420, 150, "#b98a86", 31)
    canvas.box(0, 410, WIDTH, HEIGHT, "#6f97b3")
    for y in range(430, 700, 26):
        canvas.box(420 - (y - 400) * 0.4, y, 420 + (y - 400) * 0.4, y + 6, "#fbd9b5", 3)
    canvas.shape([(700, 520), (WIDTH, 470), (WIDTH, 520), (720, 552)], "#8a5a3c")
    for x in range(740, WIDTH, 90):
        canvas.box(x, 530, x + 14, 660, "#6b4430")
    canvas.shape([(1010, 480), (1034, 180), (1086, 180), (1110, 474)], "#f8fafc")
    for top in (240, 330, 420):
        half = 28 + (top - 180) * 0.09
        canvas.box(1060 - half, top, 1060 + half, top + 36, "#c2410c")
    canvas.box(1026, 140, 1094, 182, "#fde68a", 6)
    canvas.shape([(1016, 142), (1060, 96), (1104, 142)], "#7c2d12")
    return canvas


def _hub() -> Canvas:
    canvas = Canvas("#8fc7f0", "#f2f8fd")
    cloud(canvas, 1030, 120, 44)
    skyline(canvas, 430, "#b9cfe0", "#d6e4f0", 6)
    for wave, colour in enumerate(("#0f766e", "#14928a")):
        top = [(x, 300 + wave * 34 - 46 * math.sin(x / 190 + wave)) for x in range(100, 1181, 10)]
        canvas.shape([*top, (1180, 400), (100, 400)], colour)
    canvas.box(130, 392, 1150, 540, "#d9ecf8")
    for x in range(130, 1150, 60):
        canvas.box(x, 392, x + 6, 540, "#8ba6ba")
    canvas.box(560, 440, 720, 540, "#334155", 8)
    canvas.box(0, 540, WIDTH, HEIGHT, "#d8dee6")
    canvas.box(0, 620, WIDTH, 700, "#6b7280")
    bus(canvas, 90, 660, 300, "#0f6cb6")
    bus(canvas, 860, 660, 300, "#15803d")
    for x in (440, 520, 760, 830):
        tree(canvas, x, 600, 80)
    return canvas


def _flood_drill() -> Canvas:
    canvas = Canvas("#5b6b7d", "#a9b6c2")
    hills(canvas, 480, 320, "#4d6469", 14)
    canvas.shape([(760, 180), (1280, 120), (1280, 720), (640, 720), (700, 470)], "#8b6a4a")
    for x, y, radius in ((720, 590, 44), (800, 640, 60), (690, 650, 34), (880, 590, 40)):
        canvas.disc(x, y, radius, "#6f543b")
    canvas.box(0, 640, 760, HEIGHT, "#4b5563")
    canvas.box(230, 520, 400, 600, "#f59e0b", 12)
    canvas.box(300, 440, 390, 530, "#fbbf24", 10)
    canvas.box(316, 456, 376, 500, "#dbeafe", 6)
    canvas.stroke([(390, 510), (520, 400), (620, 500), (650, 570)], "#d97706", 20)
    canvas.shape([(620, 556), (690, 566), (670, 620), (628, 606)], "#374151")
    canvas.box(200, 600, 430, 644, "#1f2937", 22)
    for x in (70, 130):
        canvas.disc(x, 520, 16, "#fcd9bd")
        canvas.disc(x, 508, 18, "#dc2626")
        canvas.box(x - 20, 538, x + 20, 640, "#ea580c", 12)
    random = Random(9)  # noqa: S311
    for _ in range(220):
        left, top = random.uniform(0, WIDTH), random.uniform(0, HEIGHT)
        canvas.stroke([(left, top), (left - 8, top + 30)], "#cbd5e1", 1.5)
    return canvas


def _tea_road() -> Canvas:
    canvas = Canvas("#9ed6ef", "#f4fbe9")
    canvas.disc(200, 140, 54, "#fff2b8")
    hills(canvas, 430, 220, "#8fbfa1", 17)
    hills(canvas, 560, 240, "#5fa070", 23)
    hills(canvas, 690, 260, "#3f8a58", 29)
    for row in range(7):
        y = 510 + row * 30
        bow = [(x, y + 16 * math.sin(x / 210 + row * 0.3)) for x in range(-10, WIDTH + 20, 20)]
        canvas.stroke(bow, "#2f7248", 9)
    bends = ((1150, 330), (820, 380), (1080, 450), (560, 520), (960, 600), (420, 730))
    curve = [_between(bends, step / 80) for step in range(81)]
    canvas.stroke(curve, "#e5e7eb", 26)
    canvas.stroke(curve, "#6b7280", 18)
    for x, y in ((120, 640), (240, 690), (700, 690), (1190, 640)):
        tree(canvas, x, y, 110, "#256145")
    car(canvas, 640, 540, 84, "#f8fafc")
    return canvas


def _between(points: Sequence[tuple[float, float]], part: float) -> tuple[float, float]:
    """The place at `part` of the Bézier curve over these points."""
    row = list(points)
    while len(row) > 1:
        row = [(a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part) for a, b in pairwise(row)]
    return row[0]


def _weighing() -> Canvas:
    canvas = Canvas("#a7d0ee", "#fbf4e4")
    hills(canvas, 440, 180, "#9fb7ab", 41)
    canvas.shape([(0, 720), (300, 440), (980, 440), (WIDTH, 720)], "#596372")
    for left in (0.33, 0.66):
        x = 300 + 680 * left
        for step in range(6):
            y = 452 + step * step * 9
            spread = (x - 640) * (1 + (y - 440) / 280)
            canvas.box(640 + spread - 3 - step, y, 640 + spread + 3 + step, y + 10 + step * 6, "#f8fafc")
    for x in (200, 1060):
        canvas.box(x, 190, x + 22, 560, "#94a3b8")
    canvas.box(190, 180, 1092, 216, "#64748b", 6)
    for x in (330, 560, 790):
        canvas.box(x, 216, x + 150, 282, "#111827", 6)
        canvas.box(x + 18, 234, x + 132, 246, "#22c55e")
        canvas.box(x + 18, 256, x + 96, 266, "#facc15")
    lorry(canvas, 420, 610, 440, "#b45309")
    canvas.box(360, 622, 920, 634, "#facc15")
    return canvas


def _night_city() -> Canvas:
    canvas = Canvas("#0b1530", "#3b3f74")
    canvas.disc(1080, 120, 40, "#fdf6d8")
    skyline(canvas, 470, "#1b2547", "#fbd37a", 51)
    canvas.box(0, 470, WIDTH, HEIGHT, "#10182f")
    for radius, colour in ((520, "#38466e"), (400, "#4a5a88"), (280, "#5b6ca0")):
        canvas.ring(640, 800, radius, 180, 360, colour, 46)
        for step in range(13):
            angle = math.radians(188 + step * 13.6)
            light = "#ffd166" if step % 2 else "#ff6b6b"
            canvas.disc(
                640 + (radius - 22) * math.cos(angle), 800 + (radius - 22) * math.sin(angle), 6, light
            )
    canvas.shape([(0, 560), (WIDTH, 500), (WIDTH, 540), (0, 606)], "#6a7bb0")
    for x in range(30, WIDTH, 92):
        canvas.disc(x, 582 - x * 0.0485, 6, "#fff3c4")
    return canvas


def _low_floor_bus() -> Canvas:
    canvas = Canvas("#a8daf2", "#fdf7e7")
    skyline(canvas, 470, "#cfdfe9", "#e8f1f6", 61)
    for x in (60, 1170, 1245):
        tree(canvas, x, 560, 150)
    canvas.box(0, 560, WIDTH, HEIGHT, "#6b7280")
    canvas.box(0, 640, WIDTH, HEIGHT, "#d6d3cb")
    canvas.box(0, 640, WIDTH, 652, "#f4c430")
    bus(canvas, 230, 610, 760, "#0f8a5f")
    canvas.box(500, 424, 590, 596, "#f0f9ff", 6)
    canvas.shape([(500, 600), (590, 600), (560, 656), (450, 656)], "#94a3b8")
    canvas.disc(410, 606, 17, "#fcd9bd")
    canvas.box(392, 622, 432, 664, "#7c3aed", 10)
    canvas.ring(420, 676, 26, 0, 360, "#1f2937", 6)
    canvas.stroke([(388, 640), (388, 676), (424, 676)], "#1f2937", 6)
    canvas.box(1080, 420, 1090, 650, "#475569")
    canvas.box(1030, 400, 1140, 470, "#1d4ed8", 10)
    return canvas


SCENES: Mapping[str, Callable[[], Canvas]] = {
    "gaosu-daqiao": _gorge_bridge,
    "ditie-zhan": _metro,
    "yanghu-zuoye": _gritting,
    "jichang-chuzu": _airport,
    "keliu-tubiao": _passenger_chart,
    "suidao": _tunnel,
    "dianchi-kechuan": _lake_ferry,
    "houche-matou": _pier,
    "keyun-shuniu": _hub,
    "fangxun-yanlian": _flood_drill,
    "nongcun-gonglu": _tea_road,
    "zhichao-zhan": _weighing,
    "chengshi-yejing": _night_city,
    "chongdian-gongjiao": _low_floor_bus,
}


@dataclass(frozen=True, slots=True)
class Poster:
    """A poster of numbered points under a title."""

    title: str
    subtitle: str
    colour: str
    points: Sequence[tuple[str, str]]


POSTERS: Mapping[str, Poster] = {
    "tujie-xunyouche": Poster(
        "打车六件事",
        "巡游出租汽车新细则",
        "#0f5f8c",
        (
            ("不拒载", "亮空车灯，问了要走"),
            ("不绕路", "导航出错，多走不付"),
            ("开空调", "乘客要求，不得推托"),
            ("敬老助残", "电召免收预约费"),
            ("找失物", "24小时交失物台"),
            ("诉必复", "十个工作日办结"),
        ),
    ),
    "tujie-wangyueche": Poster(
        "三张证，这样办",
        "网络预约出租汽车许可",
        "#0f766e",
        (
            ("平台", "线下团队不少于五人"),
            ("车辆", "车龄不满三年，装报警装置"),
            ("驾驶员", "三年驾龄，考试合格"),
            ("不收费", "三类许可均免费"),
            ("不设户籍门槛", "居住证即可报考"),
        ),
    ),
    "tujie-xinyong": Poster(
        "千分制看企业",
        "出租汽车企业信誉考核",
        "#9a3412",
        (
            ("安全运营", "250分"),
            ("经营行为", "250分"),
            ("运营服务", "250分"),
            ("企业管理", "150分"),
            ("社会责任", "100分"),
        ),
    ),
}


def poster_bytes(poster: Poster, font: Path) -> bytes:
    image = Image.new("RGB", POSTER, "#f6f9fb")
    draw = ImageDraw.Draw(image)
    width, height = POSTER
    large, middle, small = (ImageFont.truetype(font, size) for size in (84, 46, 36))
    draw.rectangle((0, 0, width, 300), fill=poster.colour)
    draw.text((width / 2, 120), poster.title, "#ffffff", large, anchor="mm")
    draw.text((width / 2, 226), poster.subtitle, "#e8f1f5", middle, anchor="mm")
    row = (height - 360) / len(poster.points)
    for number, (head, text) in enumerate(poster.points, 1):
        top = 330 + (number - 1) * row
        draw.rounded_rectangle(
            (60, top, width - 60, top + row - 22), 22, fill="#ffffff", outline="#d3dee6", width=2
        )
        middle_line = top + (row - 22) / 2
        draw.circle((138, middle_line), 42, fill=poster.colour)
        draw.text((138, middle_line), str(number), "#ffffff", middle, anchor="mm")
        draw.text((210, middle_line), head, poster.colour, middle, anchor="lm")
        draw.text((width - 96, middle_line), text, "#334155", small, anchor="rm")
    return fitting_jpeg(image)


def write(folder: Path) -> list[Path]:
    """Draw all pictures into `folder`, and tell which files these are."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {name: scene().jpeg() for name, scene in SCENES.items()}
    font = next((path for path in FONTS if path.is_file()), None)
    if font is not None:
        content |= {name: poster_bytes(poster, font) for name, poster in POSTERS.items()}
    files = [folder / f"{name}.jpg" for name in content]
    for file, data in zip(files, content.values(), strict=True):
        file.write_bytes(data)
    return files
