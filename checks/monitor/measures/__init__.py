"""Every measure that the two tables ask for: a name and the function that counts it from the evidence.

A measure states a fact; what it costs stands in checks/data/*.toml. To add one: a function, its line
here, its name in a table.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from checks.monitor.counting import Measure, number
from checks.monitor.evidence import Evidence
from checks.monitor.measures import documents, found, freshness, guides, identity, interaction, live
from checks.scoring import Unjudged

MANUAL = "manual:"

MEASURES: Mapping[str, Callable[[Evidence], Measure]] = {
    "grave-wording": found.grave_wording,
    "secrecy-mark": found.secrecy_mark,
    "harmful-content": found.harmful_content,
    "tampering": found.tampering,
    "forged-date": found.forged_date,
    "dead-links-home": found.dead_links_home,
    "dead-links-other": found.dead_links_other,
    "broken-attachments": found.broken_attachments,
    "home-unreachable-percent": live.home_unreachable_percent,
    "home-unreachable-whole-percent": live.home_unreachable_whole_percent,
    "no-online-service-entry": partial(live.from_live, key="no-online-service-entry"),
    "online-systems-down": partial(live.from_live, key="online-systems-down"),
    "no-ipv6": partial(live.from_live, key="no-ipv6"),
    "no-search": live.no_search,
    "titles-not-found": live.titles_not_found,
    "results-ungrouped": live.results_ungrouped,
    "fuzzy-search": live.fuzzy_search,
    "search-as-service": live.search_as_service,
    "home-stale": freshness.home_stale,
    "home-updates-below-10": freshness.home_updates_below_10,
    "stale-key-channels": freshness.stale_key_channels,
    "stale-key-channels-any-level": freshness.stale_key_channels_any_level,
    "stale-channels": freshness.stale_channels,
    "stale-news-channels": freshness.stale_news_channels,
    "stale-notice-policy-channels": freshness.stale_notice_policy_channels,
    "stale-personnel-plan-channels": freshness.stale_personnel_plan_channels,
    "other-stale-channels": freshness.other_stale_channels,
    "empty-channels": freshness.empty_channels,
    "other-empty-channels": freshness.other_empty_channels,
    "no-overview-channel": partial(freshness.no_channel, type_label="概况信息"),
    "no-functions-channel": partial(freshness.no_channel, type_label="机构职能"),
    "no-leaders-channel": partial(freshness.no_channel, type_label="负责人信息"),
    "no-news-channel": partial(freshness.no_channel, kind="news"),
    "no-policy-channel": partial(freshness.no_channel, kind="policy"),
    "no-interpretation-channel": partial(freshness.no_channel, kind="interpretation"),
    "no-service-statistics": partial(freshness.no_channel, kind="service-statistics"),
    "news-stale": partial(freshness.all_stale, kind="news", days=freshness.NEWS_DAYS),
    "policy-stale": partial(freshness.all_stale, kind="policy", days=freshness.HALF_YEAR),
    "interpretation-stale": partial(freshness.all_stale, kind="interpretation", days=freshness.HALF_YEAR),
    "service-statistics-stale-1-month": partial(freshness.all_stale, kind="service-statistics", days=31),
    "service-statistics-stale-3-months": partial(freshness.all_stale, kind="service-statistics", days=92),
    "data-updated-in-3-months": partial(freshness.updated_between, kind="statistics", newer=0, older=92),
    "data-updated-in-3-to-6-months": partial(freshness.updated_between, kind="statistics", newer=93, older=183),
    "functions-missing-fields": identity.functions_missing_fields,
    "documents-without-interpretation": documents.documents_without_interpretation,
    "interpretation-without-document-link": documents.interpretation_without_document_link,
    "document-without-interpretation-link": documents.document_without_interpretation_link,
    "rich-interpretations": documents.rich_interpretations,
    "data-charts-in-6-months": documents.data_charts_in_6_months,
    "data-downloads": documents.data_downloads,
    "no-services": guides.no_services,
    "poor-guides": guides.poor_guides,
    "all-guides-poor": guides.all_guides_poor,
    "guides-unclassified": guides.guides_unclassified,
    "services-without-guide": guides.services_without_guide,
    "guide-elements-missing": guides.guide_elements_missing,
    "guide-elements-missing-8": guides.guide_elements_missing_8,
    "guides-with-unclear-materials": guides.guides_with_unclear_materials,
    "guides-with-vague-wording": guides.guides_with_vague_wording,
    "guides-with-unlinked-basis": guides.guides_with_unlinked_basis,
    "guides-without-forms": guides.guides_without_forms,
    "basis-linked-to-own-library": guides.basis_linked_to_own_library,
    "irregular-domain": identity.irregular_domain,
    "irregular-site-name": identity.irregular_site_name,
    "header-without-site-name": identity.header_without_site_name,
    "missing-footer-marks": identity.missing_footer_marks,
    "no-error-report-home": identity.no_error_report_home,
    "no-error-report-other": identity.no_error_report_other,
    "articles-missing-labels": identity.articles_missing_labels,
    "channels-missing-labels": identity.channels_missing_labels,
    "no-consult-entry": interaction.no_consult_entry,
    "letters-unanswered-3-months": partial(interaction.from_mailbox, key="unanswered_over_3_months"),
    "consultations-unanswered-3-months": partial(
        interaction.from_mailbox, key="consultations_unanswered_over_3_months"
    ),
    "consultations-late-5-workdays": partial(interaction.from_mailbox, key="consultations_late_5_workdays"),
    "consultation-answered-in-1-workday": partial(
        interaction.from_mailbox, key="probe_answered_in_1_workday"
    ),
    "no-letters-in-a-year": partial(interaction.from_mailbox, key="no_letters_in_a_year"),
    "no-published-letters": interaction.no_published_letters,
    "published-letters-missing-fields": interaction.published_letters_missing_fields,
    "published-letters-stale": interaction.published_letters_stale,
    "no-letter-statistics": interaction.no_letter_statistics,
    "error-reports-late": interaction.error_reports_late,
    "no-consultation-channel": interaction.no_consultation_channel,
    "no-consultations-in-a-year": interaction.no_consultations_in_a_year,
    "few-consultations-in-a-year": interaction.few_consultations_in_a_year,
    "six-consultations-a-year": interaction.six_consultations_a_year,
    "all-consultations-fed-back": interaction.all_consultations_fed_back,
    "no-interviews-in-a-year": interaction.no_interviews_in_a_year,
    "few-interviews-in-a-year": interaction.few_interviews_in_a_year,
}  # fmt: skip


def measure(evidence: Evidence, names: Iterable[str]) -> dict[str, Measure]:
    """The measures a table asks for. A name nobody counts is a mistake in the table and raises KeyError."""
    return {name: _measure(evidence, name) for name in names}


def _measure(evidence: Evidence, name: str) -> Measure:
    if not name.startswith(MANUAL):
        return MEASURES[name](evidence)
    line = evidence.checklist.get(name.removeprefix(MANUAL))
    if line is None:
        return Unjudged("人工清单里没有填写")
    return number(line.count, f"{line.by}，{line.on}" + (f"：{line.note}" if line.note else ""))
