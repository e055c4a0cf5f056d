"""Who may do what in the back office, and that every change leaves one audit row."""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyotp
import pytest
from openpyxl import load_workbook
from starlette.routing import Route
from starlette.testclient import TestClient

from mailbox_api.app import create_app, routes
from mailbox_api.errors import Conflict, Forbidden, Invalid, NotSignedIn, TooMany
from mailbox_api.letter import Status
from mailbox_api.service import citizen, clerk, desk, login, office, publishing
from mailbox_api.service.roles import ACTIONS, ROLES
from mailbox_api.store import audit, outbox
from mailbox_api.web.office import harmless

PASSWORD = "correct horse battery"
REPLY = "已经派人检修，今晚亮灯。谢谢您！"
HERE = "192.0.2.1"
COPIES = {"title": "公交站台夜间照明", "body": "北京路公交站台晚上没有灯，请派人看看。", "reply": REPLY}
PERSON = {"name": "小张", "roles": "handler", "wechat": "hand", "active": "yes"}
OTHERS = {  # sound, but of a page that is older than what stands there now
    "version": "99", "seen": "0123456789abcdef", "text": REPLY, "reason": "court", "days": "5", "department": "bgs",
    "by": "某某", "how": "电话", "held_on": "2026-11-24", "hours": "3", "owner": "contractor", "attendees": "甲",
    "materials": "手册",
}  # fmt: skip
WALKED_ELSEWHERE = ("/staff/tickets/", "/staff/checklist")  # below, and in test_hand_checks.py
UNVERSIONED = ("/reveal", "/attach", "/tickets/new", "/reset")
STAFF = [route for route in routes() if isinstance(route, Route) and route.name in ACTIONS]


VERSIONED = {
    route.path: ACTIONS[route.name]
    for route in STAFF
    if "POST" in (route.methods or ()) and "{" in route.path and not route.path.endswith(UNVERSIONED)
}


class Clerk:
    """Somebody signed in, with the token that forms carry."""

    def __init__(self, client: TestClient, role: str) -> None:
        self.client, self.role = client, role
        answer = client.post("/staff/login", data={"login": role, "password": PASSWORD})
        assert answer.status_code == 303
        self.cookie = {"Cookie": f"staff={answer.cookies['staff']}"}
        client.cookies.clear()
        self.csrf = re.search(r'name="csrf" value="([^"]+)"', self.get("/staff/own").text)[1]  # type: ignore[index]

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=self.cookie)

    def post(self, path: str, **fields: str) -> Any:
        return self.client.post(path, data={"csrf": self.csrf} | fields, headers=self.cookie)


@pytest.fixture
def sign_in(client: TestClient) -> Callable[[str], Clerk]:
    return lambda role: Clerk(client, role)


def filled(path: str, number: str) -> str:
    """A route's path with something in its places."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda place: number if place[1] == "number" else "1", path)


def hidden(page: str, path: str) -> dict[str, str]:
    """What the form with this action carries of what the page showed; two buttons share the form of the draft."""
    action = re.escape(path.replace("submit-draft", "draft"))
    form = re.search(rf'action="{action}">.*?</form>', page, re.S)
    assert form, path
    return dict(re.findall(r'type="hidden" name="(version|seen)" value="([^"]*)"', form[0]))


def rows(mailbox: Any) -> int:
    with mailbox.database.read() as connection:
        return audit.head(connection)[0]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_what_the_table_says_and_nothing_else(
    mailbox: Any, sign_in: Callable[[str], Clerk], send: Any, staff: Any, role: str
) -> None:
    number = send().number
    clerk.accept(
        mailbox, staff["registrar"], number, 1, "ysgl"
    )  # the office of handler, reviewer and publisher
    ticket = desk.open_ticket(
        mailbox, staff["registrar"], kind="fault", title="首页打不开", text="时断时续。"
    )
    desk.attach(mailbox, staff["registrar"], ticket.number, 1, "图.png", b"png")
    who, refused = sign_in(role), 0
    for route in STAFF:
        path = filled(route.path, ticket.number if "/tickets/" in route.path else number)
        if path.endswith(("/attach", "/own/password")):  # an upload; ends the session
            continue
        before = rows(mailbox)
        answer = who.get(path) if "GET" in (route.methods or ()) else who.post(path)
        if role in ACTIONS[route.name]:
            assert answer.status_code < 500, path
            assert answer.status_code != 403, path
        else:
            assert answer.status_code == 403, path
            assert rows(mailbox) == before + 1, path  # the refusal is kept
            refused += 1
    assert refused > 0


def test_every_route_of_the_back_office_stands_in_the_table() -> None:
    named = {route.name for route in routes() if isinstance(route, Route) and route.path.startswith("/staff")}

    assert named - ACTIONS.keys() == {"login_form", "log_in", "log_out"}
    assert ACTIONS.keys() - named == {"ticket.adjustment"}  # `portal desk adjust`


def test_nothing_opens_without_signing_in(client: TestClient) -> None:
    for route in STAFF:
        path = filled(route.path, "2026-000001")
        answer = client.get(path) if "GET" in (route.methods or ()) else client.post(path, data={})
        assert answer.status_code == 401, path


def test_forms_of_other_sites_and_other_sessions_are_refused(
    sign_in: Callable[[str], Clerk], client: TestClient
) -> None:
    who = sign_in("admin")
    foreign = ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"})
    for headers in foreign:
        answer = client.post("/staff/people", data={"csrf": who.csrf}, headers=who.cookie | headers)
        assert answer.status_code == 403
    assert client.post("/staff/people", data={"csrf": "x"}, headers=who.cookie).status_code == 403


# Every button of the back office, in the order of a day: who presses it, where, with what fields.
# {a} … {d} are letters, {again} is {c} once more, {a#} … their numbers.
YEAR = {"year": "2027", "off": "2027-01-01..2027-01-03", "on": "2027-01-09", "source": "放假安排的通知"}
HIRED = {"name": "小张", "roles": "handler", "department": "ysgl"}
DUTY = {"login": "registrar", "first": "2026-12-01", "last": "2026-12-07"}
PRESSES: list[tuple[str, str, dict[str, str]]] = [
    ("registrar", "{a}/reveal", {"reason": "电话核实地点"}),
    ("registrar", "{a}/accept", {"department": "bgs"}),
    ("registrar", "{a}/assign", {"department": "bgs"}),
    ("registrar", "{a}/transfer", {"department": "ysgl", "reason": "属运输管理处职责"}),
    ("handler", "{a}/ask", {"text": "请问是哪个方向的站台？谢谢。"}),
    ("handler", "{a}/draft", {"text": REPLY}),
    ("handler", "{a}/submit-draft", {"text": REPLY}),
    ("reviewer", "{a}/send-back", {"reason": "补充完成时间"}),
    ("handler", "{a}/submit-draft", {"text": REPLY}),
    ("reviewer", "{a}/extend", {"days": "5", "reason": "需要现场勘查"}),
    ("reviewer", "{a}/approve", {}),
    ("handler", "{a}/close", {}),
    ("handler", "{a}/publication/propose", COPIES),
    ("publisher", "{a}/publication/approve", {}),
    ("publisher", "{a}/publication/revoke", {"reason": "来信人要求"}),
    ("registrar", "{b}/decline", {"reason": "court"}),
    ("registrar", "{again}/merge", {"into": "{c#}"}),
    ("registrar", "/staff/roster/add", DUTY),
    ("registrar", "/staff/roster/remove", {"id": "1"}),
    ("admin", "/staff/years", YEAR),
    ("admin", "/staff/people", {"login": "hand"} | HIRED),
    ("admin", "/staff/people/hand", HIRED | {"department": "bgs", "active": "yes", "wechat": "hand"}),
    ("admin", "/staff/people/hand/reset", {}),
    ("registrar", "/staff/statistics/export", {"month": "2026-11", "format": "csv"}),
    ("registrar", "/staff/notices/resend", {"id": "{dead}"}),
    ("admin", "/staff/own/totp", {}),
    ("admin", "/staff/own/totp/confirm", {"code": "{totp}"}),
    ("handler", "/staff/own/password", {"old": PASSWORD, "new": "a much better pass phrase"}),
]


def test_every_change_adds_exactly_one_audit_row(
    mailbox: Any, sign_in: Callable[[str], Clerk], send: Any, clock: Any
) -> None:
    """Each button once; the list of routes itself says which are missing."""
    people = {role: sign_in(role) for role in ("registrar", "handler", "reviewer", "publisher", "admin")}
    numbers = {name: send(mobile=f"1390000000{at}").number for at, name in enumerate("abcd")}
    numbers["again"] = send(mobile="13900000002", content="同一件事情再说一遍，请帮忙处理。").number
    known = {f"{name}#": number for name, number in numbers.items()} | {
        "dead": dead_notice(mailbox, numbers["d"])
    }
    for name, number in numbers.items():
        known[name] = f"/staff/letters/{number}"
        people["registrar"].get(known[name])  # seen
    walked = set()
    for role, place, fields in PRESSES:
        if "{totp}" in fields.values():
            known["totp"] = totp_now(mailbox, "admin", clock())
        path = named(place, known)
        before = rows(mailbox)
        answer = press(people[role], path, {name: named(value, known) for name, value in fields.items()})
        assert answer.status_code in (200, 303), f"{path}: {answer.text[:2000]}"
        assert rows(mailbox) == before + 1, path
        walked.add(re.sub(r"\d{4}-\d{6}", "{number}", path).replace("/hand", "/{login}"))

    mine = {
        route.path
        for route in STAFF
        if "POST" in (route.methods or ()) and not route.path.startswith(WALKED_ELSEWHERE)
    }
    assert mine - walked == set()
    assert audit.verify(mailbox.database).broken_at is None


def named(text: str, known: Mapping[str, str]) -> str:
    """Names in braces are replaced."""
    return re.sub(r"\{([\w#]+)\}", lambda name: known[name[1]], text)


def press(clerk: Clerk, path: str, fields: Mapping[str, str]) -> Any:
    """Send a form as the page shows it, hidden fields included."""
    place = "" if path.endswith("/reset") or path.count("/") < 3 else path.rsplit("/", 1)[0]
    shown = hidden(clerk.get(place).text, path) if re.search("/letters/|/people/", place + "/") else {}
    return clerk.post(path, **shown | {**fields})


def dead_notice(mailbox: Any, number: str) -> str:
    """The id of a notice that could not be delivered."""
    with mailbox.database.write() as connection:
        row = outbox.of_subject(connection, mailbox.keys, "letter", number)[0]
        connection.exec_driver_sql(f"UPDATE outbox SET state = 'dead' WHERE id = {row.id}")
    return str(row.id)


def totp_now(mailbox: Any, who: str, at: datetime) -> str:
    with mailbox.database.read() as connection:
        return pyotp.TOTP(login.people.credentials(connection, mailbox.keys, who).totp).at(at)


def test_every_change_of_a_ticket_adds_exactly_one_audit_row(
    mailbox: Any, sign_in: Callable[[str], Clerk], staff: Any
) -> None:
    people = {role: sign_in(role) for role in ("registrar", "contractor")}
    walked = set()

    def press(role: str, path: str, **fields: str) -> None:
        shown = hidden(people[role].get(path.rsplit("/", 1)[0]).text, path)
        before = rows(mailbox)
        answer = people[role].post(path, **shown | fields)
        assert answer.status_code == 303, f"{path}: {answer.text[:2000]}"
        assert rows(mailbox) == before + 1, path
        walked.add(re.sub(r"GD\d{4}-\d{4}", "{number}", path))

    def opened(kind: str) -> str:
        before = rows(mailbox)
        answer = people["registrar"].post(
            "/staff/tickets/new", kind=kind, title="首页打不开", text="时断时续。"
        )
        assert rows(mailbox) == before + 1
        return str(answer.headers["location"])

    fault, diagnosis, training, majeure, wrong = map(
        opened, ("fault", "diagnosis", "training", "force-majeure", "upload")
    )
    press("contractor", f"{fault}/answer", text="正在查看。")
    press("contractor", f"{fault}/assign", owner="contractor")
    press("contractor", f"{fault}/tell", text="要等配件。", promised="2026-11-26T12:00")
    press("contractor", f"{fault}/handle", text="换了配件。")
    press("registrar", f"{fault}/reopen", reason="还是打不开")
    press("contractor", f"{fault}/handle", text="又换了一块。")
    press("registrar", f"{fault}/close", text="好了。")
    press("registrar", f"{fault}/note", text="记一笔。")
    press("registrar", f"{diagnosis}/consent", by="某某", how="电话")
    press(
        "contractor",
        f"{training}/training",
        held_on="2026-11-24",
        place="三楼",
        hours="3.5",
        attendees="甲",
        materials="手册",
    )
    press("contractor", f"{majeure}/tell", text="机房停电。")
    press("registrar", f"{majeure}/acknowledge", text="知道了。")
    press("registrar", f"{wrong}/withdraw", reason="提错了")
    before, who = rows(mailbox), people["registrar"]
    page = hidden(who.get(diagnosis).text, f"{diagnosis}/note")
    sent = who.client.post(
        f"{diagnosis}/attach",
        data={"csrf": who.csrf} | page,
        files={"file": ("图.png", b"png")},
        headers=who.cookie,
    )
    assert (sent.status_code, rows(mailbox)) == (303, before + 1)

    mine = {route.path for route in STAFF if "POST" in (route.methods or ()) and "/tickets/{" in route.path}
    assert mine - walked == {"/staff/tickets/{number}/attach"}


@pytest.mark.parametrize("path", sorted(VERSIONED))
def test_what_somebody_else_changed_meanwhile_is_told_and_kept(
    mailbox: Any, sign_in: Callable[[str], Clerk], send: Any, staff: Any, path: str
) -> None:
    number = send().number
    clerk.accept(mailbox, staff["registrar"], number, 1, "ysgl")
    if "/publication/" in path:
        number = answered(mailbox, send, staff, mobile="13900000002")
        publishing.propose(mailbox, staff["handler"], number, COPIES)
    if "/tickets/" in path:
        kind = "force-majeure" if path.endswith("acknowledge") else "fault"
        number = desk.open_ticket(
            mailbox, staff["registrar"], kind=kind, title="首页打不开", text="时断时续。"
        ).number
    role = next(
        role
        for role in ("registrar", "reviewer", "publisher", "admin", "contractor")
        if role in VERSIONED[path]
    )
    who, before = sign_in(role), rows(mailbox)
    where = filled(path, number).replace("/people/1", "/people/handler")
    answer = who.post(where, **OTHERS | COPIES | PERSON | {"into": number})

    assert (answer.status_code, "别人" in answer.text) == (409, True), answer.text[:3000]
    assert rows(mailbox) == before


def test_an_older_version_overwrites_nothing(mailbox: Any, send: Any, staff: Any) -> None:
    number = send().number
    letter = clerk.accept(mailbox, staff["registrar"], number, 1, "ysgl")
    clerk.draft(mailbox, staff["handler"], number, letter.version, REPLY)

    with pytest.raises(Conflict, match="别人"):
        clerk.draft(mailbox, staff["handler"], number, letter.version, "另一份草稿，会盖掉别人的。")


def test_nobody_reviews_their_own_reply(mailbox: Any, send: Any, staff: Any) -> None:
    number = send().number
    both = replace(staff["handler"], roles=frozenset({"handler", "reviewer"}))
    letter = clerk.accept(mailbox, staff["registrar"], number, 1, "ysgl")
    letter = clerk.submit_draft(mailbox, both, number, letter.version, REPLY)

    assert letter.status is Status.HANDLING
    with pytest.raises(Forbidden):
        clerk.approve(mailbox, both, number, letter.version)


def test_an_office_sees_its_own_letters_only(mailbox: Any, send: Any, staff: Any) -> None:
    number = send().number
    clerk.accept(mailbox, staff["registrar"], number, 1, "bgs")

    with pytest.raises(Forbidden):
        clerk.read(mailbox, staff["handler"], number)  # of ysgl


def test_the_contractor_sees_no_letter_and_no_name(
    mailbox: Any, sign_in: Callable[[str], Clerk], send: Any
) -> None:
    number, who = send().number, sign_in("contractor")

    assert who.get(f"/staff/letters/{number}").status_code == 403
    page = who.get("/staff/notices").text
    for secret in ("张三丰", "13900001234", "夜间照明"):
        assert secret not in page


def test_a_transfer_has_five_working_days_and_an_extension_happens_once(
    mailbox: Any, send: Any, staff: Any, clock: Any
) -> None:
    number = send().number
    letter = clerk.accept(mailbox, staff["registrar"], number, 1, "ysgl")
    letter = clerk.extend(mailbox, staff["reviewer"], number, letter.version, 5, "需要现场勘查")
    assert str(letter.due) == "2026-12-09"
    with pytest.raises(Conflict):
        clerk.extend(mailbox, staff["reviewer"], number, letter.version, 5, "需要现场勘查")
    with pytest.raises(Invalid):
        clerk.extend(mailbox, staff["reviewer"], number, letter.version, 16, "需要现场勘查")

    clock.to(2026, 12, 3, 9)
    with pytest.raises(Conflict, match="转办期限"):
        clerk.transfer(mailbox, staff["handler"], number, letter.version, "bgs", "不属本处职责")


def test_letters_of_two_senders_are_not_merged(mailbox: Any, send: Any, staff: Any) -> None:
    first, second = send(), send(mobile="13900009999")

    with pytest.raises(Invalid):
        clerk.merge(mailbox, staff["registrar"], first.number, 1, second.number)


def test_failures_slow_down_one_address_and_lock_out_nobody(mailbox: Any, clock: Any) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            login.sign_in(mailbox, "admin", "wrong password", "", "192.0.2.66", "")
    with pytest.raises(TooMany) as told:
        login.sign_in(mailbox, "admin", PASSWORD, "", "192.0.2.66", "")

    assert told.value.wait == 5
    assert login.sign_in(mailbox, "admin", PASSWORD, "", HERE, "")  # the colleague himself
    clock.forward(seconds=6)
    assert login.sign_in(mailbox, "admin", PASSWORD, "", "192.0.2.66", "")


def test_a_totp_code_works_once_and_a_recovery_code_stands_in(mailbox: Any, staff: Any, clock: Any) -> None:
    admin = staff["admin"]
    uri = login.begin_totp(mailbox, admin)
    totp = pyotp.parse_uri(uri)
    assert isinstance(totp, pyotp.TOTP)
    codes = login.confirm_totp(mailbox, admin, totp.at(clock()))

    for code in ("", totp.at(clock()), "000000"):  # none, the confirmed one again, a wrong one
        with pytest.raises(NotSignedIn):
            login.sign_in(mailbox, "admin", PASSWORD, code, f"192.0.2.{len(code)}", "")
    clock.forward(seconds=30)
    assert login.sign_in(mailbox, "admin", PASSWORD, totp.at(clock()), HERE, "")
    assert login.sign_in(mailbox, "admin", PASSWORD, codes[0], HERE, "")
    with pytest.raises(NotSignedIn):
        login.sign_in(mailbox, "admin", PASSWORD, codes[0], HERE, "")


def test_where_totp_is_required_nothing_opens_before_it_is_set_up(mailbox: Any) -> None:
    strict = replace(mailbox, rules=replace(mailbox.rules, totp_required=True))
    with TestClient(create_app(strict), follow_redirects=False) as client:
        who = Clerk(client, "registrar")
        answer = who.get("/staff/letters")

    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/own")


def test_sessions_end_when_idle_and_after_a_working_day(mailbox: Any, clock: Any) -> None:
    token = login.sign_in(mailbox, "admin", PASSWORD, "", HERE, "")
    for _ in range(15):
        clock.forward(minutes=29)
        login.session(mailbox, token)
    clock.forward(minutes=29)
    clock.forward(minutes=29)
    with pytest.raises(NotSignedIn):
        login.session(mailbox, token)
    token = login.sign_in(mailbox, "admin", PASSWORD, "", HERE, "")
    clock.forward(minutes=31)

    with pytest.raises(NotSignedIn):
        login.session(mailbox, token)


def test_weak_passwords_are_refused() -> None:
    for weak in ("short", "aaaaaaaaaaaaaa", "password12345", "Kunming-2026-2026"):
        with pytest.raises(Invalid):
            login.hash_password(weak)


def test_an_export_has_no_formula_and_no_personal_data(
    mailbox: Any, sign_in: Callable[[str], Clerk], send: Any
) -> None:
    send(title="=HYPERLINK(1)测试")
    who = sign_in("registrar")
    answer = who.post("/staff/statistics/export", month="2026-11", format="xlsx")
    text = who.post("/staff/statistics/export", month="2026-11", format="csv").content.decode("utf-8-sig")

    cells = [cell.value for row in load_workbook(io.BytesIO(answer.content)).active for cell in row]  # type: ignore[union-attr]
    assert "2026-000001" in cells
    assert "张三丰" not in text
    assert "HYPERLINK" not in text
    for risky in ("=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", "\0=1"):
        assert harmless(risky) == f"'{risky}"


def answered(mailbox: Any, send: Any, staff: Any, reply: str = REPLY, **fields: Any) -> str:
    number = send(**fields).number
    letter = clerk.accept(mailbox, staff["registrar"], number, 1, "ysgl")
    letter = clerk.submit_draft(mailbox, staff["handler"], number, letter.version, reply)
    clerk.approve(mailbox, staff["reviewer"], number, letter.version)
    return str(number)


def test_publication_needs_consent_redaction_and_a_second_person(mailbox: Any, send: Any, staff: Any) -> None:
    number = answered(
        mailbox, send, staff, content="我是张三丰，电话13900001234，站台晚上没有灯，请派人看看。"
    )
    with mailbox.database.read() as connection:
        letter = publishing.letters.get(connection, number)
        copies = publishing.suggestion(mailbox, connection, letter)
    assert copies is not None
    assert copies["body"] == "我是张**，电话139****1234，站台晚上没有灯，请派人看看。"

    with pytest.raises(Invalid, match="手机号"):
        publishing.propose(
            mailbox, staff["handler"], number, copies | {"body": "打我电话13900001234，站台晚上没有灯。"}
        )
    publishing.propose(
        mailbox, staff["handler"], number, copies | {"body": "车牌云A12345停在张三丰家门口，请派人看看。"}
    )
    with pytest.raises(Invalid, match="理由"):
        publishing.approve(mailbox, staff["publisher"], number, "")
    done = publishing.approve(mailbox, staff["publisher"], number, "车牌是公务车辆，已核实")

    assert len(done.overrides) == 2
    silent = answered(mailbox, send, staff, mobile="13900008888", publish_consent=False)
    with pytest.raises(Conflict, match="不同意"):
        publishing.propose(mailbox, staff["handler"], silent, copies)


def test_an_admin_cannot_lock_out_himself(mailbox: Any, staff: Any) -> None:
    with pytest.raises(Conflict):
        office.change_staff(
            mailbox, "admin", login="admin", name="管理员", roles=["auditor"], department="", mobile="", wechat="", active=True
        )  # fmt: skip


def test_a_rated_letter_shows_in_the_month(mailbox: Any, send: Any, staff: Any, client: TestClient) -> None:
    receipt = send()
    letter = clerk.accept(mailbox, staff["registrar"], receipt.number, 1, "ysgl")
    letter = clerk.submit_draft(mailbox, staff["handler"], receipt.number, letter.version, REPLY)
    clerk.approve(mailbox, staff["reviewer"], receipt.number, letter.version)
    citizen.rate(mailbox, receipt.query_code, 3, HERE)

    figures = client.get("/api/v1/stats?month=2026-11").json()
    assert (figures["received"], figures["answered"], figures["on_time_share"]) == (1, 1, 1.0)
    assert figures["satisfied_share"] == 1.0
    assert figures["by_category"]["咨询"] is None  # too few to show
    assert client.get("/api/v1/stats?month=2031-01").status_code == 404
    for none in ("x", "0001-01", "9999-12"):
        assert client.get(f"/api/v1/stats?month={none}").status_code == 422
