"""An outcome in the shapes that people and other tools read."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from checks.engine import Outcome
from checks.finding import Finding, Severity
from checks.rules import BY_ID

NAMES = {Severity.VETO: "否决", Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.INFO: "提示"}


def text(outcome: Outcome) -> str:
    rows = []
    for finding in outcome.findings:
        rows.append(f"{finding.place}: {NAMES[finding.severity]} {finding.message} [{finding.rule}]")
        if finding.suggestion:
            rows.append(f"    建议：{finding.suggestion}")
    rows += [f"未能检查 {rule}：{reason}" for rule, reason in outcome.unchecked]
    return "".join(f"{row}\n" for row in rows)


def as_json(outcome: Outcome) -> str:
    data = {
        "version": 1,
        "checked": {"sources": outcome.sources, "pages": outcome.pages},
        "unchecked": [{"rule": rule, "reason": reason} for rule, reason in outcome.unchecked],
        "findings": [_flat(finding) for finding in outcome.findings],
    }
    return _dump(data)


def _flat(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "text": finding.text,
        "message": finding.message,
        "suggestion": finding.suggestion,
        "clause": finding.clause,
        "fingerprint": finding.fingerprint,
        "fixable": finding.fixable,
    }


def github(outcome: Outcome) -> str:
    """Workflow commands: shown beside the line in a pull request."""
    kinds = {
        Severity.VETO: "error",
        Severity.ERROR: "error",
        Severity.WARNING: "warning",
        Severity.INFO: "notice",
    }
    rows = []
    for finding in outcome.findings:
        place = finding.place
        where = {"file": place.path}
        if place.line:
            where |= {"line": f"{place.line}", "endLine": f"{place.end_line}"}
            if place.line == place.end_line:  # columns are refused for spans over several lines
                where |= {"col": f"{place.column}", "endColumn": f"{place.end_column}"}
        where["title"] = f"{NAMES[finding.severity]} {finding.rule}"
        properties = ",".join(f"{key}={_github_property(value)}" for key, value in where.items())
        rows.append(f"::{kinds[finding.severity]} {properties}::{_github_text(_said(finding))}")
    rows += [f"::warning title=未能检查 {rule}::{_github_text(reason)}" for rule, reason in outcome.unchecked]
    return "".join(f"{row}\n" for row in rows)


def _github_text(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(value: str) -> str:
    return _github_text(value).replace(":", "%3A").replace(",", "%2C")


def gitlab(outcome: Outcome) -> str:
    """Code Quality report."""
    grades = {
        Severity.VETO: "blocker",
        Severity.ERROR: "major",
        Severity.WARNING: "minor",
        Severity.INFO: "info",
    }
    return _dump(
        [
            {
                "description": _said(finding),
                "check_name": finding.rule,
                "fingerprint": finding.fingerprint,
                "severity": grades[finding.severity],
                "location": {"path": finding.place.path, "lines": {"begin": max(1, finding.place.line)}},
            }
            for finding in outcome.findings
        ]
    )


def junit(outcome: Outcome) -> str:
    """One test case a rule; what blocks a publish is its failure, the rest its output."""
    cases, failures = [], 0
    for rule in sorted(outcome.rules):
        found = [finding for finding in outcome.findings if finding.rule == rule]
        blocking = [finding for finding in found if finding.severity.blocks]
        rest = [finding for finding in found if not finding.severity.blocks]
        inner = ""
        if blocking:
            failures += 1
            told = "\n".join(f"{finding.place}: {_said(finding)}" for finding in blocking)
            inner += f"<failure message={quoteattr(f'{len(blocking)} 个问题')}>{_xml(told)}</failure>"
        if rest:
            told = "\n".join(f"{finding.place}: {_said(finding)}" for finding in rest)
            inner += f"<system-out>{_xml(told)}</system-out>"
        cases.append(f'<testcase classname="portal.check" name={quoteattr(rule)}>{inner}</testcase>')
    for rule, reason in outcome.unchecked:
        name = quoteattr(f"{rule} 未能检查")
        cases.append(
            f'<testcase classname="portal.check" name={name}><skipped message={quoteattr(reason)}/></testcase>'
        )
    head = f'<testsuite name="portal check" tests="{len(cases)}" failures="{failures}" skipped="{len(outcome.unchecked)}">'
    body = "\n".join(cases)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>{head}\n{body}\n</testsuite></testsuites>\n'


def _xml(value: str) -> str:
    return escape("".join(char for char in value if char in "\n\t" or char >= " "))


def sarif(outcome: Outcome) -> str:
    levels = {
        Severity.VETO: "error",
        Severity.ERROR: "error",
        Severity.WARNING: "warning",
        Severity.INFO: "note",
    }
    rules = [
        {
            "id": rule,
            "shortDescription": {"text": _title(rule)},
            "fullDescription": {"text": (BY_ID[rule].__doc__ or "").strip()},
        }
        for rule in sorted(outcome.rules)
    ]
    results = [
        {
            "ruleId": finding.rule,
            "level": levels[finding.severity],
            "message": {"text": _said(finding)},
            "partialFingerprints": {"portal/v1": finding.fingerprint},
            "locations": [{"physicalLocation": _sarif_place(finding)}],
        }
        for finding in outcome.findings
    ]
    run = {
        "tool": {"driver": {"name": "portal check", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return _dump({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _sarif_place(finding: Finding) -> dict[str, Any]:
    place = finding.place
    where: dict[str, Any] = {"artifactLocation": {"uri": place.path}}
    if place.line:
        where["region"] = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
    return where


def rdjson(outcome: Outcome) -> str:
    """Reviewdog's Diagnostic Format."""
    grades = {
        Severity.VETO: "ERROR",
        Severity.ERROR: "ERROR",
        Severity.WARNING: "WARNING",
        Severity.INFO: "INFO",
    }
    rows = []
    for finding in outcome.findings:
        place = finding.place
        where: dict[str, Any] = {"path": place.path}
        if place.line:
            where["range"] = {
                "start": {"line": place.line, "column": place.column},
                "end": {"line": place.end_line, "column": place.end_column},
            }
        rows.append(
            {
                "message": _said(finding),
                "location": where,
                "severity": grades[finding.severity],
                "code": {"value": finding.rule},
            }
        )
    return _dump({"source": {"name": "portal check"}, "diagnostics": rows})


def markdown(outcome: Outcome) -> str:
    """For a comment under a merge request."""
    if not outcome.findings and not outcome.unchecked:
        return f"检查通过：{outcome.sources} 个文件，{outcome.pages} 个页面。\n"
    rows = ["| 级别 | 位置 | 问题 | 建议 | 规则 |", "|---|---|---|---|---|"]
    for finding in outcome.findings:
        cells = (
            NAMES[finding.severity],
            f"{finding.place}",
            finding.message,
            finding.suggestion,
            finding.rule,
        )
        rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    rows += [""] * bool(outcome.unchecked)
    rows += [f"- 未能检查 {_cell(rule)}：{_cell(reason)}" for rule, reason in outcome.unchecked]
    return "\n".join(rows) + "\n"


def _cell(value: str) -> str:
    return value.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _said(finding: Finding) -> str:
    return f"{finding.message}。建议：{finding.suggestion}" if finding.suggestion else finding.message


def _title(rule: str) -> str:
    return (BY_ID[rule].__doc__ or "").strip().splitlines()[0]


def _dump(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Outcome], str]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
    "sarif": sarif,
    "rdjson": rdjson,
    "markdown": markdown,
}
