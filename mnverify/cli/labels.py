"""What people call the words of the standard: one table for the whole command line."""

from __future__ import annotations

from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role

DOMAINS = {
    Domain.FACE_CHECK: Text("face-check", "券面事項確認"),
    Domain.INPUT_ASSIST: Text("input-assist", "券面事項入力補助"),
}
ROLES = {
    Role.GENERAL: Text("general", "一般（個人番号利用事務等実施者以外）"),
    Role.MY_NUMBER_OFFICE: Text("my-number-office", "個人番号利用事務等実施者"),
}
CREDENTIALS = {
    CredentialKind.BIRTH_DATE: Text("date of birth", "生年月日"),
    CredentialKind.VERIFICATION_NUMBER_B: Text("verification number B", "照合番号B"),
    CredentialKind.VERIFICATION_NUMBER_A: Text("verification number A", "照合番号A"),
    CredentialKind.PIN: Text("PIN", "暗証番号"),
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
FIELDS = {
    "name": Text("Name", "氏名"),
    "name_image": Text("Name", "氏名"),
    "address": Text("Address", "住所"),
    "address_image": Text("Address", "住所"),
    "birth_date": Text("Birth date", "生年月日"),
    "sex": Text("Sex", "性別"),
    "photo": Text("Photo", "顔写真"),
    "expiry": Text("Expiry", "有効期限"),
    "security_code_image": Text("Security code", "セキュリティコード"),
    "my_number": Text("My Number", "個人番号"),
    "my_number_image": Text("My Number", "個人番号"),
}
