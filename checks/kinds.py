"""What a reader calls the findings of a rule, and the class they are counted in."""

CLASSES = ("安全", "文字", "链接与附件", "栏目更新", "页面标识", "稿件信息")

# rule -> (name in charts and tables, class)
KINDS = {
    "tampered-page": ("页面被篡改", "安全"),
    "hidden-link": ("暗链", "安全"),
    "unknown-script": ("来路不明的脚本", "安全"),
    "secret-or-personal-data": ("涉密标志和个人信息", "安全"),
    "grave-wording": ("严重表述错误", "文字"),
    "sensitive-word": ("敏感词", "文字"),
    "typo": ("错别字", "文字"),
    "punctuation": ("标点和数字", "文字"),
    "spelling": ("英文拼写", "文字"),
    "document-logic": ("年份、日期、文号", "文字"),
    "dead-link": ("站内死链", "链接与附件"),
    "dead-anchor": ("页内位置", "链接与附件"),
    "missing-asset": ("图片、附件缺失", "链接与附件"),
    "outward-link": ("站外死链", "链接与附件"),
    "live-link": ("线上死链", "链接与附件"),
    "vanished-address": ("消失的地址", "链接与附件"),
    "unapproved-domain": ("未审核的域名", "链接与附件"),
    "stale-channel": ("栏目超期", "栏目更新"),
    "empty-channel": ("空白栏目", "栏目更新"),
    "consultation-result": ("征集结果未反馈", "栏目更新"),
    "missing-label": ("页面标签", "页面标识"),
    "front-matter": ("稿件信息头", "稿件信息"),
    "vague-guide": ("办事指南表述含糊", "稿件信息"),
    "adjustment-quota": ("局部调整次数", "稿件信息"),
    "stale-waiver": ("失效的豁免", "稿件信息"),
}


def name_of(rule: str) -> str:
    return KINDS.get(rule, (rule, ""))[0]


def class_of(rule: str) -> str:
    """Rules that nobody classed belong to the last class."""
    return KINDS.get(rule, ("", CLASSES[-1]))[1]
