"""How well pictures of characters tell characters apart. Usage: python -m benchmarks.glyphs [--pairs N]

The chip's twelve dots against a print in typefaces that are not the chip's, softened, noisy and compressed as a photo is. Of four
kanji the chip has one replaced: by nothing, by a variant, by a look-alike, by another character.
"""

from __future__ import annotations

import argparse
import io
import random
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mnverify.errors import UsageError
from mnverify.images import PNG
from mnverify.images import Image as ChipImage
from mnverify.printed.glyph import GlyphOutcome, compare_glyphs
from mnverify.printed.variants import Likeness, likeness
from mnverify.printed.variants.look_alikes import ALWAYS, MISREAD
from mnverify.virtual.pictures import text_image

Pixels = NDArray[np.uint8]
TYPEFACES = {
    "IPAex Gothic": ("/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf", 0),
    "IPAex Mincho": ("/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf", 0),
    "Noto Serif": ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", 0),
    "Noto Sans": ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 0),
}
DOTS = {300: 35, 600: 70}
"""Pixels of a character of 3 mm, by dpi."""
COMMON = (
    "佐藤鈴木高橋田中伊渡辺山本村小林加吉清池阿部森岡前川長谷石井斎坂遠青西福太三浦松原竹内金子和野上島葉菊地丸平桜千岩久保新今宮武河杉市大塚増安達宅柴関横"
    "口内秋沢水飯矢服若荒成須星永堀尾望早浜辻土屋奥片篠浅菅熊黒津樋白窪馬場町区県東京都府北海道神奈埼玉静岡愛知兵庫広宮城茨栃群茂邦昭和明美恵幸花真由香智"
)
VARIANTS = (
    "沢澤 斎齋 国國 広廣 桜櫻 浜濱 竜龍 滝瀧 島嶋 富冨 峰峯 真眞 恵惠 関關 塩鹽 鉄鐵 高髙 崎﨑 吉𠮷 亀龜 万萬 与與",
    "槇槙 尭堯 遥遙 瑶瑤 黒黑 徳德 増增 曽曾 柳栁 栄榮 円圓 会會 学學 実實 寿壽 条條 静靜 蔵藏 団團 伝傳 当當 浅淺",
    "来來 辺邊 辺邉 邊邉",
)
WORDS = {
    "same": "the same character",
    "variant": "its variant",
    "look-alike": "a look-alike",
    "other": "another character",
}


class Pair(NamedTuple):
    """What is printed, and what the chip has in its place."""

    kind: str
    printed: str
    chip: str


def photographed(picture: Image.Image, seed: int) -> Pixels:
    """As a camera would give it: softened, noisy, compressed."""
    chance = np.random.default_rng(seed)
    soft = picture.filter(ImageFilter.GaussianBlur(float(chance.uniform(0.3, 1.1))))
    noisy = np.asarray(soft, dtype=float) + chance.normal(0, 5, (*soft.size[::-1], 1))
    out = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=80)
    return np.asarray(Image.open(out).convert("RGB"))


def printed(text: str, typeface: str, dots: int, seed: int) -> Pixels:
    """A line of text on a tinted ground."""
    path, index = TYPEFACES[typeface]
    font = ImageFont.truetype(path, dots, index=index)
    picture = Image.new("RGB", (dots * (len(text) + 2), 2 * dots), (226, 232, 240))
    draw = ImageDraw.Draw(picture)
    for y in range(0, 2 * dots, 9):
        draw.line((0, y, picture.width, y + 20), fill=(238, 214, 222))
    draw.text((dots, dots // 3), text, fill=(28, 28, 34), font=font)
    return photographed(picture, seed)


def pairs(count: int, seed: int) -> list[Pair]:
    """So many of each kind, as far as the chip's face has the characters."""
    chance = random.Random(seed)
    found = [Pair("same", one, one) for one in chance.choices(COMMON, k=count)]
    others = [chance.sample(COMMON, 2) for _ in range(2 * count)]
    found += [Pair("other", a, b) for a, b in others if likeness(a, b, read=True) is Likeness.DIFFERENT][:count]
    alike = [pair for group in (*ALWAYS, *MISREAD) for pair in combinations(group, 2) if all(map(_kanji, pair))]
    for kind, every in (("variant", list(_variants())), ("look-alike", alike)):
        chance.shuffle(every)
        both = [pair for one, two in every for pair in ((one, two), (two, one))]
        found += [Pair(kind, a, b) for a, b in both if _has(b) and _drawn(a)][:count]
    return found


def _variants() -> Iterator[tuple[str, str]]:
    for both in " ".join(VARIANTS).split():
        if likeness(both[0], both[1]) is not Likeness.DIFFERENT:
            yield both[0], both[1]


def _kanji(character: str) -> bool:
    return "\u4e00" <= character <= "\ufaff" or ord(character) > 0x20000


def _has(character: str) -> bool:
    """Whether the chip's face of the virtual card has it."""
    try:
        return bool(text_image(character, 1))
    except UsageError:
        return False


def _drawn(character: str) -> bool:
    """Whether every typeface has it."""
    for path, index in TYPEFACES.values():
        font = ImageFont.truetype(path, 20, index=index)
        if bytes(font.getmask(character)) == bytes(font.getmask("\U0010fffd")):
            return False
    return True


def judged(pair: Pair, seed: int, dpi: int) -> GlyphOutcome:
    """The outcome of the cell in question, in a line of four."""
    chance = random.Random(seed)
    line, at = chance.sample(COMMON, 4), chance.randrange(4)
    typeface = chance.choice(list(TYPEFACES))
    on_card, in_chip = list(line), list(line)
    on_card[at], in_chip[at] = pair.printed, pair.chip
    image = ChipImage(PNG, text_image("".join(in_chip), 18))
    return compare_glyphs(image, printed("".join(on_card), typeface, DOTS[dpi], seed)).cells[at].outcome


def separation(count: int, dpi: int, seed: int = 11) -> dict[str, Counter[GlyphOutcome]]:
    """Outcomes by kind of pair."""
    found: dict[str, Counter[GlyphOutcome]] = {kind: Counter() for kind in WORDS}
    for number, pair in enumerate(pairs(count, seed)):
        found[pair.kind][judged(pair, seed * 100_000 + number, dpi)] += 1
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=300)
    options = parser.parse_args()
    for dpi in DOTS:
        print(
            f"\n| printed at {dpi} dpi, and the chip has | pairs | agrees | unclear | differs |\n|---|---|---|---|---|"
        )
        for kind, outcomes in separation(options.pairs, dpi).items():
            total = sum(outcomes.values())
            shares = (
                f"{outcomes[one] / total:.1%}"
                for one in (GlyphOutcome.AGREES, GlyphOutcome.UNCLEAR, GlyphOutcome.DIFFERS)
            )
            print(f"| {WORDS[kind]} | {total} | {' | '.join(shares)} |")


if __name__ == "__main__":
    main()
