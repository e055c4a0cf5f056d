"""What a local adjustment names must be there: an article, a picture, articles with pictures to turn over."""

from collections.abc import Iterable, Iterator

from bureau.adjustments import Adjustment, Change
from bureau.errors import ConfigError
from plugins.press.catalog import Catalog


def errors(rows: Iterable[Adjustment], catalog: Catalog) -> Iterator[ConfigError]:
    """Of those that stand today or will stand, so that the day on which one begins brings no surprise."""
    for row in rows:
        if row.effective_until is not None and row.effective_until < catalog.today:
            continue
        for change in row.changes:
            if problem := _problem(change, catalog):
                yield ConfigError(row.path, problem, change.line)


def _problem(change: Change, catalog: Catalog) -> str:
    if change.article and change.article not in catalog.by_id:
        return f"没有编号为 {change.article} 的稿件"
    if change.image and change.image[1:] not in catalog.assets:
        return f"找不到图片 {change.image}，请把它放到 content{change.image}"
    if change.animation == "carousel":
        channel = catalog.channels[catalog.standing.moved.get(change.channel, change.channel)]
        if not catalog.pictured(channel):
            return f"栏目 {change.channel} 最近的稿件都没有图片，轮播没有内容"
    return ""
