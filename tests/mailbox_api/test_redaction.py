"""Five thousand made-up letters with personal data in every disguise: what is found, and what is found in vain."""

import random
import string
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from pypinyin import lazy_pinyin

from bureau.personal_data import Kind, luhn
from mailbox_api.service import publishing
from mailbox_api.service.redaction import ACCOUNT, NAME, redacted, traces
from mailbox_api.store.letters import Words

LETTERS = 5000
SURNAMES = "赵钱孙李周吴郑王冯陈杨朱秦许何吕张孔曹严华金魏陶姜"
GIVEN = ("建国", "秀英", "丽华", "子轩", "若兰", "明远", "海燕", "雨桐", "强", "敏", "芳", "涛")
FULL = str.maketrans(string.digits + string.ascii_letters + "-@.", "０１２３４５６７８９" + "".join(
    chr(ord(letter) + 0xFEE0) for letter in string.ascii_letters
) + "－＠．")  # fmt: skip
CHINESE, SPOKEN, FORMAL = (
    str.maketrans(string.digits, to)
    for to in ("〇一二三四五六七八九", "零幺二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")
)
READ = str.maketrans("〇零一幺壹二贰三叁四肆五伍六陆七柒八捌九玖", "001112233445566778899")
WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
Draw = random.Random


def digits_of(text: str) -> str:
    return "".join(char for char in text.translate(WIDE).translate(READ) if char.isdigit())


def grouped(number: str, *sizes: int, sign: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return sign.join([*parts, number[at:]]) if at < len(number) else sign.join(parts)


def number(draw: Draw, count: int) -> str:
    return "".join(draw.choices(string.digits, k=count))


def disguised(draw: Draw, plain: str, *groups: tuple[int, ...]) -> str:
    """As people write a number: whole, in groups, full-width, or in Chinese numerals."""
    forms: list[Callable[[], str]] = [
        lambda: plain,
        lambda: plain.translate(FULL),
        lambda: grouped(
            plain, *draw.choice(groups), sign=draw.choice((" ", "-", "－", "—", ".", "  ", "·", "_"))
        ),
        lambda: grouped(plain, *draw.choice(groups), sign=" ").translate(FULL),
        lambda: " ".join(plain),
    ]
    return draw.choice(forms)()


def mobile(draw: Draw) -> str:
    plain = f"1{draw.choice('3456789')}{number(draw, 9)}"
    spoken = plain.translate(draw.choice((CHINESE, SPOKEN, FORMAL)))
    mixed = plain[:3] + plain[3:7].translate(CHINESE) + plain[7:]
    written = disguised(draw, plain, (3, 4, 4), (3, 3, 5), (4, 3, 4), (3, 8))
    return draw.choice(
        (written, written, written, f"+86{plain}", f"+86 {plain}", f"86-{plain}", spoken, mixed)
    )


def landline(draw: Draw) -> str:
    area, local = draw.choice((("0871", 8), ("010", 8), ("0872", 7), ("021", 8), ("0888", 7)))
    plain = f"{draw.choice('2345678')}{number(draw, local - 1)}"
    form = draw.choice(("{}-{}", "{}{}", "({}){}", "（{}）{}", "{} {}", "{}－{}", "{}-{}转8012"))
    half = f"{plain[:-4]} {plain[-4:]}" if draw.random() < 0.3 else plain
    return form.format(area, half)


def id_card(draw: Draw) -> str:
    head = f"530{draw.choice('12')}{number(draw, 2)}{draw.randint(1935, 2012)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}{number(draw, 3)}"
    total = sum(int(digit) << (17 - place) for place, digit in enumerate(head))
    check = "10X98765432"[total % 11]
    if draw.random() < 0.2:  # a typing error
        check = draw.choice(string.digits)
    plain = head + (check.lower() if draw.random() < 0.3 else check)
    return disguised(draw, plain, (6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4))


def bank_card(draw: Draw) -> str:
    head = draw.choice(("622202", "621700", "436742", "356833")) + number(draw, draw.choice((9, 12)))
    plain = next(head + digit for digit in string.digits if luhn(head + digit))
    return disguised(draw, plain, (4, 4, 4, 4), (4, 4, 4, 4))


def plate(draw: Draw) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    tail = number(draw, 5) if draw.random() < 0.6 else f"{draw.choice(letters)}{number(draw, 4)}"
    if draw.random() < 0.4:  # new energy
        tail = draw.choice((f"{draw.choice('DF')}{number(draw, 5)}", f"{number(draw, 5)}{draw.choice('DF')}"))
    head = draw.choice("云京川贵桂粤") + draw.choice(letters)
    written = f"{head}{draw.choice(('', '', '·', ' ', '-', '.'))}{tail}"
    return draw.choice((written, written, written.lower(), written.translate(FULL)))


def email(draw: Draw) -> str:
    name = "".join(draw.choices(string.ascii_lowercase, k=6)) + number(draw, 2)
    host = draw.choice(("example.com", "mail.example.cn", "example.org.cn"))
    written = draw.choice((f"{name}@{host}", f"{name} @ {host}", f"{name}[at]{host}", f"{name}#{host}"))
    return written.translate(FULL) if draw.random() < 0.2 else written


def address(draw: Draw) -> str:
    estate = draw.choice(("翠云小区", "滨江花园", "白龙新村", "海棠公寓", "东风路45号", "龙泉村"))
    home = f"{draw.randint(1, 40)}{draw.choice(('栋', '幢', '号楼'))}"
    door = f"{draw.randint(1, 6)}单元{draw.randint(1, 30)}0{draw.randint(1, 4)}"
    written = f"{estate}{home}{door}{draw.choice(('', '室', '号'))}"
    return written.translate(FULL) if draw.random() < 0.15 else written


def account(draw: Draw) -> str:
    return draw.choice(
        (number(draw, 9), "".join(draw.choices(string.ascii_lowercase, k=5)) + number(draw, 4))
    )


def own_name(draw: Draw, name: str) -> str:
    family, given = name[0], name[1:]
    sounds = "".join(lazy_pinyin(family)), "".join(lazy_pinyin(given))
    forms = [name, name, " ".join(name), "　".join(name), "·".join(name), f"{sounds[0]} {sounds[1]}"]
    forms += [f"{sounds[0].title()}{sounds[1].title()}", *([given] if len(given) > 1 else [])]
    return draw.choice(forms)


KINDS: dict[str, tuple[Callable[[Draw], str], tuple[str, ...]]] = {
    Kind.MOBILE: (mobile, ("请打{}联系我", "我的手机{}", "电话：{}", "联系方式{}，随时可打", "{}（微信同号）", "号码是{}")),
    Kind.LANDLINE: (landline, ("座机{}", "也可以打{}", "家里电话：{}", "致电{}无人接听")),
    Kind.ID_CARD: (id_card, ("身份证号{}", "身份证：{}", "证件号码 {}", "本人{}", "号码{}")),
    Kind.BANK_CARD: (bank_card, ("退款请打到{}", "卡号{}", "银行账号：{}", "工行卡 {}")),
    Kind.PLATE: (plate, ("我的车{}被拖走", "车牌{}", "车号：{}", "{}停在站台")),
    Kind.EMAIL: (email, ("请回复到{}", "邮箱：{}", "电子邮件 {}")),
    Kind.ADDRESS: (address, ("我家住{}", "住址：{}", "本人住在{}", "家在{}", "寄到{}")),
    ACCOUNT: (account, ("微信号{}", "QQ：{}", "加我微信 {}")),
}  # fmt: skip
DECOYS = (
    "{n2}路公交车早上7:30到9:00之间等了{n2}分钟", "2026年{m}月{d}日上午10:15", "昆交规〔2026〕{m}号文件", "票价{m}元，共{n4}.50元",
    "请拨打12328", "K{n4}+500处路面破损", "统一社会信用代码91530100MA6K00000X", "来信编号2026-0{n5}", "北京路地铁站A口往南{n3}米",
    "3号线2号口外", "10月1日至7日", "2026-{m:02d}-{d:02d}第{n2}次班车", "订单号20261125{n4}", "东风路{n2}号门口的站牌", "客流增长{m}.{n2}%",
    "全长12.5公里、投资{n5}0万元", "邮编650500", "建议延长末班车到22:30", "K{n2}次、C{n3}次列车", "座位{m}排{d}座",
)  # fmt: skip


@dataclass(frozen=True)
class Planted:
    kind: str
    written: str
    start: int

    def is_left_in(self, copy: str) -> bool:
        """Whether the copy still tells it, in whatever way the digits stand."""
        if self.kind in (Kind.MOBILE, Kind.LANDLINE, Kind.ID_CARD, Kind.BANK_CARD):
            return digits_of(self.written)[-11:] in digits_of(copy)
        return self.written in copy


@dataclass
class Made:
    text: str = ""
    planted: list[Planted] = field(default_factory=list)


def letter(draw: Draw, name: str) -> Made:
    made = Made()
    kinds = draw.sample([*KINDS, NAME], k=draw.randint(1, 4))
    for kind in kinds:
        if draw.random() < 0.8:
            made.text += decoy(draw) + draw.choice("，。；")
        if kind == NAME:
            form, written = draw.choice(("我是{}", "{}反映", "此致，{}", "来信人：{}")), own_name(draw, name)
        else:
            make, forms = KINDS[kind]
            form, written = draw.choice(forms), make(draw)
        before, after = form.split("{}")
        made.planted.append(Planted(kind, written, len(made.text) + len(before)))
        made.text += before + written + after + draw.choice("，。；\n")
    made.text += decoy(draw) + "，请派人看看。"
    return made


def decoy(draw: Draw) -> str:
    fields = {f"n{count}": f"{draw.choice('123456789')}{number(draw, count - 1)}" for count in range(2, 6)}
    return draw.choice(DECOYS).format(m=draw.randint(1, 12), d=draw.randint(1, 28), **fields)


def letters() -> Iterator[tuple[str, Made]]:
    draw = random.Random(20261125)
    for _ in range(LETTERS):
        name = draw.choice(SURNAMES) + draw.choice(GIVEN)
        yield name, letter(draw, name)


@pytest.fixture(scope="module")
def made() -> list[tuple[str, Made]]:
    return list(letters())


def test_what_points_at_a_person_is_covered(made: list[tuple[str, Made]]) -> None:
    planted, left = Counter[str](), Counter[str]()
    for name, one in made:
        copy = redacted(one.text, name)
        planted.update(item.kind for item in one.planted)
        left.update(item.kind for item in one.planted if item.is_left_in(copy))
    recall = {kind: 1 - left[kind] / count for kind, count in planted.items()}

    assert left[Kind.MOBILE] == left[Kind.ID_CARD] == 0
    assert 1 - left.total() / planted.total() >= 0.995
    assert min(recall.values()) >= 0.99, recall


def test_little_else_is_covered(made: list[tuple[str, Made]]) -> None:
    hits = vain = 0
    for name, one in made:
        spans = [(item.start, item.start + len(item.written)) for item in one.planted]
        for trace in traces(one.text, name):
            hits += 1
            vain += not any(trace.start < end and start < trace.end for start, end in spans)

    assert 1 - vain / hits >= 0.98


def test_no_mobile_and_no_id_number_can_be_published(made: list[tuple[str, Made]]) -> None:
    """Neither as it was written nor in the copy that the clerk is offered."""
    for name, one in made:
        words = Words(name=name, mobile="13900001234", title="站台照明", content=one.text)
        final = {hit.kind for hit in publishing.hits({"body": one.text}, words) if hit.is_final}
        assert final >= {item.kind for item in one.planted} & {Kind.MOBILE, Kind.ID_CARD}, one.text
        assert not any(hit.is_final for hit in publishing.hits({"body": redacted(one.text, name)}, words)), (
            one.text
        )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1998-12-03 103路公交车", id="日期和线路"),
        pytest.param("投资13800000000.5元", id="金额"),
        pytest.param("东风路45号门口的路灯坏了", id="事发地点"),
        pytest.param("新Windows系统打不开", id="英文词"),
        pytest.param("公众号微信公众号kunmingjiaotong", id="公众号"),
        pytest.param("2号线、3号线换乘，12328、12345", id="线路和热线"),
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert redacted(text, "张三丰") == text


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("手机一三九，八七六五，四三二一", "手机一三九******四三二一"),
        ("139（8765）4321", "139******4321"),
        ("联系张三 丰老师", "联系张**老师"),
        ("邮箱kmzsf at example.com", "邮箱k***"),
        ("QQ邮箱是12345678@example点com", "QQ邮箱是1***"),
        ("联系人：李秀英，电话见附件", "联系人：李**，电话见附件"),
        ("家住呈贡区春融街99号8栋1单元", "家住呈贡区春融街**号**栋**单元"),
    ],
)
def test_disguises_that_somebody_thought_of(text: str, copy: str) -> None:
    assert redacted(text, "张三丰") == copy


def test_the_senders_mobile_is_known_however_it_is_cut() -> None:
    words = Words(name="张三丰", mobile="13900001234", title="t", content="c")

    (hit,) = publishing.hits({"body": "打139，再按0000，最后1234"}, words)
    assert hit.is_final
