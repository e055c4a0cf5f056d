"""What keeps the office running: people, the roster, the year's holidays, notices that failed."""

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailbox_api.errors import Conflict, Invalid
from mailbox_api.letter import read_mobile
from mailbox_api.service import login as signing_in
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import ROLES
from mailbox_api.store import audit, people
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
) -> None:
    """An empty mobile keeps the old one. Whoever changes people cannot lock out themselves."""
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        before = people.get(connection, mailbox.keys, login)
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
