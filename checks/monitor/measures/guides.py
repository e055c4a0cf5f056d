"""Service guides: the ten elements, their materials, their legal basis, their forms (V6, D10–D15, B05, C8)."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bureau.front_matter import MATERIAL_FORMS, MATERIAL_MEDIA, SERVICE_ELEMENTS
from checks.monitor.counting import SHOWN, Measure, count, whether
from checks.monitor.evidence import Article, Evidence
from checks.rules.vague_guide import TOLD, VAGUE, texts
from checks.scoring import Counted

SAMPLE, FORM_SAMPLE, BASIS_SAMPLE = 5, 2, 2
POOR = 4  # V6.2: that many kinds of elements missing
EIGHT = tuple(key for key in SERVICE_ELEMENTS if key not in ("org", "fee"))  # census C8
ASKS_FOR_A_FORM = re.compile(r"申请表|申请书|登记表|备案表|表格|样表")


def guides(evidence: Evidence) -> list[Article]:
    return [
        row for row in evidence.articles_by_kind.get("service", ()) if row.service or "service" in row.head
    ]


def missing(guide: Article, keys: Sequence[str] = tuple(SERVICE_ELEMENTS)) -> list[str]:
    return [SERVICE_ELEMENTS[key] for key in keys if guide.service.get(key) in (None, "", [], {})]


def no_services(evidence: Evidence) -> Measure:
    return whether(not guides(evidence), "没有办事指南")


def poor_guides(evidence: Evidence) -> Measure:
    return count(
        f"{row.source} 缺 {'、'.join(gone)}" for row in guides(evidence) if len(gone := missing(row)) >= POOR
    )


def all_guides_poor(evidence: Evidence) -> Measure:
    rows = guides(evidence)
    poor = [row for row in rows if len(missing(row)) >= POOR]
    return whether(0 < len(rows) < SAMPLE and len(poor) == len(rows), *(row.source for row in poor))


def guides_unclassified(evidence: Evidence) -> Measure:
    """D10: shown together by at least one dimension, here the theme."""
    rows = guides(evidence)
    themes = {row.service.get("theme") for row in rows if row.service.get("theme")}
    return whether(not rows or len(themes) < 2, "办事指南没有按主题分类")


def services_without_guide(evidence: Evidence) -> Measure:
    return count(f"{row.source} 没有指南内容" for row in guides(evidence)[:SAMPLE] if not row.service)


def guide_elements_missing(evidence: Evidence) -> Measure:
    return _elements_missing(evidence, tuple(SERVICE_ELEMENTS))


def guide_elements_missing_8(evidence: Evidence) -> Measure:
    return _elements_missing(evidence, EIGHT)


def _elements_missing(evidence: Evidence, keys: Sequence[str]) -> Measure:
    rows = [(guide, missing(guide, keys)) for guide in guides(evidence)[:SAMPLE]]
    shown = tuple(f"{guide.source} 缺 {'、'.join(gone)}" for guide, gone in rows if gone)
    return Counted(Decimal(sum(len(gone) for _, gone in rows)), shown[:SHOWN])


def guides_with_unclear_materials(evidence: Evidence) -> Measure:
    return count(
        f"{row.source}：{unclear}" for row in guides(evidence)[:SAMPLE] if (unclear := _unclear_material(row))
    )


def _unclear_material(guide: Article) -> str:
    for row in _materials(guide):
        if (
            row.get("form") not in MATERIAL_FORMS
            or row.get("medium") not in MATERIAL_MEDIA
            or not str(row.get("copies", "")).isdigit()
        ):
            return f"材料“{row.get('name', '')}”没有写明原件或复印件、纸质或电子、份数"
    return ""


def _materials(guide: Article) -> list[dict[str, Any]]:
    value = guide.service.get("materials")
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def guides_with_vague_wording(evidence: Evidence) -> Measure:
    return count(
        f"{row.source}：{found[0]}"
        for row in guides(evidence)[:SAMPLE]
        if (found := VAGUE.search(_wording(row)))
    )


def _wording(guide: Article) -> str:
    return "\n".join(texts([guide.service.get(key) for key in TOLD]))


def guides_with_unlinked_basis(evidence: Evidence) -> Measure:
    """D13: a legal basis that names a document and leads nowhere."""
    return count(
        f"{row.source}：{bare}" for row in guides(evidence)[:SAMPLE] if (bare := _unlinked_basis(row))
    )


def _basis(guide: Article) -> list[dict[str, Any]]:
    value = guide.service.get("legal_basis")
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _unlinked_basis(guide: Article) -> str:
    return next((str(row.get("title", "")) for row in _basis(guide) if not row.get("url")), "")


def guides_without_forms(evidence: Evidence) -> Measure:
    asking = [row for row in guides(evidence) if ASKS_FOR_A_FORM.search(_wording(row))][:FORM_SAMPLE]
    return count(f"{row.source} 要求表格，没有下载" for row in asking if not _offers_a_form(row))


def _offers_a_form(guide: Article) -> bool:
    templates = any(row.get("template") or row.get("template_url") for row in _materials(guide))
    return templates or bool(guide.head.get("attachments")) or "](/files/" in guide.body


def basis_linked_to_own_library(evidence: Evidence) -> Measure:
    """B05: of two services, whether all bases lead into this site's own documents."""
    own = {row.url for row in evidence.articles_by_kind.get("policy", ())}
    rows = [row for row in guides(evidence) if _basis(row)][:BASIS_SAMPLE]
    linked = [row.title for row in rows if all(basis.get("url") in own for basis in _basis(row))]
    return whether(len(linked) == BASIS_SAMPLE, *linked)
