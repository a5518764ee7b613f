"""Kanji that are forms of one another and that the registers' tables do not tie. Our own list, kept by hand.

Pairs of the 人名用漢字 (桧/檜, 遥/遙), forms that JIS changed or exchanged in 1983 and 2004 (鯵/鰺, 剥/剝), and forms that names of
families keep (嶋/嶌, 籔/薮; 濱/濵, which the tables tie to 浜 alone). Two characters of one group are a doubt; groups are never
joined. Characters that merely share a reading or a part (杉/椙, 坂/阪, 花/華) have no place here.
"""

from __future__ import annotations

OTHER_FORMS = (
    *("亘亙", "凛凜", "巌巖", "晃晄", "桧檜", "穣穰", "遥遙"),
    *(
        "侭儘",
        "剥剝",
        "叱𠮟",
        "唖啞",
        "嘘噓",
        "噛嚙",
        "嚢囊",
        "掻搔",
        "撹攪",
        "梼檮",
        "涛濤",
        "溌潑",
        "潅灌",
        "砺礪",
        "竃竈",
    ),
    *(
        "篭籠",
        "蛎蠣",
        "蝿蠅",
        "諌諫",
        "賎賤",
        "躯軀",
        "醗醱",
        "頚頸",
        "騨驒",
        "鯵鰺",
        "鴬鶯",
        "鹸鹼",
        "麸麩",
        "麹麴",
        "麺麪麵",
    ),
    *("々〻", "剣劍劔劒剱釼", "島嶋嶌", "廻迴", "弐弍貳", "庵菴", "旗籏", "栃杤", "毘毗", "氷冰", "涙淚泪", "渋澁澀"),
    *(
        "渓溪谿",
        "熙煕凞",
        "燿耀",
        "皐皋",
        "第㐧",
        "藁藳",
        "藪薮籔",
        "蓑簑",
        "濱濵",
        "﨑嵜",
        "栁桺",
        "國圀囯",
        "柗枩",
        "圡𡈽",
        "角⻆",
        "躰軆",
        "穐龝",
        "鐵鉃",
        "裏裡",
        "裴裵",
        "鈎鉤",
        "鶴靍靏鸖",
    ),
)
"""A doubt, whatever the source."""
