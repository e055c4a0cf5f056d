"""Charts as our own SVG: real text, no script, the same bytes for the same numbers."""

from collections.abc import Sequence
from html import escape
from math import floor, log10

from checks.report.document import Chart

WIDTH = 640
INK, SOFT, LINE = "#1f2937", "#6b7280", "#d1d5db"
SERIES = ("#0b5394", "#b45309", "#2f6b3a")
STATES = {"good": "#2f6b3a", "warning": "#b45309", "bad": "#a61b1b", "": "#9ca3af"}
FONT = "font-family=\"'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif\""


def _text(x: float, y: float, words: str, *, size: int = 12, fill: str = INK, anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{fill}" text-anchor="{anchor}">{escape(words)}</text>'


def _chart(title: str, description: str, height: int, parts: Sequence[str]) -> Chart:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" {FONT}>'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(parts)}</svg>"
    )
    return Chart(title=title, description=description, svg=svg, width=WIDTH, height=height)


def bars(title: str, rows: Sequence[tuple[str, float]], *, unit: str = "") -> Chart:
    """One horizontal bar a row, its value at the end."""
    step, left, room = 26, 180, WIDTH - 180 - 70
    top = max((value for _, value in rows), default=0) or 1
    parts = []
    for index, (name, value) in enumerate(rows):
        y, length = 8 + index * step, room * value / top
        parts.append(_text(left - 8, y + 14, name, anchor="end"))
        parts.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="18" fill="{SERIES[0]}"/>')
        parts.append(_text(left + length + 6, y + 14, f"{value:g}{unit}", fill=SOFT))
    words = "，".join(f"{name} {value:g}{unit}" for name, value in rows) or "没有数据"
    return _chart(title, words, 16 + step * max(len(rows), 1), parts)


def lines(title: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]]) -> Chart:
    """Trends over the same labels; a gap in the data is a gap in the line."""
    height, left, right, top, bottom = 240, 44, 16, 34, 30
    known = [value for _, values in series for value in values if value is not None]
    high = _ceiling(max(known, default=0))
    across = (WIDTH - left - right) / max(len(labels) - 1, 1)

    def place(index: int, value: float) -> tuple[float, float]:
        return left + index * across, top + (height - top - bottom) * (1 - value / high)

    parts = [_axis(left, right, place(0, share * high)[1], share * high) for share in (0, 0.5, 1)]
    parts += [
        _text(left + index * across, height - 10, label, size=11, fill=SOFT, anchor="middle")
        for index, label in enumerate(labels)
    ]
    for number, (name, values) in enumerate(series):
        colour = SERIES[number % len(SERIES)]
        parts.append(_text(left + number * 150, 16, f"— {name}", fill=colour))
        for run in _runs(values):
            points = [place(index, value) for index, value in run]
            if len(points) > 1:
                path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
                parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    words = "；".join(
        f"{name}：" + "，".join(
            f"{label} {'无数据' if value is None else f'{value:g}'}"
            for label, value in zip(labels, values, strict=True)
        )
        for name, values in series
    )  # fmt: skip
    return _chart(title, words or "没有数据", height, parts)


def _ceiling(value: float) -> float:
    """The next round number, whose half is round too, so that the scale reads well."""
    step = 10.0 ** max(floor(log10(value)), 0) if value > 0 else 1.0
    return next(part * step for part in (1, 1.2, 1.6, 2, 4, 6, 8, 10) if part * step >= value)


def _axis(left: int, right: int, y: float, value: float) -> str:
    rule = f'<line x1="{left}" y1="{y:.1f}" x2="{WIDTH - right}" y2="{y:.1f}" stroke="{LINE}"/>'
    return rule + _text(left - 6, y + 4, f"{value:g}", size=11, fill=SOFT, anchor="end")


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((index, value))
    return [run for run in runs if run]


def heat(title: str, rows: Sequence[tuple[str, float, float]]) -> Chart:
    """Days since each channel moved against its limit: (name, days, limit); the limit is the black line."""
    step, left, room = 22, 180, WIDTH - 180 - 90
    parts = [
        f'<line x1="{left + room / 1.5:.1f}" y1="4" x2="{left + room / 1.5:.1f}" y2="{8 + step * len(rows)}" stroke="{INK}"/>'
    ]
    for index, (name, days, limit) in enumerate(rows):
        y, share = 8 + index * step, min(days / limit, 1.5) if limit else 0
        state = "bad" if days > limit else "warning" if days > limit * 0.7 else "good"
        parts.append(_text(left - 8, y + 13, name, anchor="end"))
        parts.append(
            f'<rect x="{left}" y="{y}" width="{max(room * share / 1.5, 1):.1f}" height="16" fill="{STATES[state]}"/>'
        )
        parts.append(_text(left + room + 8, y + 13, f"{days:g}/{limit:g} 天", size=11, fill=SOFT))
    words = "，".join(f"{name} {days:g} 天（期限 {limit:g} 天）" for name, days, limit in rows) or "没有数据"
    return _chart(title, words, 16 + step * max(len(rows), 1), parts)
