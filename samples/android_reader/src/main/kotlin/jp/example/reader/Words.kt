package jp.example.reader

import mnverify.Text

/** What the app says, in both languages. */
internal object Words {
    val BIRTH = Text("Date of birth as printed (昭和60年7月3日)", "生年月日（券面のとおり。例: 昭和60年7月3日）")
    val EXPIRY_YEAR = Text("Year until which the card is valid (2033)", "有効期限の年（西暦4桁。例: 2033）")
    val SECURITY_CODE = Text("Security code on the front (4 digits)", "セキュリティコード（おもて面の4桁）")
    val START = Text("Read the card", "カードを読み取る")
    val NO_NFC = Text("This phone has no NFC.", "この端末には NFC がありません。")
    val NFC_OFF = Text("NFC is off. Switch it on in the settings, then come back.", "NFC がオフです。設定でオンにしてください。")
    val ASKING = Text("Asking the bank …", "銀行に接続しています…")
    val HOLD =
        Text(
            "Lay the card flat against the back of the phone and hold it still.",
            "カードを端末の背面に当て、動かさないでください。",
        )
    val READING = Text("Reading … {percent} %. Hold it still.", "読み取り中… {percent}%　そのまま動かさないでください。")
    val LOST =
        Text(
            "The card slipped. Lay the same card on again; it goes on from there.",
            "カードが離れました。同じカードをもう一度当ててください。続きから読み取ります。",
        )
    val SENDING = Text("Done: you can take the card away. Sending …", "読み取りました。カードを離してかまいません。送信中…")
    val OPENED = Text("The account is open.", "口座を開設しました。")
    val REFUSED = Text("The bank could not confirm this card.", "このカードを確認できませんでした。")
    val NO_ANSWER = Text("The bank does not answer. Try again later.", "銀行から応答がありません。しばらくしてからやり直してください。")
}
