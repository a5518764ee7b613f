"""The forms that printed text has, whatever engine read it: words of labels, dates, the four digits, the twelve.

Engines fold widths, give Chinese forms (性别 for 性別) and take 一 for ー. Here such readings are brought back character by
character, so that a text keeps its length and every position means the same in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from mnverify.masked import MaskedText
from mnverify.values import MyNumber, PartialDate
from mnverify.values.dates import BirthDay, Era, Wareki

_CHINESE = (
    "别別见見县県东東车車长長门門马馬鸟鳥龙竜冈岡证証书書记記栏欄团団这這岛島宫宮贝貝员員场場厅庁产産户戸发発陆陸邮郵铁鉄银銀钟鐘铃鈴锅鍋饭飯饮飲饱飽鱼魚鲁魯鸭鴨鹤鶴齿歯约約"
    "级級红紅纪紀纯純纲綱纳納线線组組细細织織终終绍紹经経结結给給络絡绢絹统統继継绩績绪緒续続维維绵綿缀綴缘縁编編缝縫认認讨討让譲训訓议議讯訊讲講许許论論设設访訪诉訴诊診词詞"
    "试試诗詩诚誠话話询詢该該详詳语語说説请請诸諸课課谁誰调調谈談谱譜财財责責贤賢败敗货貨质質贩販贯貫贵貴贷貸费費贺賀资資赁賃赋賦赏賞赖頼赛賽赞賛轮輪软軟轻軽输輸轨軌转転钢鋼"
    "钱銭铜銅铝鋁锋鋒锐鋭错錯锦錦镇鎮镜鏡闭閉问問间間闲閑闻聞阁閣阅閲队隊际際险険难難韩韓页頁顶頂项項顺順预預领領频頻题題颜顔额額风風飞飛驰馳驱駆驻駐骏駿骑騎鲇鮎鲜鮮鲤鯉鲸鯨"
    "鹫鷲鹰鷹鹭鷺坚堅坝壩块塊处処头頭夹夾夺奪奋奮妇婦妈媽娱娯孙孫实実审審宪憲对対寻尋导導尔爾层層岁歳帅帥师師帐帳带帯应応库庫废廃张張归帰彻徹态態战戦扩拡扫掃护護报報拥擁择択"
    "换換损損摇揺敌敵昙曇显顕晓暁暂暫术術杂雑权権杨楊枪槍标標树樹样様桥橋检検欢歓毕畢汉漢汤湯泽沢洁潔济済涡渦润潤满満滤濾灭滅热熱焕煥爱愛牺犠环環现現玛瑪电電畅暢疗療盐塩监監"
    "盘盤码碼础礎硕碩积積稳穏穷窮窍竅签籤简簡罗羅罚罰职職联聯聪聡肃粛肠腸胁脅胜勝脑脳节節苍蒼苏蘇药薬莲蓮获獲萤蛍营営蓝藍虑慮虽雖蚁蟻补補览覧觉覚观観规規视視计計订訂"
)
"""Chinese forms that are in no Japanese character set (JIS X 0213), each before its Japanese one."""
_BOTH = frozenset("叶个广无园丰阴灵沟涛渊离种笔确盖据梦宁断担机极构气惠荐胜")
"""Characters of Japanese that are also the Chinese form of another (叶 of 葉): an engine may mean either."""
_NOT_JAPANESE = dict(zip(_CHINESE[::2], _CHINESE[1::2], strict=True))
_HALF_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " ", "〔": "[", "〕": "]"}
_FOLD = str.maketrans(_NOT_JAPANESE | _HALF_WIDTH | {"个": "個", "效": "効"})
_JAPANESE = str.maketrans(_NOT_JAPANESE)

_KATAKANA = "ァ-ヺー"
_PARTICLES = "ノヶケツッガ"  # stand between kanji: 一ノ瀬, 三ツ口
_LIKE_KATAKANA = {"力": "カ", "二": "ニ", "口": "ロ", "工": "エ", "夕": "タ", "八": "ハ", "卜": "ト"}
_AMID_KATAKANA = re.compile(
    f"(?<=(?![{_PARTICLES}])[{_KATAKANA}])(?<=[{_KATAKANA}]{{2}})[{''.join(_LIKE_KATAKANA)}](?=[{_KATAKANA}])"
)
_LONG_VOWEL = re.compile(f"(?<=(?![{_PARTICLES}])[{_KATAKANA}])[一―－-](?=(?![{_PARTICLES}])[{_KATAKANA}])")
_LONG_VOWEL_AT_END = re.compile(f"(?<=[{_KATAKANA}]{{2}})一(?=$|[ 　0-9０-９・])")

_DIGIT_LIKE = str.maketrans(
    {
        "O": "0",
        "o": "0",
        "〇": "0",
        "○": "0",
        "D": "0",
        "l": "1",
        "I": "1",
        "|": "1",
        "丨": "1",
        "曰": "日",
        "牛": "生",
        "Z": "2",
        "S": "5",
        "B": "8",
    }
)
"""What stands for a digit where only a digit can stand. Whoever uses it says so: the reading is doubtful."""

LABELS: dict[str, re.Pattern[str]] = {
    "name": re.compile(r"\s*氏\s*名\s*[:：]?\s*"),
    "address": re.compile(r"\s*住\s*所\s*[:：]?\s*"),
    "birth_date": re.compile(r"\s*生\s*年\s*月\s*日\s*[:：]?\s*"),
    "sex": re.compile(r"\s*性\s*別\s*[:：]?\s*"),
    "expiry": re.compile(r"\s*(カードの)?有効期[限間]\s*[:：]?\s*"),
    "security_code": re.compile(r"\s*(セキュリティ\s*コ[ー一]ド|照\s*合\s*番\s*号\s*B?)\s*[:：]?\s*"),
    "additional_entry": re.compile(r"\s*追\s*記\s*[欄蘭]?\s*[:：]?\s*"),
    "my_number": re.compile(r"\s*個\s*人\s*番\s*号(?!\s*[カ力])\s*[:：]?\s*"),
}
"""How a label stands at the beginning of a line, in folded text."""

_OTHER_PRINT = re.compile(
    r"個人番号[カ力][ー一]ド|電子証明書|見本$|^見本(?![県市区町村郡])|これは見本|実在の人物|マイナンバ[ー一]|^[^0-9]+[市区町村]長(印|之印)?$|署名|臓器|提供し|"
    r"^年\s*月\s*日$|法律で定め|他人に|コピ[ー一]|Individual|Number\s*Card"
)

_DAY = re.compile(
    r"(?P<era>明治|大正|昭和|平成|令和|[MTSHR](?=\s*[元\d]))?\s*(?P<year>元|\d[\d ]{0,6})\s*年\s*"
    r"(?:(?P<month>\d[\d ]{0,2})\s*月\s*(?:(?P<day>\d[\d ]{0,2})\s*日|日?\s*不詳)|月?\s*日?\s*不詳)"
)
_WORDS_AFTER = re.compile(r"\s*(生|(まで|迄)?\s*有\s*効?|まで|迄)?[\s.。]*")
_DIGITS_ONLY = re.compile(r"\D+")
_FOUR_DIGITS = re.compile(r"\s*(\d)\s*(\d)\s*(\d)\s*(\d)\s*")
_TWELVE_DIGITS = re.compile(r"(?<!\d)(?:\d[\s\-ー－.・]{0,2}){11}\d(?!\d)")
_SEX = re.compile(r"男|女")
FIRST_EXPIRY = 2016
"""Cards are issued since then."""
LONGEST_VALIDITY = 11
"""Years from now: a card is valid until the tenth birthday after it was issued."""


def fold(text: str) -> MaskedText:
    """The text in half width and in Japanese forms, character for character."""
    return MaskedText(text.translate(_FOLD))


def in_japanese_forms(text: str) -> MaskedText:
    """The text with what no Japanese print holds brought back: Chinese forms, and 一 or 力 amid katakana."""
    plain = text.translate(_JAPANESE)
    plain = _LONG_VOWEL.sub("ー", plain)
    plain = _AMID_KATAKANA.sub(lambda found: _LIKE_KATAKANA[found.group()], plain)
    return MaskedText(_LONG_VOWEL_AT_END.sub("ー", plain))


def chinese_forms(character: str) -> frozenset[str]:
    """Forms that a reader may have seen where it is brought back to this character."""
    return frozenset(chr(form) for form, japanese in _FOLD.items() if japanese == character and form > 0x2FFF)


def has_two_meanings(text: str) -> bool:
    """Whether a character may stand for another, as 叶 for 葉."""
    return not _BOTH.isdisjoint(text)


def is_other_print(text: str) -> bool:
    """Whether a line is printed on every card: title, remarks, the mayor. ``text`` is folded."""
    return bool(_OTHER_PRINT.search(text.replace(" ", "")))


@dataclass(frozen=True, slots=True, repr=False)
class FoundDate:
    """A date in a line.

    Attributes:
        start: of the first character of it.
        end: behind the last.
        day: what it says; None where there is no such day.
        era: printed in the Japanese calendar.
        mended: a letter was taken for a digit.
    """

    start: int
    end: int
    day: BirthDay | None
    era: bool
    mended: bool = False

    def __repr__(self) -> str:
        return "FoundDate()"


def find_dates(text: str) -> list[FoundDate]:
    """Every date of a line, in either calendar, partial ones too. ``text`` is folded."""
    found = [_dated(match, mended=False) for match in _DAY.finditer(text)]
    if found or "年" not in text:
        return found
    return [_dated(match, mended=True) for match in _DAY.finditer(text.translate(_DIGIT_LIKE))]


def words_after_date(text: str) -> int:
    """How many characters of 生 or まで有効, and blanks, stand at the beginning of what follows a date."""
    match = _WORDS_AFTER.match(text)
    return match.end() if match is not None else 0


def four_digits(text: str) -> MaskedText | None:
    """The four digits, where the text is nothing else. ``text`` is folded."""
    match = _FOUR_DIGITS.fullmatch(text)
    return None if match is None else MaskedText("".join(match.groups()))


def find_my_number(text: str) -> MaskedText | None:
    """The 個人番号 in a text; None where there is none."""
    for match in _TWELVE_DIGITS.finditer(fold(text)):
        digits = MaskedText(_DIGITS_ONLY.sub("", match.group()))
        try:
            MyNumber(digits)
        except ValueError:
            continue
        return digits
    return None


def find_sex(text: str) -> int | None:
    """Where 男 or 女 stands; None where neither does, or both. ``text`` is folded."""
    found = list(_SEX.finditer(text))
    return found[0].start() if len(found) == 1 else None


def is_plausible_birth(day: BirthDay, today: date) -> bool:
    """Whether somebody who holds a card can be born then."""
    first = day.earliest if isinstance(day, PartialDate) else day
    return Era.TAISHO.first_day.year - 20 <= first.year and first <= today


def is_plausible_expiry(day: BirthDay, today: date) -> bool:
    """Whether a card can be valid until then."""
    return not isinstance(day, PartialDate) and FIRST_EXPIRY <= day.year <= today.year + LONGEST_VALIDITY


def _dated(match: re.Match[str], *, mended: bool) -> FoundDate:
    return FoundDate(match.start(), match.end(), _day_of(match), match["era"] is not None, mended)


def _day_of(match: re.Match[str]) -> BirthDay | None:
    """The day that a match says; None where the calendar has no such day, or no such year of the era."""
    era = next((one for one in Era if match["era"] in (one.japanese, one.letter)), None)
    year = 1 if match["year"] == "元" else int(match["year"].replace(" ", ""))
    if match["year"] == "元" and era is None:
        return None
    try:
        if match["month"] is None or match["day"] is None:
            month = None if match["month"] is None else int(match["month"].replace(" ", ""))
            return _partial(era, year, month)
        month, day = (int(match[part].replace(" ", "")) for part in ("month", "day"))
        if era is not None:
            return Wareki(era, year, month, day).to_date()
        return date(year, month, day) if 1868 <= year <= 2200 else None
    except ValueError:
        return None


def _partial(era: Era | None, year: int, month: int | None) -> PartialDate | None:
    gregorian = year if era is None else era.first_day.year + year - 1
    return PartialDate(gregorian, month) if 1868 <= gregorian <= 2200 else None
