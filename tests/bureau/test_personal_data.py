"""Personal data in text: found by its own checks, covered so that it cannot be used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau import personal_data
from bureau.personal_data import Kind

# Made up: 11010119900307xxxx has a valid check digit, 4539… and 6222… hold by Luhn.
ID = "110101199003077758"


def kinds(text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, one.text) for one in personal_data.find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        pytest.param("联系人手机13800000000。", Kind.MOBILE, "13800000000", id="手机号"),
        pytest.param("电话：138-0000-0000", Kind.MOBILE, "138-0000-0000", id="带分隔的手机号"),
        pytest.param("电话+86 13800000000", Kind.MOBILE, "+86 13800000000", id="带国际区号"),
        pytest.param("手机１３８０００００００0", Kind.MOBILE, "１３８０００００００0", id="全角数字"),
        pytest.param(f"身份证{ID}", Kind.ID_CARD, ID, id="身份证"),
        pytest.param("卡号4539 1488 0343 6467", Kind.BANK_CARD, "4539 1488 0343 6467", id="银行卡"),
        pytest.param("电话0871-65300000转", Kind.LANDLINE, "0871-65300000", id="固定电话"),
        pytest.param("车牌云A·12345被拖", Kind.PLATE, "云A·12345", id="车牌"),
        pytest.param("新能源车云AD12345", Kind.PLATE, "云AD12345", id="新能源车牌"),
        pytest.param("发至li.si@example.com即可", Kind.EMAIL, "li.si@example.com", id="邮箱"),
        pytest.param("QQ邮箱是li.si@example.com", Kind.EMAIL, "li.si@example.com", id="前面有汉字的邮箱"),
        pytest.param("家住北京路12号3栋201室，", Kind.ADDRESS, "北京路12号3栋201室", id="住址"),
        pytest.param("护照号E12345678", Kind.PASSPORT, "E12345678", id="护照"),
    ],
)  # fmt: skip
def test_each_kind_is_found_at_its_place(text: str, kind: Kind, found: str) -> None:
    assert kinds(text) == [(kind.value, found)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("身份证110101199003077757", id="校验位不对"),
        pytest.param("身份证110101199013077758", id="没有这一天"),
        pytest.param("卡号4539 1488 0343 6468", id="不合 Luhn"),
        pytest.param("统一社会信用代码91530100MA6K00000X", id="信用代码"),
        pytest.param("项目编号2026113800000000123", id="长数字里的一段"),
        pytest.param("投资138000.00万元，共13800000000.5元", id="金额"),
        pytest.param("滇公网安备53010000000000号，邮编650500", id="备案号"),
        pytest.param("办公地址：昆明市北京路12号", id="办公地址不是住址"),
        pytest.param("经云南省人民政府批准", id="没有数字"),
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert kinds(text) == []


@given(st.text(alphabet="abc，。号0123456789住在路室 @-", max_size=60))
def test_nothing_personal_is_left_when_all_is_covered_and_the_rest_is_kept(text: str) -> None:
    covered = personal_data.anonymised(text)

    assert len(covered) >= len(text) - sum(len(one.text) for one in personal_data.find(text))
    strict = frozenset({Kind.ID_CARD, Kind.MOBILE, Kind.BANK_CARD})
    assert not list(personal_data.find(personal_data.anonymised(text, strict), strict))


def test_covering_keeps_too_little_to_call_or_pay() -> None:
    assert personal_data.anonymised(f"手机13800001234，证{ID}") == "手机138****1234，证110*************58"
