"""Tencent Cloud SMS (2021-01-11), signed with TC3-HMAC-SHA256.

SessionContext is carried back and found again by PullSmsSendStatusByPhoneNumber.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from mailbox_api.gateways import Accepted, Answer, Fate, Message, Refused, Unknown, Why
from mailbox_api.gateways.calls import ask, client, short, template_of, verdict
from mailbox_api.notices import TEMPLATES

ALGORITHM = "TC3-HMAC-SHA256"
VERSION, SERVICE = "2021-01-11", "sms"
JSON = "application/json; charset=utf-8"

ERRORS: Mapping[str, Why] = {
    "InvalidParameterValue.IncorrectPhoneNumber": Why.ADDRESS,
    "FailedOperation.PhoneNumberInBlacklist": Why.ADDRESS,
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": Why.ADDRESS,
    "LimitExceeded.PhoneNumberDailyLimit": Why.THROTTLED,
    "LimitExceeded.PhoneNumberOneHourLimit": Why.THROTTLED,
    "LimitExceeded.PhoneNumberThirtySecondLimit": Why.THROTTLED,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": Why.THROTTLED,
    "LimitExceeded.DeliveryFrequencyLimit": Why.THROTTLED,
    "LimitExceeded.AppDailyLimit": Why.CONFIGURATION,
    "LimitExceeded.DailyLimit": Why.CONFIGURATION,
    "FailedOperation.SignatureIncorrectOrUnapproved": Why.CONFIGURATION,
    "FailedOperation.TemplateIncorrectOrUnapproved": Why.CONFIGURATION,
    "FailedOperation.MissingSignature": Why.CONFIGURATION,
    "FailedOperation.ContainSensitiveWord": Why.MESSAGE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": Why.CONFIGURATION,
    "InvalidParameterValue.TemplateParameterFormatError": Why.MESSAGE,
    "InvalidParameterValue.TemplateParameterLengthLimit": Why.MESSAGE,
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": Why.CONFIGURATION,
    "UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny": Why.CONFIGURATION,
    "AuthFailure.SecretIdNotFound": Why.CONFIGURATION,
    "AuthFailure.SignatureFailure": Why.CONFIGURATION,
    "AuthFailure.SignatureExpire": Why.CONFIGURATION,
    "AuthFailure.UnauthorizedOperation": Why.CONFIGURATION,
    "FailedOperation.InsufficientBalanceInSmsPackage": Why.MONEY,
    "UnauthorizedOperation.ServiceSuspendDueToArrears": Why.MONEY,
    "RequestLimitExceeded": Why.TRANSIENT,
    "InternalError.OtherError": Why.TRANSIENT,
    "InternalError.UnknownError": Why.TRANSIENT,
}


def signature(
    secret: str, service: str, at: datetime, signed_headers: Mapping[str, str], payload: bytes
) -> str:
    """The hexadecimal signature of a POST to `/`; header names and values as they are signed."""
    names = ";".join(sorted(signed_headers))
    lines = "".join(f"{name}:{signed_headers[name]}\n" for name in sorted(signed_headers))
    canonical = "\n".join(["POST", "/", "", lines, names, hashlib.sha256(payload).hexdigest()])
    scope = f"{at:%Y-%m-%d}/{service}/tc3_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{int(at.timestamp())}\n{scope}\n{hashed}"
    key = f"TC3{secret}".encode()
    for part in (f"{at:%Y-%m-%d}", service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Tencent:
    key_id: str
    secret: str = field(repr=False)
    app_id: str
    sign: str
    templates: Mapping[str, str]  # our name → TemplateId; parameters in the order of our own text
    endpoint: str = "https://sms.tencentcloudapi.com"
    region: str = "ap-guangzhou"
    name: str = "tencent"
    http: httpx.Client = field(default_factory=client, repr=False)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, message: Message) -> Answer:
        template = template_of(self.templates, message)
        if isinstance(template, Refused):
            return template
        answer = self._call(
            "SendSms",
            {
                "PhoneNumberSet": [f"+86{message.to}"],
                "SmsSdkAppId": self.app_id,
                "SignName": self.sign,
                "TemplateId": template,
                "TemplateParamSet": parameters(message),
                "SessionContext": message.out_id,
            },
        )
        if isinstance(answer, Refused | Unknown):
            return answer
        rows = answer.get("SendStatusSet") or [{}]
        code = str(answer.get("Error", {}).get("Code") or rows[0].get("Code", ""))
        if code == "Ok":
            return Accepted(str(rows[0].get("SerialNo", "")))
        return verdict(code, ERRORS)

    def query(self, message: Message) -> Fate:
        begin = int(message.first_try_at.timestamp()) - 60
        answer = self._call(
            "PullSmsSendStatusByPhoneNumber",
            {
                "BeginTime": begin,
                "EndTime": begin + int(timedelta(hours=24).total_seconds()),
                "Offset": 0,
                "Limit": 100,
                "PhoneNumber": f"+86{message.to}",
                "SmsSdkAppId": self.app_id,
            },
        )
        if isinstance(answer, Refused | Unknown) or "Error" in answer:
            return Fate.UNSURE
        found = [
            row
            for row in answer.get("PullSmsSendStatusSet", [])
            if row.get("SessionContext") == message.out_id
        ]
        if not found:
            return Fate.ABSENT
        return Fate.DELIVERED if found[0].get("ReportStatus") == "SUCCESS" else Fate.FAILED

    def _call(self, action: str, body: Mapping[str, Any]) -> Mapping[str, Any] | Refused | Unknown:
        payload, now = json.dumps(body, ensure_ascii=False).encode(), self.clock().astimezone(UTC)
        host = httpx.URL(self.endpoint).netloc.decode()
        signed = {"content-type": JSON, "host": host, "x-tc-action": action.lower()}
        made = signature(self.secret, SERVICE, now, signed, payload)
        headers = {
            "content-type": JSON,
            "host": host,
            "x-tc-action": action,
            "x-tc-version": VERSION,
            "x-tc-region": self.region,
            "x-tc-timestamp": str(int(now.timestamp())),
            "authorization": f"{ALGORITHM} Credential={self.key_id}/{now:%Y-%m-%d}/{SERVICE}/tc3_request, "
            f"SignedHeaders={';'.join(sorted(signed))}, Signature={made}",
        }
        answer = ask(
            self.http, self.http.build_request("POST", f"{self.endpoint}/", headers=headers, content=payload)
        )
        if isinstance(answer, Refused | Unknown):
            return answer
        inner = answer.get("Response")
        return inner if isinstance(inner, dict) else Unknown("no Response")


def parameters(message: Message) -> list[str]:
    """The variables in the order in which our own text names them."""
    return [short(message.vars[name]) for name in re.findall(r"\{(\w+)\}", TEMPLATES[message.template])]


def read_receipts(rows: object) -> list[dict[str, object]]:
    """The vendor's push: a JSON array of {mobile, report_status, errmsg, sid, …}."""
    if not isinstance(rows, list):
        return []
    return [
        {
            "provider_id": str(row.get("sid", "")),
            "out_id": str(row.get("ext", "")),
            "delivered": row.get("report_status") == "SUCCESS",
            "code": str(row.get("errmsg", ""))[:64],
        }
        for row in rows
        if isinstance(row, dict)
    ]
