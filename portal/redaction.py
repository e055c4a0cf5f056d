"""Nothing leaves the house that is a secret or somebody's personal data: `redacted` covers both."""

import os
import re
from collections.abc import Iterable, Mapping

from bureau.personal_data import anonymised

HIDDEN = "［已隐去］"
_NAME = (
    r"[\w.-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|"
    r"authorization|cookie|credential|口令|密码|令牌|密钥|验证码|查询码)[\w-]*"
)
SECRET_NAME = re.compile(_NAME, re.I)
SHORTEST = 6  # a shorter value of a secret variable would cover ordinary words
_PATTERNS = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S), HIDDEN),
    (re.compile(r"(\w[\w+.-]*://)[^\s/@]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.+/=~-]+", re.I), rf"\1 {HIDDEN}"),
    (
        re.compile(rf"({_NAME}[\"']?\s*(?:[:=：]|是|为)\s*)(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&，；。]+)", re.I),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),  # a JSON web token
    (re.compile(r"\b(?:sk|ak|LTAI|AKID|AKIA|ghp|glpat)[-_]?[A-Za-z0-9]{12,}\b"), HIDDEN),
    (re.compile(r"(?<![\w/.-])(?=[A-Za-z0-9+/_-]*\d)(?=[A-Za-z0-9+/_-]*[A-Za-z])[A-Za-z0-9+/_-]{32,}={0,2}"), HIDDEN),
)  # fmt: skip


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """`secrets` are values known to be secret, whatever stands around them."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for pattern, cover in _PATTERNS:
        text = pattern.sub(cover, text)
    return anonymised(text)


def known_secrets(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The values of the environment's variables that are named like secrets."""
    return [
        value for name, value in environment.items() if SECRET_NAME.fullmatch(name) and len(value) >= SHORTEST
    ]
