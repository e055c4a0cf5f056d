"""What keeps the office running: people, the roster, the year's holidays, notices that failed."""

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bureau.workdays import Year, spans
from mailbox_api.errors import Conflict, Invalid, NotFound
from mailbox_api.letter import Letter, clean, read_mobile
from mailbox_api.service import login as signing_in
from mailbox_api.service.monthly import Month
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import ROLES, require
from mailbox_api.service.seen import require as require_seen
from mailbox_api.store import audit, letters, outbox, people, years
from mailbox_api.store.people import Staff

LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")


def add_staff(
    mailbox: Mailbox,
    by: str,
    *,
    login: str,
    name: str,
    roles: Sequence[str],
    department: str = "",
    mobile: str = "",
    wechat: str = "",
) -> str:
    """The new person's password, which is shown once."""
    person = _read(
        mailbox, login=login, name=name, roles=roles, department=department, mobile=mobile, wechat=wechat
    )
    password = secrets.token_urlsafe(12)
    hashed, now = signing_in.hash_password(password), mailbox.clock()
    with mailbox.database.write() as connection:
        if people.find(connection, mailbox.keys, login) is not None:
            raise Conflict(f"已经有登录名 {login}")
        people.add(connection, mailbox.keys, person, hashed, now)
        audit.record(
            connection, now, by, "staff.add", login, {"roles": sorted(roles), "department": department}
        )
    return password


def _read(
    mailbox: Mailbox,
    *,
    login: str,
    name: str,
    roles: Sequence[str],
    department: str,
    mobile: str,
    wechat: str,
) -> Staff:
    problems = {}
    if not LOGIN.fullmatch(login):
        problems["login"] = "登录名用小写字母开头，2到32个小写字母、数字、点、横线"
    if not 2 <= len(name.strip()) <= 30:
        problems["name"] = "姓名应为2到30个字"
    if not roles or not set(roles) <= ROLES.keys():
        problems["roles"] = f"角色应为：{'、'.join(f'{key}（{text}）' for key, text in ROLES.items())}"
    if department and department not in mailbox.departments:
        problems["department"] = f"没有处室 {department}"
    number = read_mobile(mobile) if mobile else ""
    if number is None:
        problems["mobile"] = "手机号应为11位的中国大陆手机号码"
    if problems:
        raise Invalid(problems)
    return Staff(
        login=login,
        name=name.strip(),
        department=department,
        roles=frozenset(roles),
        mobile=number or "",
        wechat=wechat or login,
        active=True,
        totp_confirmed=False,
    )


def change_staff(
    mailbox: Mailbox,
    by: str,
    *,
    login: str,
    name: str,
    roles: Sequence[str],
    department: str,
    mobile: str,
    wechat: str,
    active: bool,
    seen: str | None = None,
) -> None:
    """An empty mobile keeps the old one. Whoever changes people cannot lock out themselves."""
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        before = people.get(connection, mailbox.keys, login)
        require_seen(before, seen)
        person = _read(
            mailbox,
            login=login,
            name=name,
            roles=roles,
            department=department,
            mobile=mobile or before.mobile,
            wechat=wechat,
        )
        if login == by and not (active and person.has("admin")):
            raise Conflict("不能停用自己，也不能去掉自己的管理员角色")
        people.save(connection, mailbox.keys, replace(person, active=active))
        people.end_sessions(connection, login)
        facts = {"roles": sorted(roles), "department": department, "active": active}
        audit.record(connection, now, by, "staff.change", login, facts)


def reset(mailbox: Mailbox, by: str, login: str) -> str:
    """A new password; TOTP must be set up again."""
    password = secrets.token_urlsafe(12)
    hashed, now = signing_in.hash_password(password), mailbox.clock()
    with mailbox.database.write() as connection:
        people.get(connection, mailbox.keys, login)
        people.set_password(connection, login, hashed)
        people.set_totp(connection, mailbox.keys, login, "")
        people.set_recovery_codes(connection, login, [])
        people.end_sessions(connection, login)
        audit.record(connection, now, by, "staff.reset", login)
    return password


def listing(mailbox: Mailbox) -> Iterator[str]:
    with mailbox.database.read() as connection:
        rows = people.everyone(connection, mailbox.keys)
    for person in rows:
        roles = "、".join(text for key, text in ROLES.items() if key in person.roles)
        state = "" if person.active else "（停用）"
        yield f"{person.login}  {person.name}{state}  {mailbox.department(person.department)}  {roles}"


def resend(mailbox: Mailbox, by: Staff, notice: int) -> None:
    """Send a notice that was given up again."""
    require(by, "notices.resend")
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        if not outbox.resend(connection, notice, now):
            raise Conflict("只有“未送达”的通知可以重发")
        audit.record(connection, now, by.login, "notices.resend", "", {"notice": notice})
    mailbox.wake.set()


def add_duty(mailbox: Mailbox, by: Staff, login: str, first: date, last: date) -> None:
    require(by, "roster.change")
    if not first <= last <= first + timedelta(days=366):
        raise Invalid({"last": "结束日期应不早于开始日期，且不超过一年"})
    with mailbox.database.write() as connection:
        person = people.find(connection, mailbox.keys, login)
        if person is None or not person.active or not person.has("registrar", "admin"):
            raise Invalid({"login": "值班人应是在岗的受理员或管理员"})
        people.add_duty(connection, login, first, last)
        facts = {"add": login, "first": first, "last": last}
        audit.record(connection, mailbox.clock(), by.login, "roster.change", login, facts)


def remove_duty(mailbox: Mailbox, by: Staff, duty: int) -> None:
    require(by, "roster.change")
    with mailbox.database.write() as connection:
        if not people.remove_duty(connection, duty):
            raise NotFound("没有这条值班安排")
        audit.record(connection, mailbox.clock(), by.login, "roster.change", "", {"remove": duty})


def enter_year(mailbox: Mailbox, by: Staff, number: int, off: str, on: str, source: str) -> None:
    """The State Council's arrangement of a year; due dates counted without it are settled by the next sweep."""
    require(by, "years.change")
    if not 2026 <= number <= 2100:
        raise Invalid({"year": "年份应在2026到2100之间"})
    try:
        year = Year(frozenset(spans(off.split())), frozenset(spans(on.split())), clean(source))
    except ValueError as error:
        raise Invalid(
            {"off": f"日期应写成 2027-01-01 或 2027-01-01..2027-01-03，用空格分开：{error}"}
        ) from error
    if strange := sorted(day for day in year.off | year.on if day.year != number):
        raise Invalid({"off": f"{strange[0]} 不是 {number} 年的日子"})
    if year.off & year.on or not year.off or len(year.source) < 4:
        raise Invalid({"source": "放假日不能空，不能与上班日重复，并请写明通知名称"})
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        years.enter(connection, number, year, by.login, now)
        mailbox.calendars.refresh(connection)
        facts = {"off": len(year.off), "on": len(year.on), "source": year.source}
        audit.record(connection, now, by.login, "years.change", str(number), facts)


def export(mailbox: Mailbox, by: Staff, month: Month) -> list[Letter]:
    """The letters received in a month, without personal data; who exported how many is kept."""
    require(by, "statistics.export")
    with mailbox.database.write() as connection:
        rows = letters.received_between(connection, month.start, month.end)
        facts = {"month": str(month), "rows": len(rows)}
        audit.record(connection, mailbox.clock(), by.login, "statistics.export", "", facts)
    return rows
