"""Vectors of evidence that can be read: verified or rejected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from mnverify.evidence import Evidence, Presence
from mnverify.values import Role
from mnverify.virtual import Flaw, VirtualAuthority, persona
from mnverify.virtual.encoding import digest_info, key_id, tlv
from mnverify.virtual.keys import public_key_bytes
from tests.support import forgery
from tests.support.forgery import ASSIST, CHALLENGE, FACE, JAPAN, ONE, OTHER, STRANGER, padded, raw_sign
from tools.vector import Vector

OFFICE = Role.MY_NUMBER_OFFICE
CARD, NEIGHBOUR = forgery.card(), forgery.card(OTHER)
TAIL = {"expiry": "unsigned", "security_code_image": "unsigned"}
SIGNED = dict.fromkeys(("birth_date", "sex"), "signed")
SEGMENT_2 = {"name_image": "signed", "address_image": "signed"}
PHOTO = {"photo": "signed"}
FOUR = dict.fromkeys(("name", "address", "birth_date", "sex"), "signed")
LAST_DAY = datetime(2033, 7, 3, 23, 59, 59, tzinfo=JAPAN)
MUNICIPALITY = forgery.private_key("municipality/99201/face-check")
ATTRIBUTE_FILES = ("0002", "0003", "0004", "0007")


def vectors() -> Iterator[Vector]:
    """All of them."""
    yield from _verified_face_check()
    yield from _verified_input_assist()
    yield from _verified_in_every_form()
    yield from _verified_cards_of_other_kinds()
    yield from _verified_though()
    yield from _authorities()
    yield from _altered_files()
    yield from _mixed_files()
    yield from _answers()
    yield from _forged_signatures()


def _face(**more: Any) -> Evidence:
    """A light card face: name, address and photo dropped."""
    return forgery.evidence(CARD, FACE, "0002", "0004", **more).without_segments(2, 3)


def _age(**more: Any) -> Evidence:
    return forgery.evidence(CARD, FACE, "0001", "0004", **more)


def _assist(**more: Any) -> Evidence:
    return forgery.evidence(CARD, ASSIST, *ATTRIBUTE_FILES, **more)


def _flawed(flaw: Flaw, **more: Any) -> Evidence:
    card = forgery.card(ONE, flaw)
    return forgery.evidence(card, FACE, "0002", "0004", answered=card, **more).without_segments(2, 3)


def _verified_face_check() -> Iterator[Vector]:
    signed = "face-check, EF 0002"
    yield Vector(
        name="face-whole",
        reason="A whole card face with filler, presence and freshness: everything passes.",
        source="the seven checks, docs/reference/result.md",
        evidence=forgery.evidence(CARD, FACE, "0002", "0004", answered=CARD),
        challenge=CHALLENGE,
        require_presence=True,
        verdict="verified",
        codes={"presence": "record", "freshness": "ok", "file-digests": "not-applicable"},
        fields=SIGNED | SEGMENT_2 | PHOTO | TAIL,
    )
    whole = forgery.evidence(CARD, FACE, "0002", "0004")
    for name, dropped, left in (
        ("face-without-name-and-address", (2,), PHOTO),
        ("face-without-photo", (3,), SEGMENT_2),
        ("face-without-both", (2, 3), {}),
    ):
        yield Vector(
            name=name,
            reason="A dropped segment's digest stands in for it; its objects are gone, their offsets are 0.",
            source=signed,
            evidence=whole.without_segments(*dropped),
            verdict="verified",
            codes={"presence": "none-given"},
            fields=SIGNED | left | TAIL,
        )
    without_filler = {name: forgery.plain(data) for name, data in CARD.files(FACE).items() if name in ("0001", "0004")}
    yield Vector(
        name="age-without-filler",
        reason="The age record alone; filler may be there or not.",
        source="docs/reference/evidence.md, files",
        evidence=_age(replaced=without_filler, answered=CARD),
        verdict="verified",
        codes={"presence": "record", "expiry": "no-expiry"},
        fields={"birth_date": "signed"},
    )
    yield Vector(
        name="number-image-office",
        reason="All three records of one card: one card key, one birth date.",
        source="docs/explanation/presence.md",
        evidence=forgery.evidence(
            CARD, FACE, "0001", "0002", "0004", "0005", role=OFFICE, answered=CARD
        ).without_segments(2, 3),
        verdict="verified",
        codes={"presence": "record"},
        fields=SIGNED | TAIL | {"my_number_image": "signed"},
    )
    moved = forgery.card("aoi-makoto")
    yield Vector(
        name="face-sex-not-applicable",
        reason="Sex 9 of JIS X 0303 is not-applicable, which is not the same as unknown.",
        source="face-check, EF 0002; JIS X 0303",
        evidence=forgery.evidence(moved, FACE, "0002", "0004").without_segments(2, 3),
        verdict="verified",
        fields=SIGNED | TAIL,
    )


def _verified_input_assist() -> Iterator[Vector]:
    layout = "input-assist, EF 0001 to 0003"
    yield Vector(
        name="attributes",
        reason="The attributes without the number: its digest stands in for the file.",
        source=layout,
        evidence=forgery.evidence(CARD, ASSIST, "0002", "0003", "0004"),
        verdict="verified",
        codes={"file-digests": "ok", "presence": "none-given"},
        fields=FOUR,
    )
    yield Vector(
        name="attributes-outside-jis",
        reason="A name of characters beyond the Basic Multilingual Plane comes through whole.",
        source=layout,
        evidence=forgery.evidence(NEIGHBOUR, ASSIST, "0002", "0003", "0004"),
        verdict="verified",
        fields=FOUR,
    )
    yield Vector(
        name="attributes-answered-from-outside",
        reason="A right answer to the challenge is unbound in input-assist evidence from outside: it is not a pass.",
        source="docs/explanation/presence.md",
        evidence=_assist(answered=CARD),
        challenge=CHALLENGE,
        verdict="verified",
        codes={"presence": "unbound", "freshness": "unbound"},
        fields=FOUR,
    )
    yield Vector(
        name="number-office",
        reason="The number's digest covers the file whole, its two filler bytes included.",
        source=layout,
        evidence=forgery.evidence(CARD, ASSIST, "0001", "0003", "0004", role=OFFICE),
        verdict="verified",
        codes={"file-digests": "ok"},
        fields={"my_number": "signed"},
    )
    yield Vector(
        name="number-and-attributes-office",
        reason="Both files against one integrity record.",
        source=layout,
        evidence=forgery.evidence(CARD, ASSIST, "0001", *ATTRIBUTE_FILES, role=OFFICE),
        verdict="verified",
        codes={"file-digests": "ok"},
        fields=FOUR | {"my_number": "signed"},
    )


def _verified_in_every_form() -> Iterator[Vector]:
    """Lengths in forms that are longer than need be: a card decides how it writes them."""
    forms = "length fields as cards write them; ISO/IEC 7816-4"
    for octets, word in ((0, "shortest"), (1, "one-byte"), (2, "two-byte")):
        face, assist = (forgery.spelled_files(CARD, domain, octets) for domain in (FACE, ASSIST))
        yield Vector(
            name=f"lengths-{word}-face",
            reason="Every length of card face and certificate in one form; digests and offsets run over the bytes as they are.",
            source=forms,
            evidence=forgery.evidence(
                CARD, FACE, f0002=face["0002"], f0004=face["0004"], answered=CARD
            ).without_segments(3),
            verdict="verified",
            codes={"presence": "record"},
            fields=SIGNED | SEGMENT_2 | TAIL,
        )
        yield Vector(
            name=f"lengths-{word}-records",
            reason="Records and certificate with every length in one form.",
            source=forms,
            evidence=forgery.evidence(
                CARD, FACE, f0001=face["0001"], f0004=face["0004"], f0005=face["0005"], role=OFFICE, answered=CARD
            ),
            verdict="verified",
            codes={"presence": "record"},
            fields={"birth_date": "signed", "my_number_image": "signed"},
        )
        yield Vector(
            name=f"lengths-{word}-input-assist",
            reason="The digests of number and attributes cover their lengths as they are written.",
            source=forms,
            evidence=forgery.evidence(CARD, ASSIST, replaced=assist, role=OFFICE),
            verdict="verified",
            codes={"file-digests": "ok"},
            fields=FOUR | {"my_number": "signed"},
        )
    mixed = forgery.spelled_files(CARD, FACE, 2)
    yield Vector(
        name="lengths-differ-between-files",
        reason="One card key, written in two forms in two files of one card, is one key.",
        source=forms,
        evidence=_face(f0001=mixed["0001"], answered=CARD),
        verdict="verified",
        codes={"presence": "record"},
        fields=SIGNED | TAIL,
    )
    altered = forgery.spelled(CARD.files(FACE)["0001"], 2)
    yield Vector(
        name="lengths-altered",
        reason="The same content with lengths in another form than was signed.",
        source=forms,
        evidence=_age(f0001=altered),
        codes={"record-signature": "bad-signature"},
    )


def _verified_cards_of_other_kinds() -> Iterator[Vector]:
    """Cards without a photo, and birth dates that nobody knows whole: genuine, and verified."""
    baby = forgery.card("reiwa-baby")
    whole = forgery.evidence(baby, FACE, "0002", "0004", answered=baby)
    yield Vector(
        name="face-that-has-no-photo",
        reason="DF27 of length nought is a card without a photo: signed as it stands, and no field photo.",
        source="face-check, EF 0002: a photo of length zero",
        evidence=whole,
        verdict="verified",
        codes={"presence": "record"},
        fields=SIGNED | SEGMENT_2 | TAIL,
    )
    yield Vector(
        name="face-that-has-no-photo-dropped",
        reason="A segment without a photo can be dropped like any other: its digest stands in for it.",
        source="face-check, EF 0002",
        evidence=whole.without_segments(2, 3),
        verdict="verified",
        codes={"presence": "record"},
        fields=SIGNED | TAIL,
    )
    emptied = forgery.rebuilt(CARD.files(FACE)["0002"], {0xDF27: b""})
    filled = forgery.rebuilt(baby.files(FACE)["0002"], {0xDF27: forgery.value(CARD.files(FACE)["0002"], 0xDF27)})
    for name, source, face, reason in (
        ("photo-taken-out", CARD, emptied, "The photo was taken out, as if the card had none."),
        ("photo-put-in", baby, filled, "A photo was put into a card that has none."),
    ):
        yield Vector(
            name=name,
            reason=reason,
            source="face-check, EF 0002",
            evidence=forgery.evidence(source, FACE, "0004", f0002=face).without_segments(2),
            codes={"record-signature": "bad-signature"},
        )
    for persona_id, name, told in (
        ("hi-fusho", "day", "The day of birth is not known: 00. The date is partial and genuine, as 1938-03."),
        (
            "tsukihi-fusho",
            "month",
            "Month and day of birth are not known: 0000. The date is partial and genuine, as 1952.",
        ),
    ):
        card = forgery.card(persona_id)
        yield Vector(
            name=f"birth-{name}-not-known",
            reason=told,
            source="birth dates with 00 for what nobody knows",
            evidence=forgery.evidence(card, FACE, "0001", "0002", "0004", answered=card).without_segments(2, 3),
            verdict="verified",
            codes={"presence": "record"},
            fields=SIGNED | TAIL,
        )
        yield Vector(
            name=f"attributes-birth-{name}-not-known",
            reason=told,
            source="birth dates with 00 for what nobody knows",
            evidence=forgery.evidence(card, ASSIST, "0002", "0003", "0004"),
            verdict="verified",
            fields=FOUR,
        )
    abroad = forgery.card("kokugai-tomoko")
    yield Vector(
        name="attributes-lives-abroad",
        reason="An address that is no address in Japan is text like any other.",
        source="input-assist, EF 0002: a holder who lives abroad (国外転出者)",
        evidence=forgery.evidence(abroad, ASSIST, "0002", "0003", "0004"),
        verdict="verified",
        fields=FOUR,
    )


def _verified_though() -> Iterator[Vector]:
    """What is verified though one might think otherwise."""
    yield Vector(
        name="expiry-last-second",
        reason="A card is good to the end of its last day in Japan, wherever the verifier is.",
        source="docs/reference/result.md, expiry",
        evidence=_face(),
        at=LAST_DAY,
        verdict="verified",
        codes={"expiry": "ok"},
        fields=SIGNED | TAIL,
    )
    yield Vector(
        name="expiry-altered",
        reason="Nobody signs the expiry: an altered one is shown, as unsigned.",
        source="face-check, EF 0002, DF29",
        evidence=_flawed(Flaw.ALTERED_EXPIRY),
        verdict="verified",
        codes={"presence": "record"},
        fields=SIGNED | TAIL,
    )
    foreign = forgery.card(ONE, Flaw.FOREIGN_KEY_RECORD)
    yield Vector(
        name="attributes-foreign-key-record",
        reason="Copied attributes with the key record and the answer of the thief's own card: never a presence.",
        source="docs/explanation/presence.md",
        evidence=forgery.evidence(foreign, ASSIST, *ATTRIBUTE_FILES, answered=foreign),
        verdict="verified",
        codes={"presence": "unbound"},
        fields=FOUR,
    )
    leaf, links = _chain()
    yield Vector(
        name="chain-of-four",
        reason="Any number of links leads to an anchor.",
        source="issuer certificates: a longer chain",
        evidence=_age(f0004=leaf),
        certificates=links,
        verdict="verified",
        fields={"birth_date": "signed"},
    )


def _link(issuer: str, issuer_id: str, subject: str, subject_id: str, key: bytes | None = None) -> bytes:
    certified = key or public_key_bytes(forgery.private_key(subject))
    return forgery.certificate(forgery.private_key(issuer), key_id(issuer_id), key_id(subject_id), certified)


def _chain() -> tuple[bytes, tuple[bytes, ...]]:
    ca, a, b, c = "ca/face-check", "foreign-ca/face-check", "foreign-municipality/face-check", "clone/face-check"
    links = (_link(ca, "9000023", a, "7000001"), _link(a, "7000001", b, "7000002"), _link(b, "7000002", c, "7000003"))
    return _link(c, "7000003", "municipality/99201/face-check", "9920123"), links


def _authorities() -> Iterator[Vector]:
    chain = "issuer certificates, EF 0004"
    for word in ("production", "test"):
        yield Vector(
            name=f"authority-not-in-{word}",
            reason="The virtual authority is trusted only where it is named.",
            source="trust-anchors.json",
            evidence=_age(),
            trust=word,
            codes={"chain": "unknown-authority"},
        )
    yield Vector(
        name="authority-none",
        reason="No anchor, no verdict.",
        source=chain,
        evidence=_age(),
        trust={**forgery.anchors(), "anchors": []},
        codes={"chain": "unknown-authority"},
    )
    yield Vector(
        name="authority-foreign",
        reason="A hierarchy that nobody knows is unknown, which is another thing than a bad signature.",
        source=chain,
        evidence=_flawed(Flaw.FOREIGN_CA),
        codes={"chain": "unknown-authority", "record-signature": "no-trusted-key"},
    )
    yield Vector(
        name="authority-impostor",
        reason="The right key id with another key.",
        source=chain,
        evidence=_flawed(Flaw.IMPOSTOR_CA),
        codes={"chain": "bad-signature", "presence": "unbound", "expiry": "not-verified"},
    )
    crossed = forgery.anchors()
    for anchor in crossed["anchors"]:
        anchor["domain"] = "input-assist" if anchor["domain"] == "face-check" else "face-check"
    yield Vector(
        name="authority-of-the-other-domain",
        reason="An anchor is good in its own domain only.",
        source=chain,
        evidence=_age(),
        trust=crossed,
        codes={"chain": "unknown-authority"},
    )
    padded_id = forgery.anchors()
    padded_id["anchors"][0]["key_id"] = padded_id["anchors"][0]["key_id"][:-2] + "01"
    yield Vector(
        name="authority-key-id-padding",
        reason="Key ids are compared over all sixteen bytes.",
        source=chain,
        evidence=_age(),
        trust=padded_id,
        codes={"chain": "unknown-authority"},
    )
    leaf, links = _chain()
    loop = (_link("foreign-ca/face-check", "7000003", "clone/face-check", "7000003"),)
    for name, certificates, code in (
        ("chain-link-missing", links[1:], "unknown-authority"),
        ("chain-goes-round", loop, "bad-signature"),
    ):
        yield Vector(
            name=name,
            reason="A chain that does not end at an anchor proves nothing.",
            source=chain,
            evidence=_age(f0004=leaf),
            certificates=certificates,
            codes={"chain": code},
        )
    yield Vector(
        name="certificate-missing",
        reason="Without an issuer certificate there is no key to verify with.",
        source=chain,
        evidence=forgery.evidence(CARD, FACE, "0001"),
        codes={"chain": "missing-certificate"},
    )
    yield from _weak_certificates()


def _weak_certificates() -> Iterator[Vector]:
    n = forgery.modulus(MUNICIPALITY)
    age = CARD.files(FACE)["0001"]
    message = forgery.whole(age, 0xDF11, 0xDF12)
    root = forgery.cube_root_forgery(digest_info(forgery.sha256(message)))
    for name, key, changed in (
        ("certificate-exponent-3", forgery.public_bytes(n, 3), forgery.rebuilt(age, {0xDF13: root})),
        ("certificate-1024-bits", forgery.public_bytes(n >> 1024 | 1), age),
        ("certificate-even-modulus", forgery.public_bytes(n - 1), age),
    ):
        yield Vector(
            name=name,
            reason="A certified key that is weaker than RSA-2048 with e = 65537; with e = 3 the record is a cube root forgery.",
            source="keys: RSA, 2048 bits, e = 65537, nothing weaker; Bleichenbacher, CRYPTO 2006 rump session",
            evidence=_age(f0001=changed, f0004=_link("ca/face-check", "9000023", "", "9920123", key)),
            codes={"chain": "weak-key"},
        )
    card_key = forgery.whole(age, 0xDF11) + tlv(0xDF12, forgery.public_bytes(n, 3))
    yield Vector(
        name="card-key-exponent-3",
        reason="The issuer signed a record with a card key of e = 3, which anybody could answer a challenge for.",
        source="keys: RSA, 2048 bits, e = 65537, nothing weaker",
        evidence=_age(f0001=tlv(0xFF10, card_key, tlv(0xDF13, forgery.sign(MUNICIPALITY, card_key)))),
        codes={"structure": "weak-card-key"},
    )


def _altered_files() -> Iterator[Vector]:
    face = "face-check, EF 0002"
    swapped = forgery.card(ONE, Flaw.SWAPPED_PHOTO)
    yield Vector(
        name="photo-swapped",
        reason="Another face was put in after the record was signed; the name and address image are dropped.",
        source=face,
        evidence=forgery.evidence(swapped, FACE, "0002", "0004", answered=swapped).without_segments(2),
        codes={"record-signature": "bad-signature", "presence": "unbound"},
    )
    yield Vector(
        name="photo-swapped-then-dropped",
        reason="Dropping the swapped photo keeps its digest, so it heals nothing.",
        source=face,
        evidence=_flawed(Flaw.SWAPPED_PHOTO),
        codes={"record-signature": "bad-signature"},
    )
    yield Vector(
        name="offset-table-stale",
        reason="An offset table that points elsewhere: another reader would read other content.",
        source="docs/reference/evidence.md, structure of a file",
        evidence=_flawed(Flaw.STALE_OFFSET_TABLE),
        codes={"structure": "offset-table"},
    )
    born = forgery.rebuilt(CARD.files(FACE)["0001"], {0xDF11: b"19750703"})
    yield Vector(
        name="age-made-older",
        reason="The birth date was altered by ten years.",
        source="face-check, EF 0001",
        evidence=_age(f0001=born, answered=CARD),
        codes={"record-signature": "bad-signature"},
    )
    file = CARD.files(ASSIST)["0002"]
    yield Vector(
        name="attributes-address-altered",
        reason="The address is not the one whose digest was signed.",
        source="input-assist, EF 0003",
        evidence=forgery.evidence(
            CARD, ASSIST, "0003", "0004", f0002=forgery.rebuilt(file, {0xDF23: "見本県架空市".encode()})
        ),
        codes={"file-digests": "mismatch"},
    )
    moved = forgery.value(file, 0xDF22) + forgery.value(file, 0xDF23)
    split = {0xDF22: moved[:9], 0xDF23: moved[9:]}
    yield Vector(
        name="attributes-cut-elsewhere",
        reason="The same text, cut elsewhere between name and address: the digest covers the headers too.",
        source="input-assist, EF 0003",
        evidence=forgery.evidence(CARD, ASSIST, "0003", "0004", f0002=forgery.rebuilt(file, split)),
        codes={"file-digests": "mismatch"},
    )
    yield Vector(
        name="expiry-passed-in-japan",
        reason="In UTC it is still the last day; in Japan it is the next.",
        source="docs/reference/result.md, expiry",
        evidence=_face(),
        at=datetime(2033, 7, 3, 15, 0, tzinfo=UTC),
        codes={"expiry": "expired"},
    )
    yield Vector(
        name="expired",
        reason="The card's last day has passed.",
        source="docs/reference/result.md, expiry",
        evidence=_flawed(Flaw.EXPIRED),
        codes={"expiry": "expired"},
    )


def _mixed_files() -> Iterator[Vector]:
    presence = "docs/explanation/presence.md"
    yield Vector(
        name="mixed-face-and-age",
        reason="Two genuine records of two genuine cards of one municipality: their card keys differ.",
        source=presence,
        evidence=_face(f0001=NEIGHBOUR.files(FACE)["0001"], answered=CARD),
        codes={"structure": "card-keys-differ"},
    )
    renewed = VirtualAuthority.laboratory().issue(persona(STRANGER), municipality="99201")
    yield Vector(
        name="mixed-certificate",
        reason="The certificate of another municipality, signed by the same authority.",
        source="issuer certificates, EF 0004",
        evidence=_age(f0004=forgery.card(STRANGER).files(FACE)["0004"]),
        codes={"record-signature": "bad-signature"},
    )
    yield Vector(
        name="mixed-attributes",
        reason="The attributes of one card with the integrity record of another of the same municipality.",
        source="input-assist, EF 0003",
        evidence=forgery.evidence(renewed, ASSIST, "0003", "0004", f0002=CARD.files(ASSIST)["0002"]),
        codes={"file-digests": "mismatch"},
    )
    yield Vector(
        name="mixed-number",
        reason="The number of one card with the integrity record of another of the same municipality.",
        source="input-assist, EF 0003",
        evidence=forgery.evidence(CARD, ASSIST, "0003", "0004", f0001=NEIGHBOUR.files(ASSIST)["0001"], role=OFFICE),
        codes={"file-digests": "mismatch"},
    )
    yield Vector(
        name="mixed-domains",
        reason="The certificate of the other domain of the same card and municipality.",
        source="issuer certificates, EF 0004",
        evidence=_age(f0004=CARD.files(ASSIST)["0004"]),
        codes={"chain": "unknown-authority"},
    )
    yield Vector(
        name="integrity-record-missing",
        reason="A signed key record vouches for no attributes.",
        source="input-assist, EF 0001 to 0003",
        evidence=forgery.evidence(CARD, ASSIST, "0002", "0004", "0007", answered=CARD),
        codes={"record-signature": "missing-record"},
    )
    yield Vector(
        name="integrity-record-alone",
        reason="A signed record of digests, and no file that they are digests of.",
        source="input-assist, EF 0001 to 0003",
        evidence=forgery.evidence(CARD, ASSIST, "0003", "0004"),
        codes={"file-digests": "missing-file"},
    )
    light = _light_arguments()
    two, three = light["segments"][2], light["segments"][3]
    yield Vector(
        name="segment-digests-change-places",
        reason="The digests of the segments are signed in their order.",
        source="face-check, EF 0002",
        evidence=Evidence(**{**light, "segments": {2: three, 3: two}}),
        codes={"record-signature": "bad-signature"},
    )


def _light_arguments() -> dict[str, Any]:
    light = _face()
    return {
        "domain": light.domain,
        "role": light.role,
        "credential": light.credential,
        "files": dict(light.files),
        "segments": dict(light.segments),
    }


def _answers() -> Iterator[Vector]:
    presence = "docs/explanation/presence.md"
    clone = forgery.card(ONE, Flaw.CLONED_WITHOUT_KEY)
    yield Vector(
        name="presence-of-a-clone",
        reason="All files are genuine; the private key is not the card's.",
        source=presence,
        evidence=_age(answered=clone),
        codes={"presence": "bad-signature"},
    )
    yield Vector(
        name="presence-by-a-neighbour",
        reason="Another genuine card of the same municipality answers.",
        source=presence,
        evidence=_age(answered=NEIGHBOUR),
        challenge=CHALLENGE,
        codes={"presence": "bad-signature", "freshness": "not-answered"},
    )
    yield Vector(
        name="presence-by-the-other-domain",
        reason="The input-assist key of the same card answers for the face-check record.",
        source=presence,
        evidence=Evidence(**{**_parts_of_age(), "presence": Presence(CHALLENGE, CARD.sign(ASSIST, CHALLENGE))}),
        codes={"presence": "bad-signature"},
    )
    yield Vector(
        name="presence-required-none-given",
        reason="Presence was required, and the card was not challenged.",
        source="docs/reference/result.md, require_presence",
        evidence=_age(),
        require_presence=True,
        codes={"presence": "none-given"},
    )
    yield Vector(
        name="presence-required-unbound",
        reason="Presence was required, and an answer in input-assist evidence from outside is none.",
        source=presence,
        evidence=_assist(answered=CARD),
        require_presence=True,
        codes={"presence": "unbound"},
    )
    yield Vector(
        name="presence-wrong-key-record",
        reason="The key record is one card's, the answer another's.",
        source=presence,
        evidence=_assist(answered=NEIGHBOUR),
        codes={"presence": "bad-signature"},
    )
    yield Vector(
        name="challenge-of-yesterday",
        reason="A replay: the answer is right, the challenge is not ours.",
        source="docs/reference/result.md, freshness",
        evidence=_age(answered=CARD),
        challenge=bytes(32),
        codes={"presence": "record", "freshness": "other-challenge"},
    )
    yield Vector(
        name="challenge-without-answer",
        reason="We gave a challenge, and nobody answered.",
        source="docs/reference/result.md, freshness",
        evidence=_age(),
        challenge=CHALLENGE,
        codes={"presence": "none-given", "freshness": "not-answered"},
    )
    yield Vector(
        name="challenge-and-unknown-authority",
        reason="The answer is to our challenge, by a card of an authority that nobody knows: neither fresh nor stale.",
        source="docs/reference/result.md, freshness",
        evidence=_age(answered=CARD),
        challenge=CHALLENGE,
        trust="production",
        codes={"chain": "unknown-authority", "presence": "unbound", "freshness": "not-verified"},
    )
    yield Vector(
        name="challenge-and-foreign-key-record",
        reason="Copied attributes with the key record and the right answer of another genuine card: our challenge, and no proof.",
        source=presence,
        evidence=_assist(answered=NEIGHBOUR, f0007=NEIGHBOUR.files(ASSIST)["0007"]),
        challenge=CHALLENGE,
        verdict="verified",
        codes={"presence": "unbound", "freshness": "unbound"},
        fields=FOUR,
    )


def _parts_of_age() -> dict[str, Any]:
    return forgery.parts(CARD, FACE, "0001", "0004")


def _forged_signatures() -> Iterator[Vector]:
    """Blocks that the right private key signed, and that are not the one block that is right."""
    file = CARD.files(FACE)["0001"]
    digest = forgery.sha256(forgery.whole(file, 0xDF11, 0xDF12))
    info, n = digest_info(digest), forgery.modulus(MUNICIPALITY)
    head = b"\x00\x01" + b"\xff" * 8 + b"\x00"
    room = bytes(256 - len(head) - len(info))
    oid = bytes.fromhex("0609608648016503040201")
    blocks = {
        "signature-garbage-after": (head + info + room, "Short padding and garbage after the DigestInfo."),
        "signature-garbage-between": (head + room + info, "Short padding and garbage before the DigestInfo."),
        "signature-padding-byte": (padded(info)[:100] + b"\xfe" + padded(info)[101:], "One padding byte is not FF."),
        "signature-block-type-2": (b"\x00\x02" + padded(info)[2:], "The block type of encryption."),
        "signature-without-null": (
            padded(tlv(0x30, tlv(0x30, oid), tlv(0x04, digest))),
            "The algorithm's parameters are not NULL but missing.",
        ),
        "signature-ber-length": (
            padded(b"\x30\x81" + info[1:]),
            "A length of the DigestInfo is not in its shortest form.",
        ),
        "signature-sha-1": (
            padded(tlv(0x30, tlv(0x30, bytes.fromhex("06052b0e03021a0500")), tlv(0x04, digest))),
            "The DigestInfo names another algorithm.",
        ),
        "signature-truncated-digest": (padded(digest_info(digest[:31])), "The digest lacks its last byte."),
        "signature-longer-digest": (padded(digest_info(digest + b"\x00")), "The digest has a byte more."),
        "signature-no-digest-info": (padded(digest), "The digest stands there without a DigestInfo."),
    }
    signatures = {name: (raw_sign(MUNICIPALITY, block), reason) for name, (block, reason) in blocks.items()}
    signatures["signature-zero"] = (bytes(256), "Zero to any power is zero.")
    signatures["signature-modulus-less-one"] = ((n - 1).to_bytes(256), "Minus one to an odd power is minus one.")
    signatures["signature-not-below-modulus"] = (b"\xff" * 256, "A signature has to be less than the modulus.")
    for name, (signature, reason) in signatures.items():
        yield Vector(
            name=name,
            reason=reason,
            source="RFC 8017 §8.2.2, §9.2",
            evidence=_age(f0001=forgery.rebuilt(file, {0xDF13: signature})),
            codes={"record-signature": "bad-signature"},
        )
    face = CARD.files(FACE)["0002"]
    one, two, three = forgery.segment_digests(face)
    for name, octets, reason in (
        ("signature-segments-swapped", one + three + two, "The digests of segments 2 and 3 in the other order."),
        ("signature-segments-two", one + two, "The digests of two segments only."),
        ("signature-segments-four", one + two + three + three, "The digest of segment 3 twice."),
        ("signature-segments-hashed", forgery.sha256(one + two + three), "One digest over the three digests."),
    ):
        changed = forgery.rebuilt(face, {0xDF28: raw_sign(MUNICIPALITY, padded(digest_info(octets)))})
        yield Vector(
            name=name,
            reason=reason,
            source="face-check, EF 0002",
            evidence=forgery.evidence(CARD, FACE, "0004", f0002=changed).without_segments(2, 3),
            codes={"record-signature": "bad-signature"},
        )
