"""Alibaba Cloud SMS (Dysms 2017-05-25), signed with ACS3-HMAC-SHA256.

There is no idempotency: OutId is only carried back, so a lost answer is asked for by QuerySendDetails.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from mailbox_api.deadlines import BEIJING
from mailbox_api.gateways import Accepted, Answer, Fate, Message, Refused, Unknown, Why
from mailbox_api.gateways.calls import ask, client, short, template_of, verdict

ALGORITHM = "ACS3-HMAC-SHA256"
VERSION = "2017-05-25"
EMPTY = hashlib.sha256(b"").hexdigest()

ERRORS: Mapping[str, Why] = {
    "isv.MOBILE_NUMBER_ILLEGAL": Why.ADDRESS,
    "isv.MOBILE_COUNT_OVER_LIMIT": Why.ADDRESS,
    "isv.BLACK_KEY_CONTROL_LIMIT": Why.MESSAGE,
    "isv.BUSINESS_LIMIT_CONTROL": Why.THROTTLED,
    "isv.DAY_LIMIT_CONTROL": Why.THROTTLED,
    "isv.SMS_SIGNATURE_ILLEGAL": Why.CONFIGURATION,
    "isv.SMS_SIGN_ILLEGAL": Why.CONFIGURATION,
    "isv.SMS_TEMPLATE_ILLEGAL": Why.CONFIGURATION,
    "isv.TEMPLATE_MISSING_PARAMETERS": Why.CONFIGURATION,
    "isv.TEMPLATE_PARAMS_ILLEGAL": Why.MESSAGE,
    "isv.PARAM_LENGTH_LIMIT": Why.MESSAGE,
    "isv.INVALID_PARAMETERS": Why.MESSAGE,
    "isv.PRODUCT_UN_SUBSCRIPT": Why.CONFIGURATION,
    "isv.ACCOUNT_NOT_EXISTS": Why.CONFIGURATION,
    "isv.ACCOUNT_ABNORMAL": Why.CONFIGURATION,
    "InvalidAccessKeyId.NotFound": Why.CONFIGURATION,
    "SignatureDoesNotMatch": Why.CONFIGURATION,
    "InvalidTimeStamp.Expired": Why.CONFIGURATION,
    "Forbidden.RAM": Why.CONFIGURATION,
    "isv.OUT_OF_SERVICE": Why.MONEY,
    "isv.AMOUNT_NOT_ENOUGH": Why.MONEY,
    "isp.SYSTEM_ERROR": Why.TRANSIENT,
    "Throttling": Why.TRANSIENT,
    "Throttling.User": Why.TRANSIENT,
    "Throttling.Api": Why.TRANSIENT,
    "ServiceUnavailable": Why.TRANSIENT,
}
STATUS = {1: Fate.TAKEN, 2: Fate.FAILED, 3: Fate.DELIVERED}


def signature(
    secret: str, method: str, query: Mapping[str, str], headers: Mapping[str, str], body_hash: str
) -> str:
    """The hexadecimal signature of a request to `/`; headers in lower case."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = "\n".join([method, "/", canonical_query(query), lines, names, body_hash])
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


def canonical_query(query: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))


@dataclass(frozen=True, kw_only=True)
class Aliyun:
    key_id: str
    secret: str = field(repr=False)
    sign: str
    templates: Mapping[str, str]  # our name → TemplateCode
    endpoint: str = "https://dysmsapi.aliyuncs.com"
    name: str = "aliyun"
    http: httpx.Client = field(default_factory=client, repr=False)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, message: Message) -> Answer:
        template = template_of(self.templates, message)
        if isinstance(template, Refused):
            return template
        answer = self._call(
            "SendSms",
            {
                "PhoneNumbers": message.to,
                "SignName": self.sign,
                "TemplateCode": template,
                "TemplateParam": json.dumps(
                    {k: short(v) for k, v in message.vars.items()}, ensure_ascii=False
                ),
                "OutId": message.out_id,
            },
        )
        if not isinstance(answer, Mapping):
            return answer
        code = str(answer.get("Code", ""))
        if code == "OK":
            return Accepted(str(answer.get("BizId", "")))
        return verdict(code, ERRORS)

    def query(self, message: Message) -> Fate:
        """Look for our OutId among the day's messages to that number."""
        answer = self._call(
            "QuerySendDetails",
            {
                "PhoneNumber": message.to,
                "SendDate": f"{message.first_try_at.astimezone(BEIJING):%Y%m%d}",
                "PageSize": "50",
                "CurrentPage": "1",
            },
        )
        if not isinstance(answer, Mapping) or answer.get("Code") != "OK":
            return Fate.UNSURE
        rows = answer.get("SmsSendDetailDTOs", {}).get("SmsSendDetailDTO", [])
        found = [row for row in rows if row.get("OutId") == message.out_id]
        return STATUS.get(found[0].get("SendStatus"), Fate.TAKEN) if found else Fate.ABSENT

    def _call(self, action: str, query: Mapping[str, str]) -> Mapping[str, Any] | Refused | Unknown:
        url = httpx.URL(self.endpoint)
        headers = {
            "host": url.netloc.decode(),
            "x-acs-action": action,
            "x-acs-version": VERSION,
            "x-acs-date": f"{self.clock():%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": EMPTY,
        }
        signed = signature(self.secret, "POST", query, headers, EMPTY)
        headers["authorization"] = (
            f"{ALGORITHM} Credential={self.key_id},SignedHeaders={';'.join(sorted(headers))},Signature={signed}"
        )
        headers["accept"] = "application/json"
        address = f"{self.endpoint}/?{canonical_query(query)}"
        return ask(self.http, self.http.build_request("POST", address, headers=headers))


def read_receipts(rows: object) -> list[dict[str, object]]:
    """The vendor's push (SmsReport): a JSON array of {phone_number, success, err_code, biz_id, out_id}."""
    if not isinstance(rows, list):
        return []
    return [
        {
            "provider_id": str(row.get("biz_id", "")),
            "out_id": str(row.get("out_id", "")),
            "delivered": row.get("success") is True,
            "code": str(row.get("err_code", ""))[:64],
        }
        for row in rows
        if isinstance(row, dict)
    ]
