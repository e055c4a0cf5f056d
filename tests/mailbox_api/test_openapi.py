"""The OpenAPI document against the running application: schemathesis, every phase and every check of it."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import altcha
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.engine import Status, events, from_schema

from mailbox_api.app import create_app
from mailbox_api.service import clerk, otp
from mailbox_api.web import tokens
from mailbox_api.web.openapi import OPERATIONS

TOKEN = "a-token-for-the-own-programs"
SECRET = "a-secret-in-an-address"
# Refusals that no schema can foretell: a permit that was spent, a code that opens nothing, a limit.
REFUSALS = ["2xx", "401", "404", "409", "422", "429", "503"]
SUCCESS = {f"{method} {path} {operation.status}" for (method, path), operation in OPERATIONS.items()}


def mobile() -> str:
    return f"139{secrets.randbelow(10**8):08d}"


def address() -> str:
    return ".".join(str(secrets.randbelow(250)) for _ in range(4))


def solved(mailbox: Any) -> str:
    challenge = altcha.Challenge.from_dict(tokens.challenge(mailbox.keys))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


@pytest.fixture
def given_out(
    mailbox: Any, send: Any, staff: Any, permit: Callable[..., str], dispatcher: Any, gateway: Any, clock: Any
) -> Callable[[str], Mapping[str, Any]]:
    """Values for the body of a path that only the mailbox can give: permits, codes, proofs of work."""

    def sms_code(number: str) -> str:
        clock.forward(minutes=1)  # all mobiles together have 300 codes an hour
        with mailbox.database.read() as connection:
            if otp.is_pumped(connection, mailbox.clock()):  # the fuzzer asks for codes and types none in
                clock.forward(hours=2)
        otp.send(mailbox, number, "letter", address(), nonce=secrets.token_hex(8))
        while number not in {one.to for one in gateway.sent[-50:]}:
            dispatcher.tick()
        return str(next(one.vars["code"] for one in reversed(gateway.sent) if one.to == number))

    def answered(number: str) -> str:
        receipt = send(mobile=number)
        letter = clerk.accept(mailbox, staff["registrar"], receipt.number, 1, "ysgl")
        letter = clerk.submit_draft(
            mailbox, staff["handler"], letter.number, letter.version, "已派人检修，今晚亮灯。"
        )
        clerk.approve(mailbox, staff["reviewer"], letter.number, letter.version)
        return str(receipt.query_code)

    def values(path: str) -> Mapping[str, Any]:
        number = mobile()
        match path.rsplit("/", 1)[1]:
            case "otp":
                return {"mobile": number, "altcha": solved(mailbox)}
            case "verify":
                return {"mobile": number, "purpose": "letter", "code": sms_code(number)}
            case "letters":
                words = {"name": "张三丰", "title": "公交站台照明", "content": f"站台没有灯。{number}"}
                return words | {"permit": permit(number), "consultation": ""}
            case "recover":
                return {"permit": permit(number, "recover")}
            case "supplement":
                return {"code": send(mobile=number).query_code, "content": "补充：两个方向的站台都没有灯。"}
            case "rating":
                return {"code": answered(number)}
            case "query" | "withdraw":
                return {"code": send(mobile=number).query_code}
        return {}

    return values


@pytest.fixture
def schema(mailbox: Any, given_out: Callable[[str], Mapping[str, Any]]) -> Iterator[Any]:
    """Each case comes from an address of its own, or the limits would answer for the handlers; every second sound
    case gets values that the mailbox gave out, so that the handlers are reached."""
    application = create_app(
        mailbox, internal_token=TOKEN, hook_secret=SECRET, trusted_proxies=("testclient",)
    )
    config = {
        "checks": {"positive_data_acceptance": {"expected-statuses": REFUSALS}},
        "auth": {"openapi": {"bearer": {"bearer": TOKEN}}},
    }
    schema = schemathesis.openapi.from_asgi(
        "/api/openapi.json", application, config=schemathesis.Config.from_dict(config)
    )

    @schemathesis.hook
    def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
        case.headers["X-Forwarded-For"] = address()
        sound = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
        if not sound or secrets.randbelow(2):
            return
        if isinstance(case.body, dict):
            case.body |= given_out(case.path)
        if "secret" in case.path_parameters:
            case.path_parameters |= {"secret": SECRET, "adapter": secrets.choice(("aliyun", "tencent"))}

    yield schema
    schemathesis.hooks.unregister(before_call)


def walk(schema: Any, examples: int) -> Counter[str]:
    """How often each operation answered with each status. Fails when any check of schemathesis does."""
    schema.config.generation.update(max_examples=examples)
    answers: Counter[str] = Counter()
    wrong = []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            wrong.append(f"{event.label}: {event.value}")
        if not isinstance(event, events.ScenarioFinished):
            continue
        recorder = event.recorder
        answers.update(
            f"{recorder.label} {interaction.response.status_code}"
            for interaction in recorder.interactions.values()
            if interaction.response is not None
        )
        wrong += [
            f"{recorder.label}: {check.name}: {check.failure_info.failure} {recorder.cases[key].value.body!r}"[
                :900
            ]
            for key, checks in recorder.checks.items()
            for check in checks
            if check.status is Status.FAILURE and check.failure_info is not None
        ]
    assert wrong == []
    return answers


def test_what_the_document_says_holds(schema: Any) -> None:
    answers = walk(schema, 10)

    assert not [answer for answer in answers if answer[-3:] == "500"]
    assert answers.total() > 500


@pytest.mark.soak
def test_what_the_document_says_holds_for_thousands_of_cases(schema: Any) -> None:
    answers = walk(schema, 300)

    assert not [answer for answer in answers if answer[-3:] == "500"]
    assert SUCCESS - answers.keys() == set()  # every handler was reached
