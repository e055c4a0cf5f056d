"""A mailbox on a fresh database, a clock that tests turn, and people of every role."""

import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert
from starlette.testclient import TestClient

from bench import postgres as postgresql
from bureau.workdays import WorkCalendar
from mailbox_api import keys, start
from mailbox_api.app import create_app
from mailbox_api.deadlines import BEIJING, QuietHours, Terms
from mailbox_api.gateways import Accepted, Answer, Fate, Message
from mailbox_api.jobs.adapters import Adapters
from mailbox_api.jobs.dispatch import Dispatcher
from mailbox_api.letter import NOTICE_VERSION, Submission
from mailbox_api.notices import Channel
from mailbox_api.service import intake, otp
from mailbox_api.service.arriving import Receipt
from mailbox_api.service.parts import Calendars, Mailbox, Rules
from mailbox_api.service.roles import ROLES
from mailbox_api.store import limits, people
from mailbox_api.store.database import Database
from mailbox_api.store.people import Staff
from mailbox_api.store.tables import audit_head, metadata

PROJECT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=BEIJING)  # a Wednesday
MOBILE = "13900001234"
PASSWORD = "correct horse battery"
DAYS = {"咨询": 5, "求助": 7, "建议": 7, "投诉": 15, "举报": 15, "其他": 15}
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)

    def to(self, *when: int) -> None:
        self.now = datetime(*when, tzinfo=BEIJING)  # type: ignore[misc,arg-type]

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Recorder:
    """A gateway that takes everything and remembers it."""

    name: str = "recorder"
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Answer:
        self.sent.append(message)
        return Accepted(message.out_id)

    def query(self, message: Message) -> Fate:
        return Fate.DELIVERED if message.out_id in {one.out_id for one in self.sent} else Fate.ABSENT


@pytest.fixture(scope="session")
def ring() -> keys.KeyRing:
    return keys.create()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all migrations, to be copied."""
    path = tmp_path_factory.mktemp("mailbox") / "empty.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgresql.Cluster]:
    with postgresql.cluster("fsync=off") as cluster:
        if cluster is None:
            pytest.skip("PostgreSQL is not installed: deploy/setup.sh test")
        yield cluster


@pytest.fixture(scope="session")
def postgres(cluster: postgresql.Cluster) -> str:
    """The address of a migrated database."""
    database = Database(cluster.address)
    database.upgrade()
    database.close()
    return cluster.address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh, migrated database of each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "mailbox.db")
        database = Database(f"sqlite:///{tmp_path / 'mailbox.db'}")
        yield database
        database.close()
        return
    database = Database(request.getfixturevalue("postgres"))
    with database.write() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # the audit log resists
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
        connection.execute(insert(audit_head).values(id=1, seq=0, hash=bytes(32)))
    yield database
    database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rules() -> Rules:
    return Rules(terms=Terms(1, DAYS), quiet=QuietHours(), four_eyes=True, totp_required=False)


@pytest.fixture
def mailbox(database: Database, ring: keys.KeyRing, clock: Clock, rules: Rules) -> Mailbox:
    mailbox = Mailbox(
        database=database,
        keys=ring,
        rules=rules,
        departments={"bgs": "办公室", "ysgl": "运输管理处"},
        sign="昆明市交通运输局",
        clock=clock,
        calendars=Calendars(WorkCalendar()),
    )
    with database.write() as connection:
        for role in ROLES:
            department = "ysgl" if role in ("handler", "reviewer", "publisher") else ""
            people.add(connection, ring, person(role, department), QUICK_HASH, clock())
    return mailbox


QUICK_HASH = QUICK.hash(PASSWORD)


def person(role: str, department: str = "") -> Staff:
    number = f"1380000{list(ROLES).index(role):04d}"
    return Staff(
        login=role,
        name=ROLES[role][:6],
        department=department,
        roles=frozenset({role}),
        mobile=number,
        wechat=role,
        active=True,
        totp_confirmed=False,
    )


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A project folder right after `portal mailbox init`."""
    (tmp_path / "site.toml").write_text((PROJECT / "site.toml").read_text("utf-8"), "utf-8")
    told = list(
        start.first_start(tmp_path, login="admin", name="管理员", mobile="", demo_mobile="13800000000")
    )
    (tmp_path / "password").write_text(re.search(r"口令 (\S+)（", "".join(told))[1], "utf-8")  # type: ignore[index]
    return tmp_path


@pytest.fixture
def gateway() -> Recorder:
    return Recorder()


@pytest.fixture
def dispatcher(mailbox: Mailbox, gateway: Recorder) -> Dispatcher:
    adapters = Adapters(gateways={Channel.SMS: [gateway], Channel.WECHAT: [gateway]})
    return Dispatcher(mailbox=mailbox, adapters=adapters)


@pytest.fixture
def client(mailbox: Mailbox) -> Iterator[TestClient]:
    """HTTP without a network; the dispatcher is run by hand."""
    with TestClient(create_app(mailbox), follow_redirects=False) as client:
        yield client


SUBMISSION = Submission(
    name="张三丰",
    title="公交站台夜间照明",
    content="北京路公交站台晚上没有灯，等车看不清站牌，请派人看看。",
    category="咨询",
    publish_consent=True,
    notice_version=NOTICE_VERSION,
)


@pytest.fixture
def submission() -> Submission:
    return SUBMISSION


@pytest.fixture
def permit(mailbox: Mailbox) -> Callable[..., str]:
    """A permit as a verified code gives it, without the SMS."""

    def give(mobile: str = MOBILE, purpose: str = "letter") -> str:
        token = secrets.token_urlsafe(16)
        with mailbox.database.write() as connection:
            limits.add_permit(
                connection,
                token_hmac=mailbox.keys.digest("permit", token),
                mobile_ct=mailbox.keys.seal(mobile, f"permit|{token}"),
                mobile_bi=mailbox.keys.blind(mobile),
                purpose=purpose,
                expires_at=mailbox.clock() + otp.PERMIT_LIFE,
            )
        return token

    return give


@pytest.fixture
def send(mailbox: Mailbox, permit: Callable[..., str]) -> Callable[..., Receipt]:
    """Submit a letter with any field changed."""

    def submit(mobile: str = MOBILE, **changes: str) -> Receipt:
        token = permit(mobile)
        return intake.submit(mailbox, replace(SUBMISSION, **changes), token, f"key-{token}")

    return submit


@pytest.fixture
def staff(mailbox: Mailbox) -> Mapping[str, Staff]:
    """One person of each role; the login is the role."""
    with mailbox.database.read() as connection:
        return {one.login: one for one in people.everyone(connection, mailbox.keys)}
