"""The key ring: AES-256-GCM with key ids for what is read again, HMAC for what is only compared.

A ciphertext is `version key-id-length key-id nonce body`; the additional data binds it to its row and
field, so a value copied into another row does not open there.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bureau.errors import ConfigError

FILE = "mailbox.json"
AES_256_GCM = 1
NONCE = 12


@dataclass(frozen=True, repr=False)
class KeyRing:
    current: str
    ciphers: Mapping[str, bytes]
    index: bytes  # blind index of mobiles
    pepper: bytes  # codes, tokens, proof of work

    def seal(self, text: str, bound_to: str) -> bytes:
        nonce = os.urandom(NONCE)
        cipher = _cipher(self.ciphers[self.current])
        body = cipher.encrypt(nonce, text.encode(), self._bound(self.current, bound_to))
        key_id = self.current.encode()
        return bytes([AES_256_GCM, len(key_id)]) + key_id + nonce + body

    def open(self, sealed: bytes, bound_to: str) -> str:
        """Raises ConfigError when the ring lacks the key or the value was tampered with."""
        key_id = self.key_of(sealed)
        if sealed[0] != AES_256_GCM or key_id not in self.ciphers:
            raise ConfigError(FILE, f"密钥环里没有 {key_id}，请用备份时保管的密钥文件")
        start = 2 + sealed[1]
        nonce, body = sealed[start : start + NONCE], sealed[start + NONCE :]
        try:
            return _cipher(self.ciphers[key_id]).decrypt(nonce, body, self._bound(key_id, bound_to)).decode()
        except InvalidTag as error:
            raise ConfigError(FILE, f"{bound_to} 的密文被改动，或密钥不对") from error

    @staticmethod
    def key_of(sealed: bytes) -> str:
        return sealed[2 : 2 + sealed[1]].decode()

    @staticmethod
    def _bound(key_id: str, bound_to: str) -> bytes:
        return f"{bound_to}|{key_id}".encode()

    def blind(self, text: str) -> bytes:
        """The same text gives the same bytes, which tell nothing without the key."""
        return hmac.digest(self.index, text.encode(), "sha256")

    def digest(self, *parts: str) -> bytes:
        """A code or token at rest: HMAC over its parts, the first of which names the purpose."""
        return hmac.digest(self.pepper, "\x1f".join(parts).encode(), "sha256")

    def secret(self, purpose: str) -> bytes:
        return self.digest("derived", purpose)

    def with_new_key(self) -> "KeyRing":
        key_id = f"k{max(int(name[1:]) for name in self.ciphers) + 1}"
        return KeyRing(key_id, {**self.ciphers, key_id: secrets.token_bytes(32)}, self.index, self.pepper)

    def only_current(self) -> "KeyRing":
        return KeyRing(self.current, {self.current: self.ciphers[self.current]}, self.index, self.pepper)


@cache
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def create() -> KeyRing:
    return KeyRing("k1", {"k1": secrets.token_bytes(32)}, secrets.token_bytes(32), secrets.token_bytes(32))


def fingerprint(ring: KeyRing) -> str:
    """Eight characters to tell two rings apart without showing either."""
    return hashlib.sha256(ring.secret("fingerprint")).hexdigest()[:8]


def save(ring: KeyRing, folder: Path) -> Path:
    """Write the ring so that only its owner may read it, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(
        {
            "current": ring.current,
            "ciphers": {name: _b64(key) for name, key in ring.ciphers.items()},
            "index": _b64(ring.index),
            "pepper": _b64(ring.pepper),
        },
        indent=1,
    )
    path, fresh = folder / FILE, folder / f".{FILE}.new"
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path


def load(folder: Path) -> KeyRing:
    path = folder / FILE
    try:
        raw = json.loads(path.read_text("utf-8"))
        ring = KeyRing(
            raw["current"],
            {name: base64.b64decode(key) for name, key in raw["ciphers"].items()},
            base64.b64decode(raw["index"]),
            base64.b64decode(raw["pepper"]),
        )
    except FileNotFoundError as error:
        raise ConfigError(
            path, "没有密钥文件，请先执行 portal mailbox init；恢复备份时请放回保管的密钥文件"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(path, f"密钥文件读不了：{error}") from error
    if path.stat().st_mode & 0o077:
        raise ConfigError(path, f"密钥文件别人也能读，请执行 chmod 600 {path}")
    return ring


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
