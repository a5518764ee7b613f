"""The session of the face-check application 券面事項確認AP."""

from __future__ import annotations

from mnverify.card.session import Session
from mnverify.values.terms import Domain


class FaceCheck(Session):
    """Reads the age record (``Purpose.AGE``) or the card face (``Purpose.FACE``); in role ``my-number-office`` also the
    image of the 個人番号 (``Purpose.NUMBER``).

    ::

        with FaceCheck.open(link) as session:
            session.present(VerificationNumberB.from_printed("昭和60年7月3日", 2033, "4102"))
            evidence = session.read(Purpose.FACE)
    """

    __slots__ = ()
    domain = Domain.FACE_CHECK
