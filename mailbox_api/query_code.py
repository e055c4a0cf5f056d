"""The query code (查询码): 12 random Crockford symbols (60 bit) and one check symbol, XXXX-XXXX-XXXXX.

The check is the value modulo 37; codes whose check is none of the 32 symbols are drawn again, so every
single wrong symbol and every swap of neighbours is seen before the database is asked.
"""

import re
import secrets
import unicodedata

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
LOOKALIKES = str.maketrans("OIL", "011")


def draw() -> str:
    while True:
        value = secrets.randbits(5 * LENGTH)
        if (check := value % 37) < len(SYMBOLS):
            return (
                "".join(SYMBOLS[value >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
                + SYMBOLS[check]
            )


def _check(body: str) -> int:
    value = 0
    for symbol in body:
        value = (value * 32 + SYMBOLS.index(symbol)) % 37
    return value


def shown(code: str) -> str:
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def read(text: str) -> str | None:
    """The code as stored, from what a person typed; None when it cannot be one."""
    folded = unicodedata.normalize("NFKC", text).upper()
    code = re.sub(r"[\s\-‐-―·.]", "", folded).translate(LOOKALIKES)
    if len(code) != LENGTH + 1 or any(symbol not in SYMBOLS for symbol in code):
        return None
    return code if SYMBOLS.index(code[-1]) == _check(code[:-1]) else None
