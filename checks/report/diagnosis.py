"""《远程诊断报告》 in four parts: 现象, 过程, 结论, 建议 (合同一（一）2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from checks.report.document import Block, Column, Document, Heading, Paragraph, Table


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    good: bool
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    path: str
    status: int  # 0: no answer
    milliseconds: int
    size: int
    error: str
    slow_from: int  # milliseconds

    @property
    def good(self) -> bool:
        return 0 < self.status < 400 and self.milliseconds < self.slow_from


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """All facts of one diagnosis, already redacted; the same ones go to the engineer."""

    ticket: str
    title: str
    symptom: str
    reported: datetime
    consent: str
    consented: datetime
    at: datetime
    versions: tuple[tuple[str, str], ...]
    doctor: tuple[Finding, ...]
    services: tuple[Finding, ...]
    logs: tuple[tuple[str, tuple[str, ...]], ...]
    settings: tuple[tuple[str, str, str], ...]  # key, default, now
    releases: tuple[tuple[str, str, str, bool], ...]  # id, commit, who, whether it is served
    slowest: tuple[Visit, ...]
    issuer: str
    recipient: str

    @property
    def bad(self) -> tuple[Finding, ...]:
        return tuple(row for row in (*self.doctor, *self.services) if not row.good)

    @property
    def slow(self) -> tuple[Visit, ...]:
        return tuple(row for row in self.slowest if not row.good)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(log, the last line that tells of an error)."""
        marked = [(name, [line for line in lines if _is_error(line)]) for name, lines in self.logs]
        return [(name, lines[-1]) for name, lines in marked if lines]


def _is_error(line: str) -> bool:
    return any(word in line for word in ("ERROR", "CRITICAL", "Error", "Exception", "错误", "出错"))


def compose(diagnosis: Diagnosis) -> Document:
    return Document(
        title="远程诊断报告",
        issuer=diagnosis.issuer,
        recipient=diagnosis.recipient,
        dated=diagnosis.at.date(),
        blocks=(
            *_symptom(diagnosis),
            *_course(diagnosis),
            *_conclusion(diagnosis),
            *_advice(diagnosis),
            Paragraph("注：报告与附件中的个人信息、口令、密钥等已隐去。", "note"),
        ),
        annex=tuple(_annex(diagnosis)),
    )


def _symptom(diagnosis: Diagnosis) -> list[Block]:
    return [
        Heading(1, "现象"),
        Paragraph(f"工单 {diagnosis.ticket}，{diagnosis.reported:%Y-%m-%d %H:%M} 提出：{diagnosis.title}。"),
        Paragraph(diagnosis.symptom),
    ]


def _course(diagnosis: Diagnosis) -> list[Block]:
    return [
        Heading(1, "过程"),
        Paragraph(
            f"{diagnosis.consented:%Y-%m-%d %H:%M} 经 {diagnosis.consent} 同意远程诊断；"
            f"{diagnosis.at:%Y-%m-%d %H:%M} 在服务器上收集版本、自检、服务应答、日志、配置、发布记录和页面用时。"
        ),
        _looked_at("服务应答", diagnosis.services),
        _looked_at("自检", diagnosis.doctor),
        Table(
            "最慢的页面",
            (Column("页面", 6), Column("状态", 2), Column("毫秒", 2, number=True), Column("字节", 2, number=True)),
            tuple((row.path, _status(row), f"{row.milliseconds}", f"{row.size}") for row in diagnosis.slowest),
            marks=tuple("good" if row.good else "bad" for row in diagnosis.slowest),
        ),
        Table(
            "最近的发布",
            (Column("版本", 4), Column("提交", 3), Column("发布人", 3), Column("在用", 1)),
            tuple((name, commit, who, "是" if served else "") for name, commit, who, served in diagnosis.releases),
        ),
    ]  # fmt: skip


def _status(row: Visit) -> str:
    return f"{row.status}" if row.status else f"没有应答（{row.error}）"


def _looked_at(title: str, rows: tuple[Finding, ...]) -> Table:
    return Table(
        title,
        (Column("项目", 3), Column("结果", 2), Column("情况", 7)),
        tuple((row.name, "正常" if row.good else "异常", row.detail) for row in rows),
        marks=tuple("good" if row.good else "bad" for row in rows),
    )


def _conclusion(diagnosis: Diagnosis) -> list[Block]:
    told = []
    if diagnosis.bad:
        told.append(f"异常 {len(diagnosis.bad)} 项：{'、'.join(row.name for row in diagnosis.bad)}")
    if diagnosis.slow:
        told.append(f"{len(diagnosis.slow)} 个页面打不开或超过 {diagnosis.slow[0].slow_from} 毫秒")
    if diagnosis.errors:
        told.append(f"{len(diagnosis.errors)} 个日志里有错误")
    verdict = "；".join(told) if told else "自检、服务应答、页面用时和日志都没有发现异常"
    return [
        Heading(1, "结论"),
        Paragraph(f"{verdict}。", "verdict"),
        *(Paragraph(f"{name} 最近的错误：{line}") for name, line in diagnosis.errors),
    ]


def _advice(diagnosis: Diagnosis) -> list[Block]:
    rows = [(row.name, row.advice) for row in diagnosis.bad if row.advice]
    rows += [(f"页面 {row.path}", _page_advice(row)) for row in diagnosis.slow]
    rows += [(name, "把这个日志交给维护人员分析") for name, _ in diagnosis.errors]
    table = Table("建议", (Column("项目", 4), Column("办法", 8)), tuple(rows), empty="继续观察，暂不需要处理")
    return [Heading(1, "建议"), table]


def _page_advice(row: Visit) -> str:
    if row.status == 0:
        return "先恢复服务应答，再复查"
    return "检查这个地址是否已发布" if row.status >= 400 else "查看服务器负载与页面大小"


def _annex(diagnosis: Diagnosis) -> Iterator[Table]:
    yield Table("版本", (Column("软件", 3), Column("版本", 5)), diagnosis.versions)
    yield Table(
        "与默认不同的配置", (Column("配置", 4), Column("默认", 4), Column("现在", 8)), diagnosis.settings
    )
    lines = tuple((name, line) for name, rows in diagnosis.logs for line in rows)
    yield Table("日志末尾", (Column("文件", 4), Column("内容", 12)), lines)
