"""The words of the standard that everything else is keyed by."""

from __future__ import annotations

from enum import StrEnum


class Domain(StrEnum):
    """A permitted application (domain) of the card."""

    FACE_CHECK = "face-check"  # 券面事項確認AP
    INPUT_ASSIST = "input-assist"  # 券面事項入力補助AP


class Role(StrEnum):
    """What the relying party is under the My Number Act (番号法), declared once when a session is opened."""

    GENERAL = "general"  # 個人番号利用事務等実施者以外の者
    MY_NUMBER_OFFICE = "my-number-office"  # 個人番号利用事務等実施者


class CredentialKind(StrEnum):
    """The kinds of credential a holder can present."""

    BIRTH_DATE = "birth-date"  # 生年月日
    VERIFICATION_NUMBER_B = "verification-number-b"  # 照合番号B
    VERIFICATION_NUMBER_A = "verification-number-a"  # 照合番号A (= 個人番号)
    PIN = "pin"  # 暗証番号


class Purpose(StrEnum):
    """What a reading is for: it decides which files are asked for, and no others (第6の3, 第7の3: minimum information)."""

    AGE = "age"  # face-check, the age record alone
    FACE = "face"  # face-check, the card face
    ATTRIBUTES = "attributes"  # input-assist, the four attributes (基本4情報)
    NUMBER = "number"  # either domain, the 個人番号; role my-number-office only
