"""The sentences of a comparison, by code. None holds content."""

from __future__ import annotations

from mnverify.text import Text

LABELS = {
    "name": Text("name", "氏名"),
    "address": Text("address", "住所"),
    "additional_entry": Text("note area (追記欄)", "追記欄"),
    "birth_date": Text("birth date", "生年月日"),
    "sex": Text("sex", "性別"),
    "expiry": Text("expiry", "有効期限"),
    "security_code": Text("security code", "セキュリティコード"),
    "my_number": Text("My Number (個人番号)", "個人番号"),
    "photo": Text("photo", "顔写真"),
}
READ_EQUAL = "equal-up-to-variants (digits)"
"""The sentence of ``equal-up-to-variants`` where there are no characters that have variants: dates, sex, digits."""
DETAILS = {
    "equal": Text(
        "The print and the chip agree.",
        "券面とチップの内容は一致しています。",
    ),
    "equal-up-to-variants": Text(
        "The print and the chip agree, variants of characters (異体字) not told apart.",
        "券面とチップの内容は一致しています（異体字の違いまでは区別していません）。",
    ),
    READ_EQUAL: Text(
        "The print and the chip agree, as a machine read them.",
        "機械が読み取った限り、券面とチップの内容は一致しています。",
    ),
    "equal-up-to-order": Text(
        "The print and the chip have the same words in another order.",
        "券面とチップは、語の順序だけが異なります。",
    ),
    "additional-entry": Text(
        "The chip agrees with a line of the note area (追記欄); the main print shows what it was before.",
        "チップの内容は追記欄の記載と一致しています。券面の本欄は変更前のものです。",
    ),
    "uncertain": Text(
        "Print and chip may be the same: they differ only by characters or ways of writing that are taken for each other. "
        "Look at both.",
        "券面とチップは同じ可能性があります。異なるのは取り違えやすい文字や書き方だけです。両方を目で確かめてください。",
    ),
    "part-missing": Text(
        "Print and chip agree as far as both go, and one of them has more. Look at both.",
        "共通する部分は一致していますが、一方にだけある部分があります。両方を目で確かめてください。",
    ),
    "low-confidence": Text(
        "Print and chip seem to differ, but the picture was not read well enough to say so. Type what is printed.",
        "異なるように読めますが、画像の読み取りが確かではありません。券面の記載を入力して確かめてください。",
    ),
    "glyphs-agree": Text(
        "Read as text they seem to differ, but the shapes of the characters agree. Look at both.",
        "文字としては異なって読めましたが、字の形は合っています。両方を目で確かめてください。",
    ),
    "glyphs-differ": Text(
        "Read as text they agree, but the shape of a character in the chip is another than in print. Look at both.",
        "文字としては一致して読めましたが、チップと券面で字の形が異なる文字があります。両方を目で確かめてください。",
    ),
    "glyphs-only": Text(
        "The shapes of the characters agree; characters that look alike are not told apart.",
        "字の形は合っています（形の似た別の字までは区別していません）。",
    ),
    "additional-entry-newer": Text(
        "The chip agrees with something that is printed, but the note area (追記欄) has a later entry that the chip does not have.",
        "チップは券面の記載と一致していますが、追記欄にはチップにない新しい記載があります。",
    ),
    "different": Text(
        "The print and the chip differ.",
        "券面とチップの内容が異なります。",
    ),
    "different-pair": Text(
        "Two of what is printed differ from each other, whatever the chip holds.",
        "券面の記載どうし（印字とQRコードなど）が異なります。",
    ),
    "era-differs": Text(
        "It is the same day, but written in an era or year that the day does not lie in. No register writes it so.",
        "同じ日ですが、その日が属さない元号または年で書かれています。公簿の書き方ではありません。",
    ),
    "unreadable": Text(
        "What is printed cannot be understood as such a value. Type it as it is printed.",
        "券面の値を読み解けません。印字のとおりに入力してください。",
    ),
    "not-printed": Text(
        "The chip holds it, and the printed data does not have it.",
        "チップにはありますが、券面のデータに含まれていません。",
    ),
    "not-read": Text(
        "The chip holds it and every card shows it, but it was not read in the picture. Look at both, or type what is printed.",
        "チップにあり、券面にも必ずある項目ですが、画像から読み取れませんでした。両方を目で確かめるか、券面の記載を入力してください。",
    ),
    "not-in-chip": Text(
        "It is printed, and what was read of the chip does not hold it.",
        "券面にはありますが、読み取ったチップの内容に含まれていません。",
    ),
    "image-only": Text(
        "The chip holds it as a picture, which nothing here read. Look at both.",
        "チップには画像として入っており、ここでは文字として読み取っていません。両方を目で確かめてください。",
    ),
    "for-human": Text(
        "A person compares the photo with the face; nothing was compared here.",
        "顔写真は人が本人と見比べます。ここでは比較していません。",
    ),
    "not-explained": Text(
        "Nothing in the note area (追記欄) is what the chip holds.",
        "追記欄に、チップの内容にあたる記載はありません。",
    ),
}
UNSIGNED = Text(
    "{detail} No signature covers it in the chip.",
    "{detail}チップのこの項目に署名はありません。",
)
CORROBORATED = Text(
    "{detail} No signature covers it in the chip; its year agrees with the number B that was accepted.",
    "{detail}チップのこの項目に署名はありません。年は受け付けられた照合番号Bと一致しています。",
)
