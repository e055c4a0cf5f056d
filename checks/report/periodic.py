"""《网站监测月报》 and 《网站监测季报》: composed from a snapshot and the findings' lives, nothing else.

Verdict first; then vetoes with value, threshold and margin; both scores; problems by responsible unit;
evidence in the annex. The same snapshot and history give the same document.
"""

from bureau.workdays import ZONE
from checks.report import activity, annex, problems, verdicts
from checks.report.document import Document, chinese
from checks.report.material import Material


def compose(material: Material) -> Document:
    snapshot, scores = material.snapshot, material.scores
    return Document(
        title=title(snapshot.period),
        issuer=material.issuer,
        recipient=material.recipient,
        dated=snapshot.at.astimezone(ZONE).date(),
        blocks=(
            *verdicts.conclusion(material, scores),
            *verdicts.vetoes(scores, snapshot),
            *verdicts.details(scores),
            *problems.problems(material),
            *activity.freshness(snapshot),
            *activity.departments(snapshot),
            *activity.letters(snapshot),
            *activity.availability(snapshot),
            *problems.corrections(material),
            *activity.services(snapshot),
            *activity.execution(snapshot),
            *problems.trend(material),
            *verdicts.footnotes(scores),
        ),
        annex=tuple(annex.tables(material, scores)),
    )


def title(period: str) -> str:
    """`2026-11` is a month, `2026Q4` a quarter."""
    if "Q" in period:
        year, _, quarter = period.partition("Q")
        return f"网站监测季报（{year}年第{chinese(int(quarter))}季度）"
    year, _, month = period.partition("-")
    return f"网站监测月报（{year}年{int(month)}月）"


def explain(material: Material, indicator: str) -> list[str]:
    return verdicts.explain(material.tables, material.snapshot, indicator)
