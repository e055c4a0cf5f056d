"""A remote diagnosis: only with consent, in four parts, and nothing in it that is a secret or personal."""

import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest

from portal import cli
from portal.redaction import HIDDEN, redacted

ROOT = Path(__file__).parents[2]
PLANTED = {
    "mobile": "13912345678",
    "id card": "530102199003070011",
    "bank card": "6222020200112233446",
    "mail": "zhangsan@example.com",
    "password": "Yunnan#2026!",
    "token in the environment": "internal-token-value",
    "password in a url": "pgpassword",
    "bearer": "abcDEF123456.token",
    "private key": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
    "query code": "K7XQ-3MPD-9WTA",
    "vendor key": "LTAI5tAbCdEfGhIjKlMnOp",
}
LOG = f"""2026-11-25 09:00:00 ERROR mailbox.dispatch: gateway refused 用户{PLANTED["mobile"]} 身份证{PLANTED["id card"]}
卡号 {PLANTED["bank card"]} 邮箱 {PLANTED["mail"]}
password={PLANTED["password"]}&next=/ 查询码：{PLANTED["query code"]}
posted with {PLANTED["token in the environment"]} to http://127.0.0.1
postgresql://mailbox:{PLANTED["password in a url"]}@db/mailbox is away
Authorization: Bearer {PLANTED["bearer"]}
-----BEGIN PRIVATE KEY-----
{PLANTED["private key"]}
-----END PRIVATE KEY-----
using {PLANTED["vendor key"]}
"""


@pytest.fixture
def number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """A diagnosis ticket in a project folder whose logs are full of what must not get out."""
    text = (ROOT / "site.toml").read_text("utf-8").replace("http://127.0.0.1:8000", "http://127.0.0.1:9")
    (tmp_path / "site.toml").write_text(text, "utf-8")
    (tmp_path / "content").mkdir()
    shutil.copy(ROOT / "content/channels.toml", tmp_path / "content")
    (tmp_path / "var/log").mkdir(parents=True)
    (tmp_path / "var/log/mailbox.log").write_text(LOG, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTAL_INTERNAL_TOKEN", PLANTED["token in the environment"])
    assert cli.run(["mailbox", "init"]) == 0
    capsys.readouterr()
    words = ["首页打开很慢", "--text", f"群众{PLANTED['mobile']}反映很慢。", "--by", "值班员"]
    assert cli.run(["desk", "open", "diagnosis", *words]) == 0
    return capsys.readouterr().out.splitlines()[0]


def diagnose(number: str) -> int:
    return cli.run(["report", "diagnosis", "--ticket", number, "--by", "工程师"])


def test_without_consent_nothing_is_looked_at(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose(number) == 2
    assert "还没有登记甲方同意" in capsys.readouterr().err
    assert not Path("var/reports").exists()


def test_with_consent_the_report_has_its_four_parts_and_leaks_nothing(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    agreed = ["--given-by", "王主任", "--how", "电话同意", "--by", "值班员"]
    assert cli.run(["desk", "consent", number, *agreed]) == 0
    code = diagnose(number)
    stem = Path(f"var/reports/diagnosis-{number}")
    document = docx.Document(str(stem.with_suffix(".docx")))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    archive = zipfile.ZipFile(stem.with_suffix(".zip"))
    capsys.readouterr()
    cli.run(["desk", "show", number])
    shown = capsys.readouterr().out

    assert code == 1
    parts = [words.index(part) for part in ("一、现象", "二、过程", "三、结论", "四、建议")]
    assert parts == sorted(parts)
    assert "王主任" in words
    assert "服务 portal" in words
    assert f"diagnosis-{number}.docx" in shown
    assert {name for name in archive.namelist() if name.startswith("logs/")} == {
        "logs/var_log_mailbox.log.txt"
    }
    assert json.loads(archive.read("facts.json"))["ticket"] == number
    for name, text in texts(stem, archive).items():
        assert [what for what, secret in PLANTED.items() if secret in text] == [], name


def texts(stem: Path, archive: zipfile.ZipFile) -> dict[str, str]:
    """Everything that can be read in what the diagnosis wrote; packed formats unpacked."""
    found = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    for suffix in (".docx", ".xlsx"):
        with zipfile.ZipFile(stem.with_suffix(suffix)) as packed:
            found |= {
                f"{suffix}/{name}": packed.read(name).decode("utf-8", "replace") for name in packed.namelist()
            }
    found[".html"] = stem.with_suffix(".html").read_text("utf-8")
    pages = pypdf.PdfReader(io.BytesIO(stem.with_suffix(".pdf").read_bytes())).pages
    found[".pdf"] = "".join(page.extract_text() for page in pages)
    return found


@pytest.mark.parametrize("what", PLANTED)
def test_each_kind_of_secret_is_covered(what: str) -> None:
    assert PLANTED[what] not in redacted(LOG, [PLANTED["token in the environment"]])


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25 09:00:00 ERROR portal: 端口 8000 没有应答",
        "checks/rules/secret_or_personal_data.py:26: in check_source",
        "昆政发〔2026〕12号，咨询时间 9:00—17:00",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redacted(text) == text


def test_the_name_stays_and_the_value_goes() -> None:
    assert redacted("PORTAL_INTERNAL_TOKEN=abc123") == f"PORTAL_INTERNAL_TOKEN={HIDDEN}"
    assert os.environ.get("PORTAL_INTERNAL_TOKEN") != "abc123"
