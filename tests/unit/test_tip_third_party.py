"""Who is found in the words of a tip, and who is not: sample names, areas 000000 and mobiles 13800000000 only."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from backend.kernel.errors import Invalid
from backend.kernel.privacy import check_character
from backend.tips.third_parties import detector
from backend.tips.third_parties.detector import Piece, Spot, marked, refuse, refuse_as_target, spots

ID18, ID15, PHONE = "000000199001010016", "000000900101001", "13800000000"
assert check_character(ID18[:17]) != "X"

NUMBERS = [
    (f"她的身份证是{ID18}", "id_number", ID18),
    (f"证件{ID15}。", "id_number", ID15),
    ("号码００００００１９９００１０１００１６", "id_number", "００００００１９９００１０１００１６"),
    ("000000 19900101 0016 是她", "id_number", "000000 19900101 0016"),
    ("000000.1990.0101.0016", "id_number", "000000.1990.0101.0016"),
    ("000000-1990-01-01-0016", "id_number", "000000-1990-01-01-0016"),
    ("000000/1990/01/01/0016", "id_number", "000000/1990/01/01/0016"),
    ("0000001990\n01010016", "id_number", "0000001990\n01010016"),
    ("000000\u200b19900101\u200b0016", "id_number", "000000\u200b19900101\u200b0016"),
    ("00000019900101001X", "id_number", "00000019900101001X"),
    ("00000019900101001 x 就是", "id_number", "00000019900101001 x"),
    ("00000019900101001ｘ", "id_number", "00000019900101001ｘ"),
    ("零零零零零零一九九零零一零一零零一六", "id_number", "零零零零零零一九九零零一零一零零一六"),
    ("〇〇〇〇〇〇幺九九〇〇幺〇幺〇〇幺六", "id_number", "〇〇〇〇〇〇幺九九〇〇幺〇幺〇〇幺六"),
    ("⓪⓪⓪⓪⓪⓪①⑨⑨⓪⓪①⓪①⓪⓪①⑥", "id_number", "⓪⓪⓪⓪⓪⓪①⑨⑨⓪⓪①⓪①⓪⓪①⑥"),
    ("000零00一990零1零1〇〇16", "id_number", "000零00一990零1零1〇〇16"),
    ("0OOOOO19900101OO16", "id_number", "0OOOOO19900101OO16"),
    ("身份证号00000019901301001", "id_number", "00000019901301001"),
    (f"打她电话{PHONE}", "mobile", PHONE),
    ("138 0000 0000", "mobile", "138 0000 0000"),
    ("138-0000-0000", "mobile", "138-0000-0000"),
    ("１３８００００００００", "mobile", "１３８００００００００"),
    ("+86 138 0000 0000", "mobile", "86 138 0000 0000"),
    ("0086-13800000000", "mobile", "0086-13800000000"),
    ("8613800000000", "mobile", "8613800000000"),
    ("013800000000", "mobile", "013800000000"),
    ("一三八零零零零零零零零", "mobile", "一三八零零零零零零零零"),
    ("1.3.8.0.0.0.0.0.0.0.0", "mobile", "1.3.8.0.0.0.0.0.0.0.0"),
    ("1，3，8，0，0，0，0，0，0，0，0", "mobile", "1，3，8，0，0，0，0，0，0，0，0"),
    ("1️⃣3️⃣800000000", "mobile", "1️⃣3️⃣800000000"),
    ("加微信wx13800000000", "mobile", PHONE),
    ("138/0000/0000", "mobile", "138/0000/0000"),
    ("138，0000，0000", "mobile", "138，0000，0000"),
    ("l38OOOOOOOO", "mobile", "l38OOOOOOOO"),
    ("OOOOOO199OO1O1OO16", "id_number", "OOOOOO199OO1O1OO16"),
    ("病历号：20260001", "record_number", "病历号：20260001"),
    ("住院号 A20260001", "record_number", "住院号 A20260001"),
    ("门诊号是 12 345", "record_number", "门诊号是 12 345"),
    ("检查号No.0012", "record_number", "检查号No.0012"),
    ("档案号码为2026-001", "record_number", "档案号码为2026-001"),
    ("建档号００１２", "record_number", "建档号００１２"),
    ("保健手册号一二三四", "record_number", "保健手册号一二三四"),
    ("床号12", "record_number", "床号12"),
    ("号码为20260001的病历在桌上", "record_number", "20260001"),
    ("20260001号病历", "record_number", "20260001"),
    ("12床的孕妇哭了", "record_number", "12"),
    ("孕妇的微信是abc_2026", "contact", "abc_2026"),
    ("孕妇电话0632-12345", "contact", "0632-12345"),
]
NAMES = [
    ("孕妇张小红去做了B超", "张小红"),
    ("张小红（孕妇）被骗了", "张小红"),
    ("孕妇叫李红", "李红"),
    ("一名姓王的孕妇叫王丽", "王丽"),
    ("产妇：欧阳娜娜", "欧阳娜娜"),
    ("孕妇张三昨天去了", "张三"),
    ("孕妇 李 四 交了钱", "李 四"),
    ("孕\u200b妇王五", "王五"),
    ("孕婦張小紅", "張小紅"),
    ("孕妇的名字是王小丽", "王小丽"),
    ("孕妇姓王名丽", "姓王名丽"),
    ("孕妇，28岁，张小红", "张小红"),
    ("准妈妈陈静很难过", "陈静"),
    ("大肚子刘芳也在", "刘芳"),
    ("怀孕5个月的周梅", "周梅"),
    ("孕检的女子赵敏", "赵敏"),
    ("待产的妇女孙燕", "孙燕"),
    ("有个孕妇，她叫张小红", "张小红"),
    ("该女子名叫李丽丽", "李丽丽"),
    ("叫李红的孕妇", "李红"),
    ("孕妇是邻居张小红", "张小红"),
    ("张小红怀孕4个月", "张小红"),
    ("张三的媳妇怀孕了，去了那里", "张三"),
    ("孕妇的丈夫张三", "张三"),
    ("姓名：张小红 性别：女 年龄：28", "张小红"),
    ("孕妇“李红”", "李红"),
    ("孕妇高丽丽", "高丽丽"),
    ("孕妇马兰，", "马兰"),
    ("孕妇名叫阿依古丽·买买提", "阿依古丽·买买提"),
    ("孕妇Zhang Xiaohong", "Zhang Xiaohong"),
    ("患者张小红做完就走了", "张小红"),
    ("怀孕妇女刘燕", "刘燕"),
    ("王丽，孕妇，28岁", "王丽"),
    ("张小红（已怀孕）", "张小红"),
    ("我老婆张小红怀孕了", "张小红"),
    ("孕妇名字叫陈小花", "陈小花"),
    ("怀二胎的王芳", "王芳"),
    ("孕妇“小红”，真名张小红", "张小红"),
    ("孕妇（姓名张小红）", "张小红"),
    ("这个孕妇我认识，叫王静", "王静"),
    ("孕妇->王静", "王静"),
    ("孕妇一个叫陈红的", "陈红"),
    ("孕妇_张小红", "张小红"),
    ("孕妇.张小红", "张小红"),
    ("孕妇*张小红*", "张小红"),
    ("孕妇@张小红", "张小红"),
    ("孕妇〔张小红〕", "张小红"),
    ("孕妇｛张小红｝", "张小红"),
    ("孕妇\n张小红\n", "张小红"),
    ("孕~妇~李~秀~兰", "李~秀~兰"),
    ("孕妇李-秀-兰-", "李-秀-兰"),
    ("孕妇李\u2800秀\u2800兰", "李\u2800秀\u2800兰"),
    ("孕妇系李秀兰", "李秀兰"),
    ("李秀兰系孕妇", "李秀兰"),
    ("孕妇本人李秀兰", "李秀兰"),
    ("孕妇姓李，叫秀兰", "姓李，叫秀兰"),
    ("孕妇zhangxiaohong", "zhangxiaohong"),
    ("孕妇ZHANG XIAOHONG", "ZHANG XIAOHONG"),
    ("李秀兰孕妇在二楼", "李秀兰"),
    ("李秀兰/孕妇", "李秀兰"),
    ("李秀兰女士是孕妇", "李秀兰"),
    ("李秀兰等三名孕妇", "李秀兰"),
    ("李秀兰当时怀孕四个月", "李秀兰"),
    ("李秀兰怀了二胎", "李秀兰"),
    ("李秀兰，怀孕四个月了", "李秀兰"),
    ("李秀兰，女，28岁，孕妇", "李秀兰"),
    ("李秀兰（女，28岁，孕妇）", "李秀兰"),
    ("李秀兰（孕12周）", "李秀兰"),
    ("孕妇，来自薛城的李秀兰", "李秀兰"),
    ("孕妇（薛城人）李秀兰", "李秀兰"),
    ("那个孕妇，好像叫李秀兰", "李秀兰"),
    ("孕妇去年来过，名字是李秀兰", "李秀兰"),
    ("孕妇A：李秀兰", "李秀兰"),
    ("孕妇①李秀兰", "李秀兰"),
    ("孕妇名单：李秀兰", "李秀兰"),
    ("被带去的孕妇有李秀兰。", "李秀兰"),
]
ADDRESSES = [
    ("孕妇住在阳光小区3号楼 2 单元", "阳光小区3号楼 2 单元"),
    ("她家住张庄村12号", "张庄村12号"),
    ("孕妇的住址是幸福路8号院", "幸福路8号院"),
    ("家住张庄村的孕妇", "张庄村"),
]
_PASSED = """
孕妇们都去那里|孕妇去了就收钱|给孕妇打黄体酮|孕妇高血压也不管|孕妇都知道这个地方|孕妇从后门进|孕妇在那里等
孕妇和家属一起交钱|带孕妇到后院做B超|孕妇任何时候都可以去|孕妇安全没有保障|孕妇张某说的|孕妇王某某交了3000元
孕妇李女士|孕妇小王|姓王的孕妇|孕妇张*红|孕妇张XX|孕妇张□□|医生张三给孕妇做B超|孕妇找李四交钱
老板叫张三，孕妇由他接送|中介是个女的，她叫张三|她叫我先交钱|她叫王医生出来|孕妇叫苦|孕妇叫车去的
孕妇叫什么不知道|孕妇王医生给看的|每个孕妇李四收3000元|孕妇高龄|孕妇方便的时候来|孕妇马上被带走
孕妇于2026年3月去过|孕妇常去的地方|孕妇何时来都行|孕妇单独进去|孕妇叶酸片|孕妇唐氏筛查|孕妇金额不等
孕妇向前台交钱|孕妇查性别|孕妇家属张罗着|孕妇王家村的多|孕妇黄牛带路|孕妇万分着急|孕妇温水送服|孕妇许多是外地的
孕妇计划周五来|孕妇严重出血|孕妇住在诊所二楼3号房间|孕妇住在附近的村子里|孕妇住在美好宾馆203室|孕妇住在外地
诊所在阳光小区3号楼2单元|收费3000元，另加1500元|1500 1800 200 三种价|1200、1500、1800、2000、2500元不等
2026-11-22 和 2026-11-23 都在|2026年11月22日上午9点|2026.10.01-2026.10.07|2026-11-22 09:30:15，3次
电话0632-12345|0632-5180000|010-88880000转8|12345|400-800-0000|统一社会信用代码91370402MA3C000000
代码12370402494420000D|许可证PDY60001-X37040217D2202|医疗机构执业许可证号49437043837040211A1001
快递单号SF1380000000012|运单号773000000000001|订单号202611220000000001|车牌鲁D12345|鲁D·F12345|203室|3号楼2单元
转账6222020000000000000|卡号 6222 0200 0000 0000 000|B超机型号DP-6600|设备序列号20190001230|病历号都不给|住院3天
里面有3张床|床位12个|病历不给看|检查一次200|怀孕5个月的有三个|她怀孕了|老婆怀孕去问过|容易怀孕|三三两两来的人
一百二十三个人|周一到周五，9:00-17:00|二〇二六年十一月二十二日|微信群500人|群号123456789|邮编277100
患者高血压也照做|病人都从后门走|女方家属交钱|产妇康复中心|孕妇学校|孕妇石膏|孕妇毛衣店楼上
孕妇滕州来的多|孕妇徐州来的|薛城的孕妇|孕妇曲阜人|孕妇梅毒阳性|孕妇洪亮的声音|孕妇高铁站接|孕妇张贴栏|孕妇做完，叫李四进去|温柔的孕妇|许多是孕妇|孕妇周一到
孕妇和李四医生说好价钱|孕妇通过中介李四联系|负责人姓名：张三，电话见招牌|姓名不用写|宝妈群里|她叫号的|孕妇凌晨三点|患者隐私|大肚子都往里走|孕妇代表
医生李秀兰给孕妇抽血|李秀兰是中介，带过三名孕妇|李秀兰联系孕妇，收定金|李秀兰为孕妇做B超|中介李秀兰、孕妇和家属都在
李秀兰带了两名孕妇上楼|司机王强等三名孕妇出来|孕妇有王医生接|孕妇有车接|孕妇有时候一天十个|孕妇去做B超，医生叫李秀兰
被带去的孕妇有江苏的|孕妇，来自薛城的很多|孕妇应该是被骗的|孕妇分别是周一和周三来|孕妇1500元，家属另算|孕妇A和孕妇B都交了钱
孕妇……李四说不用怕|孕妇。李四是老板|孕妇为何这么多|孕妇系安全带|孕妇*必须空腹|孕妇VIP通道|孕妇liuchan|孕妇wifi密码
康美丽孕妇装店|江南春孕妇餐|张家村-孕妇-有车接|薛城-孕妇|商量好的孕妇|来了十名孕妇|上周五三名孕妇|高峰时等五位孕妇|容易怀孕
价格150/2000/3000三档|价格138,200,300|2026/10/12，14:30|程序：怀孕7周抽血|安排怀孕的住下|孕妇叫车，姓王叫车的司机
"""
PASSED = _PASSED.strip().replace("\n", "|").split("|")


@pytest.mark.parametrize(("text", "kind", "there"), NUMBERS)
def test_a_number_of_a_person_is_found_in_any_disguise(text: str, kind: str, there: str) -> None:
    start = text.index(there)
    assert spots(text) == [Spot(start, start + len(there), kind)]


@pytest.mark.parametrize(("text", "there"), NAMES)
def test_a_name_beside_a_pregnant_woman_is_found(text: str, there: str) -> None:
    assert [(text[spot.start : spot.end], spot.kind) for spot in spots(text)] == [(there, "name")]


@pytest.mark.parametrize(("text", "there"), ADDRESSES)
def test_her_address_is_found(text: str, there: str) -> None:
    assert [(text[spot.start : spot.end], spot.kind) for spot in spots(text)] == [(there, "address")]


@pytest.mark.parametrize("text", PASSED)
def test_what_points_to_no_woman_passes(text: str) -> None:
    assert [text[spot.start : spot.end] for spot in spots(text)] == []


def test_the_corpus_is_as_large_as_it_must_be() -> None:
    assert len(NUMBERS) + len(NAMES) + len(ADDRESSES) >= 60
    assert len(PASSED) >= 60


def test_names_in_a_row_are_all_found() -> None:
    text = "孕妇张小红、李小丽和王芳都去过"
    assert [text[spot.start : spot.end] for spot in spots(text)] == ["张小红", "李小丽", "王芳"]


HOSTILE = [
    "1 " * 5000,
    "孕妇张" * 3333,
    "怀孕" * 5000,
    "身份证号" * 2500,
    "病历号1" * 2500,
    "住在3号" * 2500,
    "1990" * 2500,
]
PROSE = "这家诊所的老板给孕妇做B超，每次收3000元，2026年3月去过两次，电话0632-12345，后门进去左手第二间。"


@pytest.mark.parametrize("text", [(PROSE * 300)[:10_000], *HOSTILE, "\ufdfa" * 10_000, "①" * 10_000, "1," * 5000])
def test_ten_thousand_signs_are_read_in_no_time(text: str) -> None:
    took = []
    for _ in range(3):
        began = time.process_time()
        spots(text)
        took.append(time.process_time() - began)
    assert min(took) < 0.2  # 15 ms of prose, 50 ms of the worst; a runaway pattern takes minutes


@given(st.text(max_size=300))
@settings(max_examples=150)
def test_spots_lie_in_order_within_any_text_and_cut_it_without_loss(text: str) -> None:
    found = spots(text)
    places = [place for spot in found for place in (spot.start, spot.end)]
    assert places == sorted(places)
    assert all(0 <= spot.start < spot.end <= len(text) and spot.kind in detector.KINDS for spot in found)
    assert "".join(piece.text for piece in marked(text, found)) == text


SIGNS = st.text(st.sampled_from(" .-·_/,，。、\n\t\u200b\u200d\ufeff\u3000*"), max_size=3)
FORMS = st.sampled_from(["0123456789", "０１２３４５６７８９", "〇一二三四五六七八九", "⓪①②③④⑤⑥⑦⑧⑨", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"])


@given(st.lists(st.tuples(SIGNS, FORMS), min_size=18, max_size=18), st.dates(date(1950, 1, 1), date(2012, 12, 31)))
def test_an_identity_number_is_found_whatever_is_put_between_its_digits(
    parts: list[tuple[str, str]], day: date
) -> None:
    first = f"000000{day:%Y%m%d}001"
    number = first + check_character(first).replace("X", "6")
    text = "她" + "".join(form[int(digit)] + signs for digit, (signs, form) in zip(number, parts, strict=True))
    assert [spot.kind for spot in spots(text)] == ["id_number"]


def test_marked_pieces_say_what_was_found() -> None:
    text = "孕妇叫李红。"
    assert marked(text, spots(text)) == [Piece("孕妇叫"), Piece("李红", "name"), Piece("。")]


def test_a_refusal_says_where_and_never_what() -> None:
    with pytest.raises(Invalid) as refused:
        refuse({"text": f"孕妇叫李红，{ID18}", "target.address": "东路1号"})
    assert refused.value.code == "third_party"
    assert refused.value.extra == {
        "spots": {"text": [{"start": 3, "end": 5, "kind": "name"}, {"start": 6, "end": 24, "kind": "id_number"}]}
    }
    said = f"{refused.value} {refused.value.title} {[str(t) for t in refused.value.errors['text']]}"
    assert "李红" not in said
    assert ID18 not in said
    assert "没有存" in said


def test_the_offenders_own_telephone_is_allowed_among_the_contacts_and_no_identity_number() -> None:
    refuse({"text": "收了钱"}, contacts_of_offender={"target.contacts": f"{PHONE} 微信 abc_2026"})
    with pytest.raises(Invalid) as refused:
        refuse({}, contacts_of_offender={"target.contacts": f"{PHONE} {ID18}"})
    assert refused.value.extra["spots"] == {"target.contacts": [{"start": 12, "end": 30, "kind": "id_number"}]}


@pytest.mark.parametrize("name", ["孕妇", "孕妇王某", "王某（孕妇）", "隔壁怀孕的女人", "孕 妇李某", "大肚子"])
def test_a_pregnant_woman_cannot_be_accused(name: str) -> None:
    with pytest.raises(Invalid, match="third_party"):
        refuse_as_target("target.name", name)


@pytest.mark.parametrize(
    "name", ["张三诊所", "孕产妇保健服务部", "李某（中介）", "孕妇之家母婴店", "王医生", "孕妈互助群群主"]
)
def test_an_institution_or_practitioner_can_be(name: str) -> None:
    refuse_as_target("target.name", name)
