"""The SMS code: what it proves, how often it may be asked for, how often it may be wrong."""

import re
from typing import Any

import altcha
import pytest
from sqlalchemy import text

from mailbox_api.errors import Invalid, TooMany
from mailbox_api.jobs import sweep
from mailbox_api.notices import Channel
from mailbox_api.service import otp
from mailbox_api.service.intake import submit
from mailbox_api.store import limits, outbox
from mailbox_api.store.limits import Limit
from mailbox_api.web import tokens

MOBILE = "13900001234"
HERE = "192.0.2.1"
WRONG = "000000"


@pytest.fixture
def send_code(mailbox: Any) -> Any:
    """Send a code and give it, as the phone shows it."""
    count = iter(range(10_000))

    def send(mobile: str = MOBILE, purpose: str = "letter", address: str = HERE) -> str:
        otp.send(mailbox, mobile, purpose, address, nonce=f"nonce-{next(count)}")
        with mailbox.database.read() as connection:
            rows = outbox.in_states(connection, mailbox.keys, ["pending"], 10_000)  # type: ignore[list-item]
        code: str = next(row.vars["code"] for row in rows if row.subject == "otp")
        return code if code != WRONG else send(mobile, purpose, address)

    return send


def test_a_right_code_gives_a_permit_for_one_letter(mailbox: Any, send_code: Any, submission: Any) -> None:
    code = send_code("+86 139-0000-1234")
    assert re.fullmatch(r"\d{6}", code)
    permit = otp.verify(mailbox, MOBILE, "letter", f" {code} ", HERE)

    assert submit(mailbox, submission, permit, "key-12345678").number
    with pytest.raises(Invalid):
        otp.verify(mailbox, MOBILE, "letter", code, HERE)


def test_five_wrong_tries_end_a_code(mailbox: Any, send_code: Any) -> None:
    code = send_code()
    for _ in range(otp.TRIES):
        with pytest.raises(Invalid):
            otp.verify(mailbox, MOBILE, "letter", WRONG, HERE)

    with pytest.raises(Invalid):
        otp.verify(mailbox, MOBILE, "letter", code, HERE)


def test_a_code_lives_five_minutes_and_dies_with_the_next(mailbox: Any, send_code: Any, clock: Any) -> None:
    first = send_code()
    clock.forward(seconds=61)
    second = send_code()
    if first != second:
        with pytest.raises(Invalid):
            otp.verify(mailbox, MOBILE, "letter", first, HERE)
    clock.forward(minutes=5, seconds=1)
    with pytest.raises(Invalid):
        otp.verify(mailbox, MOBILE, "letter", second, HERE)


def test_a_code_is_for_one_purpose(mailbox: Any, send_code: Any) -> None:
    code = send_code(purpose="recover")

    with pytest.raises(Invalid):
        otp.verify(mailbox, MOBILE, "letter", code, HERE)
    assert otp.verify(mailbox, MOBILE, "recover", code, HERE)


def test_a_mobile_waits_a_minute_and_has_five_an_hour(send_code: Any, clock: Any) -> None:
    for number in range(5):
        send_code(address=f"192.0.2.{number}")
        with pytest.raises(TooMany, match="刚刚发送过") as told:
            send_code()
        assert 0 < told.value.wait <= 60
        clock.forward(seconds=61)

    with pytest.raises(TooMany, match="过于频繁"):
        send_code()


def test_an_address_has_ten_an_hour(send_code: Any) -> None:
    for number in range(10):
        send_code(f"1390000000{number}")

    with pytest.raises(TooMany, match="您所在的网络"):
        send_code("13900000010")
    send_code("13900000010", address="192.0.2.2")


def test_twenty_failures_pause_a_mobile_for_the_day(mailbox: Any, send_code: Any, clock: Any) -> None:
    for number in range(4):
        send_code(address=f"192.0.2.{number}")
        for _ in range(otp.TRIES):
            with pytest.raises(Invalid):
                otp.verify(mailbox, MOBILE, "letter", WRONG, f"192.0.2.{number}")
        clock.forward(seconds=61)

    with pytest.raises(TooMany, match="明天"):
        send_code(address="192.0.2.99")
    with pytest.raises(TooMany, match="明天"):
        otp.verify(mailbox, MOBILE, "letter", WRONG, "192.0.2.99")


def test_the_path_without_script_has_a_hard_limit(mailbox: Any) -> None:
    for number in range(20):
        otp.send(mailbox, f"139000000{number:02d}", "letter", f"192.0.2.{number}", nonce="")

    with pytest.raises(TooMany):
        otp.send(mailbox, "13900000099", "letter", "192.0.2.99", nonce="")


@pytest.mark.parametrize(
    "mobile", ["", "12345678901", "1390000123", "139000012345", "+1 202 555 0100", "0871-3135000", "一三九"]
)
def test_only_mainland_mobiles_get_a_code(mailbox: Any, mobile: str) -> None:
    with pytest.raises(Invalid) as told:
        otp.send(mailbox, mobile, "letter", HERE, nonce="n")

    assert list(told.value.fields) == ["mobile"]


def test_codes_and_permits_are_forgotten(mailbox: Any, send_code: Any, clock: Any) -> None:
    otp.verify(mailbox, MOBILE, "letter", send_code(), HERE)
    clock.forward(days=1, minutes=61)
    sweep.run(mailbox, clock())

    with mailbox.database.read() as connection:
        for name in ("otp", "permit", "pow_seen", "rate"):
            assert connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() == 0, name
        assert not outbox.has_subject(connection, "otp", "x")


def solve(keys: Any) -> str:
    challenge = altcha.Challenge.from_dict(tokens.challenge(keys))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def test_a_proof_of_work_counts_once(mailbox: Any) -> None:
    proof = solve(mailbox.keys)
    nonce = tokens.solved_nonce(mailbox.keys, proof)
    otp.send(mailbox, MOBILE, "letter", HERE, nonce=nonce)

    with pytest.raises(Invalid) as told:
        otp.send(mailbox, "13900005678", "letter", HERE, nonce=tokens.solved_nonce(mailbox.keys, proof))
    assert list(told.value.fields) == ["altcha"]
    for forged in ("", "x", "e30=", "bnVsbA==", proof[:-8], "A" * 5000):
        with pytest.raises(Invalid):
            tokens.solved_nonce(mailbox.keys, forged)


def test_form_tokens_have_an_age(mailbox: Any, clock: Any) -> None:
    token = tokens.form_token(mailbox.keys, clock())
    clock.forward(seconds=7)
    age = tokens.token_age(mailbox.keys, token, clock())
    clock.forward(days=2)

    assert age is not None
    assert 6 <= age.total_seconds() <= 8
    assert tokens.token_age(mailbox.keys, token, clock()) is None
    for forged in ("", "1.a.b", token[:-1], f"9{token}"):
        assert tokens.token_age(mailbox.keys, forged, clock()) is None


def counted(mailbox: Any, bucket: str, limit: Limit, times: int, clock: Any) -> None:
    with mailbox.database.write() as connection:
        for _ in range(times):
            limits.add(connection, bucket, limit, clock())


def test_codes_that_nobody_types_in_tighten_the_limits_and_are_told(
    mailbox: Any, send_code: Any, clock: Any
) -> None:
    counted(mailbox, "otp-all", otp.EVERYONE[0], 58, clock)
    counted(mailbox, "otp-verified", otp.VERIFIED, 30, clock)
    send_code("13900000001")  # half of them came back: nothing is wrong
    counted(mailbox, "otp-all", otp.EVERYONE[0], 2, clock)  # 61 sent, 30 came back
    with pytest.raises(TooMany):
        otp.send(mailbox, "13900000002", "letter", "192.0.2.7", nonce="")
    with pytest.raises(TooMany):
        send_code("13900000003")  # sixty an hour are spent, with proof of work or without
    sweep.run(mailbox, clock())
    sweep.run(mailbox, clock())

    with mailbox.database.read() as connection:
        told = outbox.of_subject(connection, mailbox.keys, "monitor", f"otp-pumped:{mailbox.today}")
    assert {row.channel for row in told} == {Channel.SMS, Channel.WECHAT}
    assert "61条，只有30条" in told[0].vars["detail"]
    clock.forward(hours=1)
    send_code("13900000003")  # with proof of work, up to sixty in the new hour


def test_half_of_the_budget_is_told(mailbox: Any, clock: Any) -> None:
    counted(mailbox, "otp-all", otp.EVERYONE[0], 149, clock)
    counted(mailbox, "otp-verified", otp.VERIFIED, 140, clock)
    sweep.run(mailbox, clock())
    key = f"otp-budget:3600:{mailbox.today}"
    with mailbox.database.read() as connection:
        assert not outbox.has_subject(connection, "monitor", key)
    counted(mailbox, "otp-all", otp.EVERYONE[0], 1, clock)
    sweep.run(mailbox, clock())

    with mailbox.database.read() as connection:
        assert outbox.has_subject(connection, "monitor", key)
