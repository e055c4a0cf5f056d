"""The sound of Chinese text, for those who type gongjiao or mistake one character for another."""

import re

_SYLLABLES = frozenset(
    """
    a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao
    ce cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui
    chun chuo ci cong cou cu cuan cui cun cuo da dai dan dang dao de den deng di dian diao die ding diu
    dong dou du duan dui dun duo e ei en eng er fa fan fang fei fen feng fiao fo fou fu ga gai gan gang
    gao ge gei gen geng gong gou gu gua guai guan guang gui gun guo ha hai han hang hao he hei hen heng
    hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan
    jue jun ka kai kan kang kao ke ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang
    lao le lei leng li lia lian liang liao lie lin ling liu lo long lou lu luan lun luo lv lve ma mai
    man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen
    neng ni nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa pai pan pang pao
    pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu
    quan que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen
    seng sha shai shan shang shao she shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si
    song sou su suan sui sun suo ta tai tan tang tao te teng ti tian tiao tie ting tong tou tu tuan tui
    tun tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue
    xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng
    zha zhai zhan zhang zhao zhe zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi
    zong zou zu zuan zui zun zuo
    """.split()  # noqa: SIM905 - reads better so
)
_LETTERS = re.compile(r"[a-z]+")


def syllables(text: str) -> str:
    """`公交 301 路` → `gong jiao lu`; whatever has no sound is left out."""
    from pypinyin import lazy_pinyin  # large; not needed to answer most queries

    return " ".join(_LETTERS.findall(" ".join(lazy_pinyin(text, errors="ignore")).lower()))


def joined(text: str) -> str:
    return syllables(text).replace(" ", "")


def split(typed: str) -> str:
    """`gongjiaoche` → `gong jiao che`; empty when it is not made of whole syllables."""
    typed = typed.lower()
    if not _LETTERS.fullmatch(typed) or len(typed) > 60:
        return ""
    ways: list[list[str] | None] = [[], *([None] * len(typed))]
    for end in range(1, len(typed) + 1):
        for start in range(max(0, end - 6), end):
            way, syllable = ways[start], typed[start:end]
            if way is not None and syllable in _SYLLABLES:
                best = ways[end]
                if best is None or len(way) + 1 < len(
                    best
                ):  # fewer, longer syllables: xian is 先 before 西安
                    ways[end] = [*way, syllable]
    return " ".join(ways[-1] or [])
