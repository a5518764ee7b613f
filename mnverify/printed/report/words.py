"""The words of the report."""

from __future__ import annotations

from mnverify.printed.comparison import FieldOutcome, Method
from mnverify.text import Text
from mnverify.verification import Assurance, Outcome

TITLE = Text("My Number Card: print and chip compared", "マイナンバーカード 券面・チップ照合結果")
MADE = Text("Made at {at}; card of the environment {environment}", "作成 {at}／認証局 {environment}")
NOT_REAL = Text(" (not a card in circulation)", "（実際のカードではありません）")
REJECTED = Text("The chip could not be verified", "チップの検証に不合格")
REJECTED_MORE = Text(
    "Nothing was compared: what was not verified is nobody's word. Do not accept the card on this reading.",
    "検証に合格していない内容は使えないため、照合は行っていません。この読み取りではカードを受け付けないでください。",
)
OVERALL = {
    FieldOutcome.MATCH: Text("Print and chip agree", "券面とチップは一致"),
    FieldOutcome.MISMATCH: Text("Print and chip differ", "券面とチップが不一致"),
    FieldOutcome.UNCERTAIN: Text("Not decided: look at both", "判定できません：目で確かめてください"),
}
REQUIRED = Text("Had to match: {names}.", "一致を求めた項目: {names}")
NOTHING_REQUIRED = Text("No field was there on both sides.", "両方にある項目がありませんでした。")
OUTCOMES = {
    FieldOutcome.MATCH: Text("✓ match", "✓ 一致"),
    FieldOutcome.MISMATCH: Text("✗ mismatch", "✗ 不一致"),
    FieldOutcome.UNCERTAIN: Text("? uncertain", "？ 要確認"),
    FieldOutcome.NOT_COMPARED: Text("– not compared", "－ 照合なし"),
}
METHODS = {
    Method.TEXT: Text("as text", "文字で照合"),
    Method.DATE: Text("as a date", "日付で照合"),
    Method.RECOGNITION: Text("as text that a machine read", "機械が読み取った文字で照合"),
    Method.GLYPHS: Text("by the shapes of characters", "字の形で照合"),
    Method.DIGITS: Text("digit by digit", "数字で照合"),
    Method.HUMAN: Text("by a person", "人が確認"),
}
ASSURANCES = {
    Assurance.SIGNED: Text("signed by the issuer", "発行者の署名あり"),
    Assurance.CORROBORATED: Text("unsigned; its year agrees with number B", "署名なし（年のみ照合番号Bと一致）"),
    Assurance.UNSIGNED: Text("unsigned", "署名なし"),
}
CHECK_MARKS = {
    Outcome.PASS: Text("✓ pass", "✓ 合格"),
    Outcome.FAIL: Text("✗ fail", "✗ 不合格"),
    Outcome.NOT_PERFORMED: Text("– not performed", "－ 未実施"),
}
CHECKS = {
    "structure": Text("Layout", "データの構造"),
    "chain": Text("Issuer", "発行者の証明書"),
    "record-signature": Text("Signature", "署名"),
    "file-digests": Text("Digests", "ダイジェスト"),
    "presence": Text("Presence", "カードの実在"),
    "freshness": Text("Freshness", "応答の新しさ"),
    "expiry": Text("Expiry", "有効期限"),
}
FIELDS = Text("Field by field", "項目ごとの結果")
PRINT = Text("Print", "券面")
CHIP = Text("Chip", "チップ")
PICTURE = Text("Picture of the card", "カードの画像")
FACES = Text("Photo", "顔写真")
FACE_MORE = Text(
    "Compare it with the person and with the printed photo. Nothing here compared faces.",
    "本人および券面の写真と見比べてください。ここでは顔の照合は行っていません。",
)
FACES_MORE = Text(
    "Compare both with the person. Nothing here compared faces; both are shown in grey and at one height.",
    "両方を本人と見比べてください。ここでは顔の照合は行っていません（どちらも同じ高さの白黒で表示しています）。",
)
CHIP_CHECKS = Text("What was checked of the chip", "チップについて調べたこと")
NOT_KNOWN = Text("What this cannot say", "この照合では分からないこと")
READ = Text("(read by machine)", "（機械が読み取り）")
NOT_SHOWN = Text("not shown in this report", "この報告書には表示しません")
NO_PICTURE = Text("The chip's picture cannot be shown here: {why}", "チップの画像を表示できません。{why}")
CONFIRMED = Text("Checked by eye by, at", "目視確認（担当者・日時）")
LIMITS = (
    Text(
        "Whether the card's surface is genuine (holograms, microprint): only what is written on it was compared.",
        "券面そのものの真贋（ホログラム、マイクロ文字など）。照合したのは記載内容だけです。",
    ),
    Text(
        "Whether the person who presents the card is its holder: that is for the one who compares the photo.",
        "提示した人がカードの持ち主かどうか。顔写真との見比べは人が行います。",
    ),
)
HANDLE = Text(
    "This page holds personal data. Keep it only as long as the business needs it.",
    "このページには個人情報が含まれます。業務に必要な期間を超えて保存しないでください。",
)
