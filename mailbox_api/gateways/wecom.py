"""企业微信: a group robot (no token, but its address is the secret) and application messages.

An application message is checked for repetition by the vendor for four hours, so it may be sent again.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from mailbox_api.gateways import Accepted, Answer, Fate, Message, Refused, Unknown, Why
from mailbox_api.gateways.calls import ask, client

API = "https://qyapi.weixin.qq.com"
LONGEST = 2048  # bytes of a text
REPEAT_CHECK = timedelta(hours=4)
EXPIRED = frozenset({40014, 42001, 41001})  # of the access token

ERRORS: Mapping[int, Why] = {
    -1: Why.TRANSIENT,  # 系统繁忙
    45009: Why.THROTTLED,
    45033: Why.THROTTLED,
    93000: Why.CONFIGURATION,  # the robot's address
    40001: Why.CONFIGURATION,  # the secret
    40013: Why.CONFIGURATION,  # corpid
    40056: Why.CONFIGURATION,  # agentid
    60020: Why.CONFIGURATION,  # this server's IP is not registered
    48002: Why.CONFIGURATION,
    301002: Why.CONFIGURATION,
    81013: Why.ADDRESS,  # no such user, department or tag
    60111: Why.ADDRESS,
}


def read(answer: Mapping[str, Any] | Refused | Unknown) -> Answer:
    if isinstance(answer, Refused | Unknown):
        return answer
    code = answer.get("errcode")
    if code == 0:
        return (
            Refused(Why.ADDRESS, "invaliduser")
            if answer.get("invaliduser")
            else Accepted(str(answer.get("msgid", "")))
        )
    if isinstance(code, int) and code in ERRORS:
        wait = 60 if ERRORS[code] is Why.THROTTLED else 0
        return Refused(ERRORS[code], str(code), wait)
    return Unknown(str(code))


def cut(text: str) -> str:
    return text.encode()[:LONGEST].decode(errors="ignore")


@dataclass(frozen=True, kw_only=True)
class Robot:
    """Posts into one group and mentions the person."""

    key: str = field(repr=False)
    endpoint: str = API
    name: str = "wecom-robot"
    http: httpx.Client = field(default_factory=client, repr=False)

    def send(self, message: Message) -> Answer:
        text: dict[str, Any] = {"content": cut(message.text)}
        if message.to != "group":
            text["mentioned_list"] = [message.to]
        request = self.http.build_request(
            "POST",
            f"{self.endpoint}/cgi-bin/webhook/send",
            params={"key": self.key},
            json={"msgtype": "text", "text": text},
        )
        return read(ask(self.http, request))

    def query(self, message: Message) -> Fate:
        return Fate.UNSURE


@dataclass(kw_only=True)
class Application:
    """Messages to single members; `group` means everyone who sees the application."""

    corp_id: str
    secret: str = field(repr=False)
    agent_id: str
    endpoint: str = API
    name: str = "wecom-app"
    http: httpx.Client = field(default_factory=client, repr=False)
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _refreshing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def send(self, message: Message) -> Answer:
        for _ in range(2):
            token = self._access_token()
            if not isinstance(token, str):
                return token
            answer = self._post(token, message)
            if isinstance(answer, Mapping) and answer.get("errcode") in EXPIRED:
                self._forget(token)
                continue
            return read(answer)
        return Refused(Why.TRANSIENT, "token")

    def query(self, message: Message) -> Fate:
        """Sending again is harmless as long as the vendor remembers the first."""
        return Fate.ABSENT if message.at - message.first_try_at < REPEAT_CHECK / 2 else Fate.UNSURE

    def _post(self, token: str, message: Message) -> Mapping[str, Any] | Refused | Unknown:
        body = {
            "touser": "@all" if message.to == "group" else message.to,
            "msgtype": "text",
            "agentid": int(self.agent_id),
            "text": {"content": cut(message.text)},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": int(REPEAT_CHECK.total_seconds()),
        }
        address = f"{self.endpoint}/cgi-bin/message/send"
        return ask(
            self.http, self.http.build_request("POST", address, params={"access_token": token}, json=body)
        )

    def _access_token(self) -> str | Refused | Unknown:
        with self._refreshing:
            if self._token and time.monotonic() < self._until:
                return self._token
            request = self.http.build_request(
                "GET",
                f"{self.endpoint}/cgi-bin/gettoken",
                params={"corpid": self.corp_id, "corpsecret": self.secret},
            )
            answer = ask(self.http, request)
            if not isinstance(answer, Mapping):
                return Refused(Why.TRANSIENT, "gettoken")  # nothing was sent yet
            if answer.get("errcode") != 0:
                refused = read(answer)
                return refused if isinstance(refused, Refused) else Refused(Why.TRANSIENT, "gettoken")
            self._token = str(answer["access_token"])
            self._until = time.monotonic() + int(answer.get("expires_in", 7200)) - 300
            return self._token

    def _forget(self, token: str) -> None:
        with self._refreshing:
            if self._token == token:
                self._token = ""
