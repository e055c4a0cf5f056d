"""The blank forms of the demo content: `python -m portal.demo_forms` writes them below content/files/.

Office files carry the moment of their making in two places, the core properties and the zip directory;
both are set to fixed values, so that a second run writes the same bytes.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

MADE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FOLDER = Path("content/files/2026")
SIGNATURE = "申请人（签字或盖章）：                年    月    日"


@dataclass(frozen=True, slots=True)
class Form:
    """One blank form: sections of labels to fill in, and what the applicant signs."""

    title: str
    sections: Sequence[tuple[str, Sequence[str]]]
    declaration: str

    @property
    def file(self) -> str:
        return f"{self.title}.docx"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One spreadsheet: a title, the heads of its columns and the rows."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str | int | float]]

    @property
    def file(self) -> str:
        return f"{self.title}.xlsx"


FORMS = (
    Form(
        "政府信息公开申请表",
        (
            ("申请人", ("姓名或单位名称", "证件名称及号码", "通信地址", "接收答复的方式")),
            ("所需信息", ("文件名称或文号", "内容描述", "载体形式（纸质、电子邮件、现场查阅）")),
        ),
        "以上身份信息真实有效，愿意依法使用所获取的政府信息。",
    ),
    Form(
        "道路旅客运输经营申请表",
        (
            ("企业情况", ("企业名称", "统一社会信用代码", "法定代表人", "联系方式")),
            ("申请范围（勾选）", ("班车客运", "包车客运", "旅游客运", "起讫站点与日发班次")),
            ("运力", ("客车数量", "座位总数", "类型等级", "到位时间")),
        ),
        "所列车辆和人员在领取许可证后六个月内落实，未落实的自愿交回许可。",
    ),
    Form(
        "客运站经营备案表",
        (
            ("站场", ("站名", "地址（到门牌）", "占地与建筑面积", "发车位数量", "申请站级")),
            ("经营者", ("名称", "负责人", "值班电话")),
            ("设备", ("安检仪", "视频监控", "售票与检票方式")),
        ),
        "站场已通过竣工验收，出站检查制度已张贴上墙。",
    ),
    Form(
        "道路普通货物运输经营申请表",
        (
            ("业户", ("名称或姓名", "经营地址", "办理方式（一般程序或告知承诺）")),
            ("车辆", ("号牌", "总质量（吨）", "轴数", "检测日期")),
            ("驾驶员", ("准驾车型", "资格证有效期")),
        ),
        "选择告知承诺的，已阅读并理解承诺不实的法律后果。",
    ),
    Form(
        "道路危险货物运输经营申请表",
        (
            ("企业", ("名称", "法定代表人", "专职安全员人数")),
            ("拟运货物", ("类别", "项别", "品名（剧毒化学品逐项填写）", "年运量（吨）")),
            ("车辆与停车场", ("专用车辆数", "罐体容积", "停车场面积", "防渗与收集设施")),
        ),
        "本企业接受现场勘验，不以其他车辆、场地冒充本企业资产。",
    ),
    Form(
        "巡游出租汽车经营申请表",
        (
            ("申请企业", ("名称", "注册地", "投资人", "客服负责岗位")),
            ("拟投放车辆", ("数量", "能源类型", "无障碍车数量")),
            ("服务承诺", ("约车响应时间", "投诉办结时限", "驾驶员保障措施")),
        ),
        "取得的经营权不转让、不出租、不质押。",
    ),
    Form(
        "出租汽车驾驶员从业资格证申请表",
        (
            ("本人情况", ("姓名", "出生年月", "准驾车型", "初次领证日期")),
            ("报考", ("申请类别（巡游、网约、两者）", "希望考试的场次", "接收短信的号码")),
        ),
        "本人没有法律规定不得从事出租汽车驾驶的情形，同意由公安机关核查。",
    ),
    Form(
        "网络预约出租汽车经营申请表",
        (
            ("平台公司", ("公司名称", "分支机构名称", "应用程序名称", "监管平台接入账号")),
            ("线下能力", ("本地客服席位", "安全管理岗位", "紧急报警处置流程")),
        ),
        "保证向监管平台传送的数据完整、真实、及时。",
    ),
    Form(
        "网络预约出租汽车运输证申请表",
        (
            ("车辆", ("号牌", "品牌型号", "轴距", "燃料种类", "注册日期")),
            ("车主", ("姓名或单位名称", "住所所在县区", "报警装置编号")),
        ),
        "清楚知道车辆使用性质变更后按营运车辆年限报废。",
    ),
    Form(
        "机动车维修经营备案表",
        (
            ("门店", ("名称", "经营地址", "备案类别", "厂房面积")),
            ("岗位", ("技术负责人", "质量检验员", "机修、电器、钣金、涂漆人员数")),
            ("环保", ("废机油去向", "喷漆废气处理方式")),
        ),
        "公示工时单价，不使用假冒伪劣配件。",
    ),
    Form(
        "涉路施工许可申请书",
        (
            ("项目", ("工程名称", "建设单位", "施工单位", "路线编号与桩号")),
            ("活动种类", ("跨越", "穿越", "埋设", "增设道口", "占用挖掘")),
            ("工期与交通组织", ("起止日期", "每日作业时段", "绕行路线", "现场负责岗位")),
        ),
        "完工后按原标准恢复公路，质量缺陷由建设单位负责修复。",
    ),
    Form(
        "更新采伐护路林申请表",
        (
            ("树木", ("路线与桩号", "树种与株数", "胸径（厘米）", "申请理由")),
            ("补种", ("树种", "株数", "地点", "成活期管护岗位")),
        ),
        "不超出批准株数和期限作业，补种成活率不低于九成五。",
    ),
    Form(
        "水路运输业务经营申请书",
        (
            ("经营者", ("名称", "住所", "经营种类（客、货）")),
            ("船舶", ("船名", "总吨或客位", "主机功率", "检验有效期")),
            ("航线", ("水域", "靠泊码头", "班次")),
        ),
        "遇停航标准规定的天气和水情，保证不开航。",
    ),
    Form(
        "公路工程施工许可申请书",
        (
            ("项目", ("名称", "投资计划文号", "技术等级与里程", "概算（万元）")),
            ("参建单位", ("项目法人", "设计", "施工", "监理", "质量监督登记号")),
            ("开工条件", ("用地", "拆迁", "资金到位比例", "工资专户开户情况")),
        ),
        "没有许可不开工，变更设计及时报批。",
    ),
)
SHEETS = (
    Sheet(
        "公路超限运输申请表",
        ("项目", "数值", "单位", "说明"),
        (
            ("车货总高", "", "米", "从地面量到最高点"),
            ("车货总宽", "", "米", "含绑扎物"),
            ("车货总长", "", "米", "含悬出部分"),
            ("车货总质量", "", "吨", "过磅值"),
            ("第一轴轴荷", "", "吨", ""),
            ("第二轴轴荷", "", "吨", ""),
            ("第三轴轴荷", "", "吨", "多于三轴的逐行添加"),
            ("起运地与目的地", "", "", "精确到乡镇、街道"),
            ("计划通行日期", "", "", "避开法定节假日"),
        ),
    ),
    Sheet(
        "法定主动公开事项目录（2026年版）",
        ("序号", "公开事项", "公开时限", "责任处室", "公开层级", "上次更新"),
        (
            (1, "机构设置", "变动后 20 个工作日", "人事教育处", "市、县", "2026-01-12"),
            (2, "规范性文件", "印发后 20 个工作日", "政策法规处", "市、县", "2026-01-15"),
            (3, "文件解读", "与文件同步", "起草处室", "市", "2026-01-15"),
            (4, "行业规划", "批准后 20 个工作日", "综合规划处", "市", "2025-12-30"),
            (5, "运输统计", "按月或按季", "综合规划处", "市", "2026-01-18"),
            (6, "审批服务", "长期公开", "行政审批处", "市、县", "2026-01-08"),
            (7, "许可结果", "7 个工作日", "行政审批处", "市、县", "2026-01-19"),
            (8, "处罚结果", "7 个工作日", "执法支队", "市、县", "2026-01-19"),
            (9, "预算决算", "批复后 20 日", "财务审计处", "市", "2025-09-12"),
            (10, "建议提案答复", "办结后 20 个工作日", "办公室", "市", "2025-11-28"),
        ),
    ),
    Sheet(
        "2026年10月办件明细统计",
        ("主题", "受理", "办结", "提前办结", "网上提交", "好评"),
        (
            ("道路客运", 132, 129, 121, 118, 77),
            ("道路货运", 604, 601, 588, 549, 312),
            ("危险货物", 21, 17, 9, 12, 8),
            ("出租汽车", 318, 316, 301, 297, 190),
            ("网约车", 447, 441, 420, 447, 263),
            ("维修驾培", 95, 95, 95, 80, 51),
            ("公路涉路", 236, 230, 219, 231, 88),
            ("水路运输", 9, 8, 6, 5, 4),
            ("工程建设", 14, 12, 8, 11, 6),
        ),
    ),
)


def form_bytes(form: Form) -> bytes:
    """The form as a Word document."""
    document = Document()
    document.core_properties.created = document.core_properties.modified = MADE
    document.core_properties.title = form.title
    document.core_properties.author = "昆明市交通运输局（示例）"
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "FangSong", Pt(14)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋")
    heading = document.add_heading(f"{form.title}（示例）", level=1)
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name, labels in form.sections:
        document.add_paragraph(name)
        table = document.add_table(rows=0, cols=2, style="Table Grid")
        for label in labels:
            table.add_row().cells[0].text = label
    document.add_paragraph(f"声明：{form.declaration}")
    document.add_paragraph(SIGNATURE)
    return _packed(document.save)


def sheet_bytes(sheet: Sheet) -> bytes:
    """The sheet as an Excel workbook, its head row frozen."""
    book = Workbook()
    book.properties.created = MADE.replace(tzinfo=None)  # openpyxl writes naive times as UTC
    page = book.active
    assert page is not None
    page.title = sheet.title[:31]
    page.append(list(sheet.heads))
    for cell in page[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
    for row in sheet.rows:
        page.append(list(row))
    for column in "ABCDEF":
        page.column_dimensions[column].width = 22
    page.freeze_panes = "A2"
    return _packed(book.save)


def _packed(save: Callable[[io.BytesIO], None]) -> bytes:
    """What `save` writes, with every zip entry and the core properties dated alike."""
    raw, packed = io.BytesIO(), io.BytesIO()
    save(raw)
    stamp = f"{MADE:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, MADE.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            target.writestr(info, data)
    return packed.getvalue()


def write(folder: Path, forms: Iterable[Form] = FORMS, sheets: Iterable[Sheet] = SHEETS) -> list[Path]:
    """Write all forms below `folder`, and tell which files these are."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {form.file: form_bytes(form) for form in forms} | {
        sheet.file: sheet_bytes(sheet) for sheet in sheets
    }
    for name, data in content.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in content]


if __name__ == "__main__":
    print("\n".join(str(path) for path in write(FOLDER)))
