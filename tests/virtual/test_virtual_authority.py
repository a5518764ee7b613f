"""Certificates, record signatures and digests, checked with cryptography alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from mnverify.errors import UsageError
from mnverify.virtual import Flaw, VirtualAuthority, VirtualCard, persona, personas

from .plain import children, laboratory_card, object_end, public_key, sha256, signed, signed_info, value

DOMAINS = ("face-check", "input-assist")
EVERYBODY = [one.id for one in personas()]
SEGMENTS = (("DF22", "DF23", "DF24"), ("DF25", "DF26"), ("DF27",))


def anchors(authority: VirtualAuthority | None = None) -> dict[str, dict[str, object]]:
    listed = (authority or VirtualAuthority.laboratory()).trust_anchors()["anchors"]
    return {anchor["key_id"]: anchor for anchor in listed}


def certified(card: VirtualCard, domain: str) -> rsa.RSAPublicKey:
    body = value(children(card.files(domain)["0004"], "7F21")["5F4E"])
    return public_key(body[32:])


def chain_holds(card: VirtualCard, domain: str) -> bool:
    parts = children(card.files(domain)["0004"], "7F21")
    body = value(parts["5F4E"])
    anchor = anchors().get(body[:16].hex())
    if anchor is None:
        return False
    assert anchor["domain"] == domain and anchor["exponent"] == 65537
    key = rsa.RSAPublicNumbers(65537, int(str(anchor["modulus"]), 16)).public_key()
    return signed(key, value(parts["5F37"]), body)


def face_holds(card: VirtualCard) -> bool:
    parts = children(card.files("face-check")["0002"], "FF20")
    digests = b"".join(sha256(b"".join(parts[tag] for tag in segment)) for segment in SEGMENTS)
    info = bytes.fromhex("3071300D060960864801650304020105000460") + digests
    return signed_info(certified(card, "face-check"), value(parts["DF28"]), info)


def record_holds(card: VirtualCard, domain: str, file_id: str, outer: str) -> bool:
    """A record whose last object signs those before it."""
    *before, signature = children(card.files(domain)[file_id], outer).values()
    return signed(certified(card, domain), value(signature), b"".join(before))


def presence_holds(card: VirtualCard, domain: str) -> bool:
    file_id, outer, tag = ("0002", "FF20", "DF24") if domain == "face-check" else ("0007", "FF50", "DF51")
    key = public_key(value(children(card.files(domain)[file_id], outer)[tag]))
    return signed(key, card.sign(domain, b"challenge"), b"challenge")


def offsets_true(content: bytes) -> bool:
    table, *objects = children(content, "FF20").values()
    starts = [content.index(one) for one in objects]
    return value(table) == b"".join(start.to_bytes(2) for start in starts)


@pytest.mark.parametrize("name", EVERYBODY)
def test_a_card_without_flaws_holds_in_everything(name: str) -> None:
    card = laboratory_card(name)
    assert face_holds(card)
    assert record_holds(card, "face-check", "0001", "FF10")
    assert record_holds(card, "face-check", "0005", "FF40")
    assert record_holds(card, "input-assist", "0003", "FF30")
    assert record_holds(card, "input-assist", "0007", "FF50")
    for domain in DOMAINS:
        assert chain_holds(card, domain) and presence_holds(card, domain)
        assert offsets_true(card.files(domain)["0002"])


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_files_say_what_the_persona_is(name: str) -> None:
    card, who = laboratory_card(name), persona(name)
    face = {tag: value(whole) for tag, whole in children(card.files("face-check")["0002"], "FF20").items()}
    assert list(face) == ["DF21", *(f"DF2{n:X}" for n in range(2, 11))]
    assert face["DF22"] == who.birth_compact.encode() and face["DF23"].decode() == who.sex.digit
    assert face["DF29"] == f"{who.expiry:%Y%m%d}".encode()
    attributes = [value(whole) for whole in children(card.files("input-assist")["0002"], "FF20").values()]
    assert attributes[1:] == [who.name.encode(), who.address.encode(), face["DF22"], face["DF23"]]
    assert card.files("input-assist")["0001"] == b"\xff\x10\x0c" + who.my_number.reveal().encode() + b"\xff\xff"


def test_the_card_key_is_the_same_in_three_records() -> None:
    files = laboratory_card().files("face-check")
    keys = {
        value(children(files["0001"], "FF10")["DF12"]),
        value(children(files["0002"], "FF20")["DF24"]),
        value(children(files["0005"], "FF40")["DF42"]),
    }
    assert len(keys) == 1


def test_the_integrity_record_covers_both_files() -> None:
    files = laboratory_card().files("input-assist")
    record = children(files["0003"], "FF30")
    assert value(record["DF31"]) == sha256(files["0001"])
    attributes = list(children(files["0002"], "FF20").values())
    assert value(record["DF32"]) == sha256(b"".join(attributes[1:]))


def test_application_information() -> None:
    card = laboratory_card()
    face = {t: value(w) for t, w in children(card.files("face-check")["0003"], "FF30").items()}
    assert {t: len(v) for t, v in face.items()} == {"DF31": 4, "DF32": 16, "DF33": 1, "DF34": 5, "DF35": 272}
    assert face["DF31"].hex() == "06030e01" and face["DF34"] == b"99201"
    assist = {t: value(w) for t, w in children(card.files("input-assist")["0005"], "FF40").items()}
    assert {t: len(v) for t, v in assist.items()} == {"DF41": 4, "DF42": 16, "DF43": 128}
    assert assist["DF41"].hex() == "01030e01"


def test_certificates_have_the_size_and_ids_of_real_ones() -> None:
    for domain, number in (("face-check", b"9000023"), ("input-assist", b"9000033")):
        content = laboratory_card().files(domain)["0004"]
        assert object_end(content) == 568
        body = value(children(content, "7F21")["5F4E"])
        assert len(body) == 297
        assert body[:16] == number + b"\x08\x05001" + bytes(4)
        assert body[16:28] == b"99201" + number[-2:] + b"\x08\x05001" and body[28:32] != bytes(4)


def test_two_municipalities_have_two_keys_in_each_domain() -> None:
    here, there = laboratory_card(), laboratory_card("taisho-centenarian")
    keys = {certified(card, domain).public_numbers().n for card in (here, there) for domain in DOMAINS}
    assert len(keys) == 4
    moved = VirtualAuthority.laboratory().issue(persona(), municipality="99302")
    assert certified(moved, "face-check") == certified(there, "face-check")


def test_the_laboratory_makes_the_same_card_every_time() -> None:
    assert laboratory_card().files("face-check") == laboratory_card().files("face-check")
    assert laboratory_card().files("input-assist") == laboratory_card().files("input-assist")


def test_another_seed_is_another_card_of_the_same_person() -> None:
    one, other = laboratory_card(), laboratory_card(seed=1)
    assert face_holds(other) and presence_holds(other, "face-check")
    assert one.files("face-check")["0001"] != other.files("face-check")["0001"]
    assert one.credentials == other.credentials


def test_fresh_authorities_share_nothing() -> None:
    one, other = VirtualAuthority(), VirtualAuthority("our laboratory")
    assert anchors(one).keys() == anchors(other).keys()
    moduli = [a["modulus"] for authority in (one, other) for a in anchors(authority).values()]
    assert len(set(moduli)) == 4
    assert {a["environment"] for a in anchors(other).values()} == {"our laboratory"}
    card = one.issue(persona())
    assert face_holds(card) and not chain_holds(card, "face-check")


@pytest.mark.parametrize("word", ["production", "test", ""])
def test_no_authority_calls_itself_real(word: str) -> None:
    with pytest.raises(UsageError):
        VirtualAuthority(word)


def test_trust_anchors_are_written_whole(tmp_path: Path) -> None:
    authority = VirtualAuthority.laboratory()
    path = tmp_path / "anchors.json"
    path.write_text("old")
    authority.write_trust_anchors(path)
    assert json.loads(path.read_text()) == authority.trust_anchors()
    assert [one.name for one in tmp_path.iterdir()] == ["anchors.json"]
    assert {name[:14] for name in anchors()} == {"39303030303233", "39303030303333"}
    with pytest.raises(OSError):
        authority.write_trust_anchors(tmp_path / "none" / "anchors.json")


# -- flaws: each breaks what it is named for, and nothing else


def report(card: VirtualCard) -> dict[str, bool]:
    return {
        "chain": all(chain_holds(card, domain) for domain in DOMAINS),
        "face": face_holds(card),
        "age": record_holds(card, "face-check", "0001", "FF10"),
        "integrity": record_holds(card, "input-assist", "0003", "FF30"),
        "key-record": record_holds(card, "input-assist", "0007", "FF50"),
        "presence": presence_holds(card, "face-check"),
        "presence-assist": presence_holds(card, "input-assist"),
        "offsets": all(offsets_true(card.files(domain)["0002"]) for domain in DOMAINS),
    }


@pytest.mark.parametrize(
    ("flaw", "broken"),
    [
        (Flaw.FOREIGN_CA, {"chain"}),
        (Flaw.IMPOSTOR_CA, {"chain"}),
        (Flaw.WRONG_SIGNATURE, {"face", "age", "integrity", "key-record"}),
        (Flaw.SWAPPED_PHOTO, {"face"}),
        (Flaw.ANOTHER_PERSONS_FILES, {"presence", "presence-assist"}),
        (Flaw.CLONED_WITHOUT_KEY, {"presence", "presence-assist"}),
        (Flaw.FOREIGN_KEY_RECORD, set()),
        (Flaw.EXPIRED, set()),
        (Flaw.STALE_OFFSET_TABLE, {"offsets"}),
        (Flaw.ALTERED_EXPIRY, set()),
    ],
)
def test_what_a_flaw_breaks(flaw: Flaw, broken: set[str]) -> None:
    outcome = report(laboratory_card("hikkoshi-ichiro", flaw))
    assert {name for name, holds in outcome.items() if not holds} == broken


def test_a_foreign_ca_has_another_name_and_an_impostor_the_same() -> None:
    def issuer(flaw: Flaw) -> str:
        body = value(children(laboratory_card("sato-hanako", flaw).files("face-check")["0004"], "7F21")["5F4E"])
        return body[:16].hex()

    assert issuer(Flaw.FOREIGN_CA) not in anchors()
    assert issuer(Flaw.IMPOSTOR_CA) in anchors()


def test_flaws_show_in_the_content() -> None:
    plain = laboratory_card()
    attributes = laboratory_card("sato-hanako", Flaw.ANOTHER_PERSONS_FILES).files("input-assist")["0002"]
    assert "佐藤".encode() not in attributes and persona("ri-mirei").name.encode() in attributes
    expired = laboratory_card("sato-hanako", Flaw.EXPIRED)
    assert expired.persona.expiry.year == 2020 and expired.credentials["verification-number-b"][6:10] == "2020"
    altered = laboratory_card("sato-hanako", Flaw.ALTERED_EXPIRY)
    face = children(altered.files("face-check")["0002"], "FF20")
    assert value(face["DF29"]) == b"20380703" and altered.credentials == plain.credentials
    foreign = laboratory_card("sato-hanako", Flaw.FOREIGN_KEY_RECORD)
    other = laboratory_card("ri-mirei")
    assert children(foreign.files("input-assist")["0007"], "FF50") == children(
        other.files("input-assist")["0007"], "FF50"
    )
    assert foreign.files("input-assist")["0002"] == plain.files("input-assist")["0002"]
    swapped = children(laboratory_card("sato-hanako", Flaw.SWAPPED_PHOTO).files("face-check")["0002"], "FF20")
    genuine = children(plain.files("face-check")["0002"], "FF20")
    assert {tag for tag in genuine if genuine[tag] != swapped[tag]} <= {"DF21", "DF27"}


def test_flaws_combine() -> None:
    outcome = report(laboratory_card("sato-hanako", Flaw.FOREIGN_CA, Flaw.CLONED_WITHOUT_KEY))
    assert not outcome["chain"] and not outcome["presence"] and outcome["face"]
