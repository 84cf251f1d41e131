"""Near-duplicates in languages that are written without spaces, and in other scripts."""

import pytest

from processors.copies.fingerprint import Fingerprinter
from tests.processors.dedup_run import article, verdicts

CHINESE = """
俄罗斯国防部周三宣布，该国空军当天开始对叙利亚境内的目标实施空袭。国防部发言人表示，战机共出动约二十架次，打击了八个目标，
摧毁了武器装备、通信枢纽和燃料仓库。就在数小时前，俄罗斯议会上院批准总统普京在境外使用武力。美国官员则说，空袭地点并不在
极端组织控制的地区。一名俄罗斯将军事先前往美国驻巴格达大使馆，要求联军飞机离开该地区。叙利亚政府证实，已致函莫斯科请求援助。
法国外长表示，值得注意的是没有一个极端组织的阵地遭到打击。联合国外交人士说，双方将在数日内就如何避免空中误判展开会谈。
"""
OTHER_CHINESE = """
日本气象厅星期五表示，今年第二十一号台风正在接近冲绳，预计周末将带来强风和暴雨。当地政府已经下令数万名居民前往避难所。航空公司
取消了上百个航班，渡轮也全部停驶。专家提醒民众不要靠近海岸，并提前准备饮用水和食物。去年同一时期的一场台风曾造成大范围停电，
部分地区用了一个星期才恢复供电。气象部门说，台风在登陆之后可能减弱，但仍会给西部山区带来泥石流的危险。学校星期一是否复课，
要等到周日晚上才能决定。保险公司已经开始接受民众的损失申报。
"""
JAPANESE = """
ロシア国防省は水曜日、同国の空軍がシリア領内の標的に対する空爆を開始したと発表した。報道官によると、戦闘機はおよそ二十回出撃し、
八つの標的を攻撃して、武器庫や通信施設、燃料の貯蔵所を破壊したという。数時間前には、議会がプーチン大統領に国外での武力行使を
認めたばかりだった。アメリカの当局者は、空爆された場所は過激派組織が支配する地域ではないと話している。ロシアの将軍が事前に
バグダッドのアメリカ大使館を訪れ、有志連合の航空機をこの地域から離れさせるよう求めた。シリア政府は書簡で支援を要請したことを
認めた。国連の外交筋によると、双方は空での衝突を避けるため数日以内に協議を始める見通しだ。
"""
OTHER_JAPANESE = """
気象庁は金曜日、大型の台風が沖縄に接近しており、週末にかけて暴風と大雨になるおそれがあると発表した。県は数万人の住民に避難を
呼びかけ、航空各社はおよそ百便の欠航を決めた。フェリーもすべて運休している。専門家は海岸に近づかず、水と食料を早めに用意する
よう注意を促している。去年の同じ時期には台風で大規模な停電が起き、復旧までに一週間かかった地域もあった。台風は上陸後に勢力を
弱める見込みだが、西部の山沿いでは土砂災害の危険が続く。学校を月曜日に再開するかどうかは日曜日の夜に決まる。保険会社は被害の
届け出の受け付けを始めた。
"""
THAI = """
กระทรวงกลาโหมรัสเซียแถลงเมื่อวันพุธว่ากองทัพอากาศได้เริ่มโจมตีเป้าหมายในซีเรียแล้ว
โฆษกกล่าวว่าเครื่องบินรบออกปฏิบัติการประมาณยี่สิบเที่ยวบินและทำลายเป้าหมายแปดแห่ง รวมถึงคลังอาวุธ
ศูนย์สื่อสาร และคลังเชื้อเพลิง
ไม่กี่ชั่วโมงก่อนหน้านั้นรัฐสภาได้อนุมัติให้ประธานาธิบดีปูตินใช้กำลังทหารนอกประเทศ
เจ้าหน้าที่สหรัฐกล่าวว่าพื้นที่ที่ถูกโจมตีไม่ได้อยู่ในการควบคุมของกลุ่มหัวรุนแรง
นายพลรัสเซียคนหนึ่งเดินทางไปยังสถานทูตสหรัฐในกรุงแบกแดดล่วงหน้าเพื่อขอให้เครื่องบินของพันธมิตรออกจากพื้นที่
รัฐบาลซีเรียยืนยันว่าได้ส่งจดหมายขอความช่วยเหลือ
นักการทูตของสหประชาชาติกล่าวว่าการเจรจาจะเริ่มขึ้นภายในไม่กี่วัน
"""
OTHER_THAI = """

กรมอุตุนิยมวิทยาเตือนเมื่อวันศุกร์ว่าพายุไต้ฝุ่นลูกใหม่กำลังเคลื่อนตัวเข้าใกล้เกาะทางใต้และจะทำให้มีฝนตกหนักกับลมแรงตลอดสุดสัปดาห์
ทางการสั่งอพยพประชาชนหลายหมื่นคนไปยังศูนย์พักพิง สายการบินยกเลิกเที่ยวบินกว่าร้อยเที่ยว
เรือข้ามฟากหยุดให้บริการทั้งหมด
ผู้เชี่ยวชาญแนะนำให้เตรียมน้ำดื่มและอาหารไว้ล่วงหน้าและอย่าเข้าใกล้ชายฝั่ง
ปีที่แล้วพายุลักษณะเดียวกันทำให้ไฟฟ้าดับเป็นบริเวณกว้างและบางพื้นที่ต้องรอถึงหนึ่งสัปดาห์
โรงเรียนจะเปิดเรียนในวันจันทร์หรือไม่นั้นต้องรอการตัดสินใจในคืนวันอาทิตย์
"""
ARABIC = """
أعلنت وزارة الدفاع الروسية يوم الأربعاء أن طائراتها بدأت شن غارات جوية على أهداف في سوريا. وقال متحدث
باسم الوزارة إن الطائرات نفذت نحو عشرين طلعة وأصابت ثمانية أهداف بينها مخازن أسلحة ومراكز اتصالات
ومستودعات وقود. وكان البرلمان قد وافق قبل ساعات على طلب الرئيس بوتين استخدام القوة في الخارج. وقال
مسؤولون أمريكيون إن المناطق التي قصفت لا تخضع لسيطرة التنظيم المتشدد. وأكدت الحكومة السورية أنها طلبت
المساعدة في رسالة رسمية. وقال دبلوماسيون في الأمم المتحدة إن محادثات حول تجنب الحوادث بين الطرفين ستبدأ
خلال أيام.
"""
HINDI = """
रूस के रक्षा मंत्रालय ने बुधवार को घोषणा की कि उसकी वायु सेना ने सीरिया में ठिकानों पर हवाई हमले शुरू कर
दिए हैं। प्रवक्ता ने कहा कि विमानों ने लगभग बीस उड़ानें भरीं और आठ ठिकानों को निशाना बनाया, जिनमें
हथियारों के गोदाम, संचार केंद्र और ईंधन के भंडार शामिल थे। कुछ घंटे पहले ही संसद ने राष्ट्रपति पुतिन को
देश के बाहर बल प्रयोग की अनुमति दी थी। अमेरिकी अधिकारियों का कहना है कि जिन इलाकों पर हमला हुआ वे चरमपंथी
संगठन के नियंत्रण में नहीं हैं। सीरिया की सरकार ने पुष्टि की कि उसने पत्र लिखकर मदद मांगी थी।
"""

TEXTS = {
    "zh": (CHINESE, OTHER_CHINESE, [("周三", "星期三"), ("约二十", "大约二十"), ("发言人表示", "发言人说")]),
    "ja": (JAPANESE, OTHER_JAPANESE, [("水曜日", "三十日"), ("報道官", "広報官"), ("見通しだ", "予定だ")]),
    "th": (THAI, OTHER_THAI, [("วันพุธ", "วันที่สามสิบ"), ("โฆษกกล่าวว่า", "โฆษกระบุว่า"), ("ประมาณ", "ราว")]),
}


def edited(text: str, changes: list[tuple[str, str]]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize("lang", TEXTS)
def test_copies_without_spaces_are_found_and_other_reports_are_not(lang: str) -> None:
    text, other, changes = TEXTS[lang]
    found = verdicts(
        [
            article("first", text, lang=lang),
            article("other", other, lang=lang),
            article("exact", text.replace("\n", " "), day=1, lang=lang),
            article("near", edited(text, changes), day=2, lang=lang),
        ]
    )
    assert [found[name].verdict for name in ("first", "other", "exact", "near")] == [
        "original",
        "original",
        "exact",
        "near",
    ]
    assert found["other"].relations == ()
    assert (found["near"].duplicate_of, found["near"].family) == ("first", "first")


@pytest.mark.parametrize("lang", TEXTS)
def test_excerpts_without_spaces_are_found(lang: str) -> None:
    text, other, _ = TEXTS[lang]
    letters = "".join(text.split())
    brief = letters[: len(letters) // 2]
    longer = letters + "".join(other.split())
    found = verdicts([article("long", longer, lang=lang), article("brief", brief, lang=lang)])
    assert (found["brief"].verdict, found["brief"].duplicate_of) == ("excerpt", "long")
    found = verdicts([article("brief", brief, lang=lang), article("long", longer, lang=lang)])
    assert (found["long"].verdict, [one.kind for one in found["long"].relations]) == ("original", ["contains"])


@pytest.mark.parametrize("lang", TEXTS)
def test_words_are_counted_without_spaces(lang: str) -> None:
    """Roughly: the translations of one report have about as many words."""
    words = Fingerprinter(5, 128).fingerprint("", TEXTS[lang][0]).words
    assert 90 < words < 180


@pytest.mark.parametrize(("lang", "text"), [("ar", ARABIC), ("hi", HINDI)])
def test_marks_and_writing_direction_are_no_matter(lang: str, text: str) -> None:
    words = text.split()
    near = " ".join(["\u202b" + words[0], *words[1:-3], "…"])
    found = verdicts([article("first", text, lang=lang), article("near", near, lang=lang)])
    assert (found["near"].verdict, found["near"].duplicate_of) == ("near", "first")


SHARES = (
    "{name}股价周五收于{price}元，较前一交易日变动百分之{change}，成交量为{volume}股。大盘指数收于{index}点。分析人士认为，"
    "投资者正在等待下个月公布的季度业绩。该公司主要生产化工行业所需的水泵和阀门，在四个大洲设有工厂。本文由程序根据交易所数据"
    "自动生成，并经编辑核对，不构成任何投资建议。过去的表现不代表将来的收益，投资者可能损失全部本金。报价延迟十五分钟。"
)


def test_reports_with_other_numbers_are_no_copies_without_spaces_either() -> None:
    one = SHARES.format(name="华能", price="12.35", change="2.4", volume="310442", index="3052.7")
    two = SHARES.format(name="中铁", price="7.81", change="1.9", volume="88019", index="3011.2")
    found = verdicts(
        [article("a", one, lang="zh"), article("b", two, lang="zh"), article("c", one + "完", lang="zh")]
    )
    assert found["b"].relations == ()
    assert found["c"].duplicate_of == "a"
