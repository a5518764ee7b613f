"""The sentences of a result, in one place: one for each check and code, and what no reading can tell."""

from __future__ import annotations

from mnverify.text import Text

_NOT_REACHED = Text("Not looked at, because an earlier check failed.", "前の検査が不合格のため、調べていません。")

DETAILS: dict[tuple[str, str], Text] = {
    ("structure", "ok"): Text(
        "The files are laid out as this card generation's are.", "ファイルの構造は正しい形式です。"
    ),
    ("structure", "offset-table"): Text(
        "The offset table does not point at the objects of the file.", "オフセット表がファイルの内容と一致しません。"
    ),
    ("structure", "card-keys-differ"): Text(
        "The files hold different card keys: they come from different cards.",
        "ファイルごとにカードの鍵が異なります。別々のカードのものです。",
    ),
    ("structure", "weak-card-key"): Text(
        "The card's key in a record is weaker than any such card has.", "記録にあるカードの鍵が基準より弱いものです。"
    ),
    ("structure", "birth-dates-differ"): Text(
        "The files hold different birth dates.", "ファイルごとに生年月日が異なります。"
    ),
    ("chain", "ok"): Text(
        "The issuer certificate is signed by a trusted authority.", "発行者の証明書は信頼する認証局が署名しています。"
    ),
    ("chain", "unknown-authority"): Text(
        "The issuer certificate names an authority that is not among the trust anchors.",
        "発行者の証明書の認証局は、信頼する認証局に含まれていません。",
    ),
    ("chain", "bad-signature"): Text(
        "A signature in the certificate chain does not hold.", "証明書の署名が正しくありません。"
    ),
    ("chain", "weak-key"): Text(
        "A key in the certificate chain is weaker than accepted.", "証明書の鍵が基準より弱いものです。"
    ),
    ("chain", "missing-certificate"): Text(
        "The evidence holds no issuer certificate (EF 0004).", "発行者の証明書（EF 0004）がありません。"
    ),
    ("record-signature", "ok"): Text(
        "The issuer signed exactly these records.", "記録は発行者が署名した内容のままです。"
    ),
    ("record-signature", "bad-signature"): Text(
        "A record is not what the issuer signed: forged, altered or mixed.",
        "記録が発行者の署名と一致しません。偽造、改変または混在の疑いがあります。",
    ),
    ("record-signature", "missing-record"): Text(
        "The evidence holds no signed record that vouches for its content.",
        "内容を保証する署名付きの記録がありません。",
    ),
    ("record-signature", "no-trusted-key"): _NOT_REACHED,
    ("file-digests", "ok"): Text(
        "The files are the ones whose digests the issuer signed.",
        "ファイルは発行者が署名したダイジェストと一致します。",
    ),
    ("file-digests", "mismatch"): Text(
        "A file is not the one whose digest the issuer signed.",
        "ファイルが発行者の署名したダイジェストと一致しません。",
    ),
    ("file-digests", "missing-file"): Text(
        "There is a signed digest record but no file that it speaks of.", "署名の対象となるファイルがありません。"
    ),
    ("file-digests", "no-verified-record"): _NOT_REACHED,
    ("file-digests", "not-applicable"): Text(
        "Face-check records carry their signature themselves.", "券面事項確認の記録は記録自体に署名があります。"
    ),
    ("presence", "record"): Text(
        "The card answered a challenge with the key inside the verified record: it is no copy.",
        "検証済みの記録にある鍵でカードが応答しました。複製ではありません。",
    ),
    ("presence", "session"): Text(
        "A genuine card answered the challenge in the session that read the files. "
        "The tie between card and files is this session, not a signature.",
        "ファイルを読んだ同じ通信の中で真正なカードが応答しました。カードと内容を結ぶのは署名ではなくこの通信です。",
    ),
    ("presence", "unbound"): Text(
        "Nothing ties an answer to the challenge to this content, so presence proves nothing here.",
        "応答と内容を結びつけるものがないため、カードの実在は確認できません。",
    ),
    ("presence", "none-given"): Text(
        "The card was not challenged: the files may be a copy.",
        "カードへの問いかけをしていません。複製の可能性があります。",
    ),
    ("presence", "bad-signature"): Text(
        "The answer to the challenge is not from this card's key: a copy, or altered.",
        "応答がこのカードの鍵によるものではありません。複製または改変の疑いがあります。",
    ),
    ("freshness", "ok"): Text("The card answered our own challenge.", "こちらが出した問いへの応答です。"),
    ("freshness", "other-challenge"): Text(
        "The card answered another challenge than ours: perhaps a replay.",
        "こちらの問いとは別の問いへの応答です。再利用の疑いがあります。",
    ),
    ("freshness", "not-answered"): Text(
        "There is no valid answer to our challenge.", "こちらの問いへの有効な応答がありません。"
    ),
    ("freshness", "unbound"): Text(
        "The challenge is ours, but nothing ties the answer to this content.",
        "こちらの問いですが、応答と内容を結びつけるものがありません。",
    ),
    ("freshness", "not-verified"): _NOT_REACHED,
    ("freshness", "none-given"): Text(
        "No challenge was given to compare with, so the age of the answer is not known.",
        "照合する問いが指定されていないため、応答がいつのものかは分かりません。",
    ),
    ("expiry", "ok"): Text("The expiry date in the chip has not passed.", "チップ内の有効期限内です。"),
    ("expiry", "expired"): Text("The expiry date in the chip has passed.", "チップ内の有効期限を過ぎています。"),
    ("expiry", "contradicted"): Text(
        "The chip accepted a verification number B that contradicts the file: the file was altered.",
        "チップが受け付けた照合番号Bとファイルの内容が食い違います。改変されています。",
    ),
    ("expiry", "no-expiry"): Text("The files read hold no expiry date.", "読んだファイルに有効期限はありません。"),
    ("expiry", "not-verified"): _NOT_REACHED,
}

LIMITS: dict[str, Text] = {
    "revocation": Text(
        "Whether the card was reported lost, suspended or abolished cannot be seen in these domains.",
        "紛失の届出、一時停止、廃止の有無は、この読み取りでは分かりません。",
    ),
    "holder": Text(
        "Whether the person in front of you is the holder: compare the photo and the face yourself.",
        "目の前の人が本人かどうかは、写真と顔を見比べて確認してください。",
    ),
    "expiry-unsigned": Text(
        "The expiry date and the security code are not covered by the issuer's signature.",
        "有効期限とセキュリティコードは、発行者の署名の対象外です。",
    ),
    "expiry-year": Text(
        "The issuer's signature covers neither the expiry date nor the security code. What answered here accepted a verification "
        "number B with this year of expiry, month and day aside. A device that speaks for the card could say so too: it answers "
        "READ and VERIFY itself and asks a genuine card, perhaps an expired one, for the signature alone.",
        "有効期限とセキュリティコードは発行者の署名の対象外です。応答した相手が、この有効期限の年を含む照合番号Bを受け付けました（月日は"
        "含みません）。ただし、読み取りと照合には自ら答え、署名だけを真正なカード（期限切れのものを含む）に求める装置でも、同じ応答ができます。",
    ),
    "copy": Text(
        "Whether the files come from the card itself or from a copy: no valid answer to a challenge is tied to them.",
        "カードそのものから読んだのか複製なのかは、確認できていません。",
    ),
    "session-tie": Text(
        "Card and files are tied by the session, not by a signature. Where that matters, read the face-check domain.",
        "カードと内容を結ぶのは通信だけで、署名ではありません。重要な場合は券面事項確認を読んでください。",
    ),
    "relay": Text(
        "The card does not know who asks: a terminal could pass on another party's challenge. Watch over your reader.",
        "カードは相手を確かめずに応答します。中継を防ぐため、読み取り機の管理を徹底してください。",
    ),
    "age-of-answer": Text(
        "How old the answer is: you named no challenge of your own, so it may have been given long ago.",
        "応答がいつのものか: 照合する問いが指定されていないため、以前に得た応答かもしれません。",
    ),
    "anchor-provenance": Text(
        "The authority's key was recovered from real cards, not published by J-LIS.",
        "認証局の鍵は実際のカードから得たもので、J-LISが公開したものではありません。",
    ),
}

PROVENANCE_JA: dict[str, str] = {
    "CA public keys of the card-verifiable certificates, recovered from pairs of certificates and signatures on real cards by the "
    "authors of public card readers and published by them; not published by J-LIS. Each key verifies certificates of real cards "
    "of its environment. A relying party that has keys from J-LIS replaces this file.": (
        "実際のカードにある証明書と署名の組から、公開されている読み取りソフトの作者が復元して公開した認証局（CA）の公開鍵です。"
        "J-LIS が公開したものではありません。どの鍵も、その環境の実際のカードの証明書を検証できることを確かめています。"
        "J-LIS から鍵を受け取った事業者は、このファイルを差し替えてください。"
    ),
    "Keys of a virtual authority of mnverify. What they sign is invented and proves nothing outside tests.": (
        "mnverify の仮想認証局の鍵です。署名の対象は架空の内容で、試験以外では何の証明にもなりません。"
    ),
}
"""What the package itself says about where keys come from, in Japanese."""
