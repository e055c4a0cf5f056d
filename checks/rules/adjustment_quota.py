"""局部调整每个合同年不超过约定的次数。

合同一（一）4：动画、栏目名称、内容页布局等局部调整每年最多 10 次（次数写在 site.toml 的 adjustments_per_year）。
从倒数第三次起提醒；超过的一次不能发布，请改到下一合同年，或删去不再需要的调整申请。

反例  本合同年的第 11 个 content/adjustments/ 文件
正例  本合同年的第 3 个 content/adjustments/ 文件
"""

from collections.abc import Iterator

from bureau.adjustments import WARN_BEFORE_LAST, of_year
from checks.finding import Finding, Place, Severity
from checks.site_view import Site

ID = "adjustment-quota"
CLAUSE = "合同一（一）4"


def check_site(site: Site) -> Iterator[Finding]:
    around = site.around
    quota = around.config.contract.adjustments_per_year
    counted = of_year(around.adjustments, around.config.contract, site.today)
    for place, row in enumerate(sorted(counted, key=lambda row: row.number), 1):
        if place < quota - WARN_BEFORE_LAST:
            continue
        over, left = place > quota, quota - place
        yield Finding(
            rule=ID,
            severity=Severity.ERROR if over else Severity.WARNING,
            place=Place(row.path, 1, 1, 1, 1),
            text=f"{row.number:04}",
            message=f"这是本合同年的第 {place} 次局部调整，合同限 {quota} 次",
            suggestion="改到下一合同年，或删去这个文件"
            if over
            else f"还剩 {left} 次，请留给必要的调整"
            if left
            else "次数已经用完，下一次要等到下一合同年",
            clause=CLAUSE,
        )
