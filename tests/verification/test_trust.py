"""Who is trusted: environments that do not mix, anchors that contradict each other, chains of any length, broken files."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnverify.errors import TrustError, UnreadableFile
from mnverify.evidence import Evidence
from mnverify.text import Text
from mnverify.values import Domain
from mnverify.verification import TrustStore, VerificationResult, verify
from mnverify.verification.laboratory import is_laboratory_key
from mnverify.verification.words import PROVENANCE_JA
from mnverify.virtual import VirtualAuthority
from mnverify.virtual.encoding import key_id, tlv
from mnverify.virtual.keys import public_key_bytes
from tests.support import forgery
from tests.support.forgery import ASSIST, AT, FACE
from tools.make_laboratory_keys import FINGERPRINTS, fingerprints

CARD = forgery.card()
PRODUCTION = TrustStore.production()
NAMES = {FACE: ("0002", "0004"), ASSIST: ("0002", "0003", "0004")}


def judge(domain: Domain, trust: TrustStore, **replaced: bytes) -> VerificationResult:
    return verify(forgery.evidence(CARD, domain, *NAMES[domain], **replaced), trust=trust, at=AT)


def store(change: Callable[[dict[str, Any]], object]) -> TrustStore:
    """A store of the laboratory's anchors after a change to the document."""
    document = copy.deepcopy(forgery.anchors())
    change(document)
    return TrustStore.from_json(json.dumps(document))


def chain_code(result: VerificationResult) -> str:
    return result.check("chain").code


# environments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", [FACE, ASSIST])
@pytest.mark.parametrize("shipped", [TrustStore.production, TrustStore.test, lambda: TrustStore([])])
def test_no_shipped_store_accepts_a_virtual_card(domain: Domain, shipped: Callable[[], TrustStore]) -> None:
    result = judge(domain, shipped())
    assert not result.verified and result.verdict == "rejected"
    assert chain_code(result) == "unknown-authority" and result.authority is None
    assert result.environment == shipped().environment != "virtual"
    assert "fields" not in result.to_dict()


def test_production_and_test_do_not_mix() -> None:
    production, test = TrustStore.production(), TrustStore.test()
    assert {anchor.environment for anchor in production.anchors} == {"production"}
    assert {anchor.environment for anchor in test.anchors} == {"test"}
    assert not {anchor.key_id for anchor in production.anchors} & {anchor.key_id for anchor in test.anchors}
    assert len(production.anchors) == len(test.anchors) == 2


def test_shipped_anchors_with_the_right_name_but_another_key_refuse() -> None:
    """An authority that calls itself 5000023/001 signs with its own key."""
    ca = forgery.private_key("ca/face-check")
    body = forgery.value(CARD.files(FACE)["0004"], 0x5F4E)
    forged = forgery.certificate(ca, key_id("5000023"), body[16:32], body[32:])
    assert chain_code(judge(FACE, TrustStore.production(), f0004=forged)) == "bad-signature"


@pytest.mark.parametrize("word", ["virtual", "laboratory of ours", "研究所"])
def test_the_environment_is_repeated_in_every_result(word: str) -> None:
    def rename(document: dict[str, Any]) -> None:
        for anchor in document["anchors"]:
            anchor["environment"] = word

    result = judge(FACE, store(rename))
    assert result.verified and result.environment == word == result.to_dict()["environment"]


@pytest.mark.parametrize("word", ["production", "test"])
@pytest.mark.parametrize("pad", ["", "00", "0000"])
def test_the_laboratorys_public_keys_are_no_real_cards(word: str, pad: str) -> None:
    """Anybody can sign with them; a trust file that calls them production would let invented people in."""

    def rename(document: dict[str, Any]) -> None:
        for anchor in document["anchors"]:
            anchor.update(environment=word, modulus=pad + anchor["modulus"])

    with pytest.raises(TrustError) as caught:
        store(rename)
    assert "laboratory" in str(caught.value) and word in caught.value.text.ja
    with pytest.raises(TrustError):
        TrustStore(anchor._replace(environment=word) for anchor in forgery.trust().anchors)


@pytest.mark.parametrize(
    "label", ["foreign-ca/face-check", "municipality/99201/face-check", "card/sato-hanako/0/face-check"]
)
def test_no_key_of_the_laboratory_is_an_anchor_of_production(label: str) -> None:
    modulus = forgery.modulus(forgery.private_key(label)).to_bytes(256)
    anchor = forgery.trust().anchors[0]._replace(modulus=modulus, environment="production")
    with pytest.raises(TrustError):
        TrustStore([anchor])
    assert TrustStore([anchor._replace(environment="virtual")]).environment == "virtual"


def test_the_fingerprints_of_the_laboratory_are_of_all_its_keys() -> None:
    assert FINGERPRINTS.read_text("ascii") == fingerprints()
    assert fingerprints().count("\n") > 40
    assert not any(is_laboratory_key(anchor.modulus) for anchor in (*PRODUCTION.anchors, *TrustStore.test().anchors))


@pytest.mark.parametrize(
    "word",
    [
        *("Production", "PRODUCTION", " production", "test ", "Test", "ｔｅｓｔ", "ｐｒｏｄｕｃｔｉｏｎ"),
        *("p r o d u c t i o n", "production.", "-test-", "production+test"),
        "\u0440roduction",  # Cyrillic
        "pr\u03bfduction",  # Greek
        "product\u0131on",  # a dotless i
        *("pr\u00f3duction", "pro\u0335duction"),  # marks
        *("test\ufe0f", "production\u3164", "test\u034f"),  # of no width
    ],
)
def test_words_that_look_like_ours(word: str) -> None:
    with pytest.raises(TrustError):
        store(lambda document: [anchor.update(environment=word) for anchor in document["anchors"]])


@pytest.mark.parametrize("word", ["lab", "staging-2", "検証環境", "ラボ（東京）", "virtual"])
def test_any_other_word_is_an_environment(word: str) -> None:
    own = store(lambda document: [anchor.update(environment=word) for anchor in document["anchors"]])
    assert own.environment == word


def test_where_the_shipped_keys_come_from_is_said_in_both_languages() -> None:
    for anchor in (*PRODUCTION.anchors, *TrustStore.test().anchors, *forgery.trust().anchors):
        assert anchor.provenance.en != anchor.provenance.ja and anchor.provenance.en in PROVENANCE_JA
    own = store(lambda document: document["anchors"][0].update(provenance="書留で受領"))
    assert own.anchors[0].provenance == ("書留で受領", "書留で受領")
    assert store(lambda document: document.pop("provenance")).anchors[0].provenance == ("", "")


def test_a_result_says_that_the_key_was_not_published_by_its_owner() -> None:
    """Only where the chain reached a key as shipped: keys that a relying party got elsewhere, and others, are its own affair."""
    ca = forgery.private_key("ca/face-check")
    body = forgery.value(CARD.files(FACE)["0004"], 0x5F4E)
    named = {"f0004": forgery.certificate(ca, key_id("5000023"), body[16:32], body[32:])}
    assert "anchor-provenance" in judge(FACE, PRODUCTION, **named).limits
    own = TrustStore(anchor._replace(provenance=Text("J-LIS", "J-LIS")) for anchor in PRODUCTION.anchors)
    assert judge(FACE, own, **named).environment == "production"
    assert "anchor-provenance" not in judge(FACE, own, **named).limits
    assert "anchor-provenance" not in judge(FACE, forgery.trust()).limits
    assert "anchor-provenance" not in judge(FACE, PRODUCTION).limits  # unknown authority: no key was reached
    renamed = TrustStore(anchor._replace(environment="ours") for anchor in PRODUCTION.anchors)
    assert "anchor-provenance" not in judge(FACE, renamed, **named).limits


@pytest.mark.parametrize("word", ["", "x" * 65, "a\nb", "a\x00b", 7, None, ["virtual"]])
def test_environments_that_are_no_word(word: object) -> None:
    with pytest.raises(TrustError):
        store(lambda document: document["anchors"][0].update(environment=word))


def test_stores_never_change() -> None:
    trust = forgery.trust()
    with pytest.raises(AttributeError):
        trust.anchors = ()
    with pytest.raises(AttributeError):
        del trust.anchors
    with pytest.raises(TypeError):
        trust.certificates[b""] = None  # type: ignore[index]
    assert "virtual" in repr(trust)


def test_a_store_goes_to_other_processes_whole() -> None:
    trust = forgery.trust().with_certificates(*CHAIN)
    for again in (pickle.loads(pickle.dumps(trust)), copy.deepcopy(trust)):
        assert (again.anchors, again.certificates) == (trust.anchors, trust.certificates)
        assert again.environment == "virtual" and judge(FACE, again, f0004=LEAF).verified
    assert pickle.loads(pickle.dumps(PRODUCTION)).anchors == PRODUCTION.anchors


# anchors ---------------------------------------------------------------------------------------------


def test_a_domains_anchor_does_not_vouch_for_the_other_domain() -> None:
    """Both ways: the card's own certificate under the other domain's CA, and the other CA alone."""
    for domain, other in ((FACE, ASSIST), (ASSIST, FACE)):
        crossing = judge(domain, forgery.trust(), f0004=CARD.files(other)["0004"])
        assert chain_code(crossing) == "unknown-authority" and not crossing.verified
        only_other = TrustStore(anchor for anchor in forgery.trust().anchors if anchor.domain is other)
        assert chain_code(judge(domain, only_other)) == "unknown-authority"


def test_face_check_anchor_renamed_into_the_other_domain_is_only_good_there() -> None:
    def cross(document: dict[str, Any]) -> None:
        for anchor in document["anchors"]:
            anchor["domain"] = "input-assist" if anchor["domain"] == "face-check" else "face-check"

    assert chain_code(judge(FACE, store(cross))) == "unknown-authority"


def test_all_sixteen_bytes_of_a_key_id_count() -> None:
    def pad(document: dict[str, Any]) -> None:
        document["anchors"][0]["key_id"] = document["anchors"][0]["key_id"][:-2] + "01"

    assert chain_code(judge(FACE, store(pad))) == "unknown-authority"


def test_one_key_id_with_two_keys_is_an_error() -> None:
    def contradict(document: dict[str, Any]) -> None:
        document["anchors"].append({**document["anchors"][0], "modulus": document["anchors"][1]["modulus"]})

    def contradict_across_domains(document: dict[str, Any]) -> None:
        document["anchors"][1]["key_id"] = document["anchors"][0]["key_id"]

    def two_environments(document: dict[str, Any]) -> None:
        document["anchors"].append({**document["anchors"][0], "environment": "production"})

    for change in (contradict, contradict_across_domains, two_environments):
        with pytest.raises(TrustError):
            store(change)


def test_the_same_anchor_twice_is_one_anchor() -> None:
    twice = store(lambda document: document["anchors"].append(dict(document["anchors"][0])))
    assert len(twice.anchors) == 2 and judge(FACE, twice).verified


# files -----------------------------------------------------------------------------------------------


def _without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["anchors"][0].pop(key)


def _with(**values: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["anchors"][0].update(values)


@pytest.mark.parametrize(
    "change",
    [
        *(_without(key) for key in ("name", "key_id", "domain", "environment", "algorithm", "modulus", "exponent")),
        _with(unknown="x"),
        _with(name=1),
        _with(key_id="00"),
        _with(key_id="zz" * 16),
        _with(key_id="00" * 17),
        _with(domain="jpki"),
        _with(algorithm="EC"),
        _with(algorithm="rsa"),
        _with(exponent="65537"),
        _with(exponent=65537.0),
        _with(exponent=True),
        _with(modulus=""),
        _with(modulus="abc"),
        _with(modulus=5),
        _with(provenance=5),
        _with(provenance=None),
        _with(provenance="x" * 4097),
        *(
            _with(**{key: f"x{mark}y"})
            for key in ("name", "environment", "provenance")
            for mark in ("\x1b[2J", "\n", "\x00", "\x9b", "\u202e", "\u2028", "\u200b", "\ud800")
        ),
        _with(name=""),
        _with(exponent=65536),
        _with(exponent=10**9),
        lambda document: document.update(provenance="\x1b]0;"),
        lambda document: document.update(provenance=None),
        lambda document: document.pop("anchors"),
        lambda document: document.update(format="mnverify.trust-anchors/2"),
        lambda document: document.pop("format"),
        lambda document: document.update(anchors={}),
        lambda document: document.update(anchors=["x"]),
        lambda document: document.update(unknown=1),
        lambda document: document.update(provenance=[]),
        lambda document: document.update(anchors=document["anchors"] * 501),
    ],
)
def test_files_that_are_not_of_the_format(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(TrustError):
        store(change)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"null", b"{", b"\xff\xfe\xfd", "[" * 100_000, b" " * (1 << 20) + b"{}", '{"format": 1, "format": 1}'],
)
def test_bytes_that_are_no_such_json(data: str | bytes) -> None:
    with pytest.raises(TrustError):
        TrustStore.from_json(data)


@pytest.mark.parametrize("key", ["format", "anchors", "modulus", "environment", "provenance"])
def test_a_key_that_stands_twice(key: str) -> None:
    text = json.dumps(forgery.anchors())
    at = text.index(f'"{key}": ')
    for name in (key, "".join(f"\\u{ord(character):04x}" for character in key)):
        with pytest.raises(TrustError, match="twice"):
            TrustStore.from_json(f'{text[:at]}"{name}": "x", {text[at:]}')


def test_an_object_that_is_parsed_already() -> None:
    assert TrustStore.from_object(forgery.anchors()).anchors == forgery.trust().anchors
    anchors = forgery.anchors()
    several: list[Any] = [[], "x", {}, {**anchors, "anchors": [1]}, {**anchors, "anchors": [{"a": {"b": {}}}]}]
    for wrong in several:
        with pytest.raises(TrustError):
            TrustStore.from_object(wrong)
    with pytest.raises(TrustError):
        TrustStore(["production"])  # type: ignore[list-item]


def test_no_reason_repeats_what_stands_in_the_file() -> None:
    for change in (_with(secret="x"), _with(secret=5), lambda document: document.update(secret={})):
        with pytest.raises(TrustError) as caught:
            store(change)
        assert "secret" not in str(caught.value) + caught.value.text.ja


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    large.write_bytes(b" " * ((1 << 20) + 1))
    for path in (tmp_path / "none.json", tmp_path, "a\0b"):
        with pytest.raises(UnreadableFile):
            TrustStore.from_file(path)
    with pytest.raises(TrustError):
        TrustStore.from_file(large)
    written = VirtualAuthority.laboratory().write_trust_anchors(tmp_path / "anchors.json")
    assert judge(FACE, TrustStore.from_file(written)).verified


# longer chains ---------------------------------------------------------------------------------------


def _link(issuer: str, issuer_id: str, subject: str, subject_id: str) -> bytes:
    key = public_key_bytes(forgery.private_key(subject))
    return forgery.certificate(forgery.private_key(issuer), key_id(issuer_id), key_id(subject_id), key)


CA, A, B, C = "ca/face-check", "foreign-ca/face-check", "foreign-municipality/face-check", "clone/face-check"
MUNICIPALITY = "municipality/99201/face-check"
LEAF = _link(C, "7000003", MUNICIPALITY, "9920123")
CHAIN = (_link(CA, "9000023", A, "7000001"), _link(A, "7000001", B, "7000002"), _link(B, "7000002", C, "7000003"))


def test_a_chain_of_four_links_in_any_order() -> None:
    for certificates in (CHAIN, CHAIN[::-1]):
        result = judge(FACE, forgery.trust().with_certificates(*certificates), f0004=LEAF)
        assert result.verified and result.authority == "9000023/001"


@pytest.mark.parametrize("missing", range(3))
def test_a_chain_with_a_link_missing(missing: int) -> None:
    certificates = [link for number, link in enumerate(CHAIN) if number != missing]
    result = judge(FACE, forgery.trust().with_certificates(*certificates), f0004=LEAF)
    assert chain_code(result) == "unknown-authority" and not result.verified


@pytest.mark.parametrize("bad", range(3))
def test_a_chain_with_a_link_whose_signature_is_wrong(bad: int) -> None:
    certificates = list(CHAIN)
    body = forgery.value(CHAIN[bad], 0x5F4E)
    certificates[bad] = forgery.certificate(forgery.private_key(MUNICIPALITY), body[:16], body[16:32], body[32:])
    result = judge(FACE, forgery.trust().with_certificates(*certificates), f0004=LEAF)
    assert chain_code(result) == "bad-signature" and not result.verified


@pytest.mark.parametrize("weak", range(3))
def test_a_chain_with_a_weak_key_in_the_middle(weak: int) -> None:
    signer = (CA, A, B)[weak]
    body = forgery.value(CHAIN[weak], 0x5F4E)
    for key in (forgery.public_bytes(int.from_bytes(body[-256:]), 3), forgery.public_bytes((1 << 1023) + 1)):
        certificates = list(CHAIN)
        certificates[weak] = forgery.certificate(forgery.private_key(signer), body[:16], body[16:32], key)
        result = judge(FACE, forgery.trust().with_certificates(*certificates), f0004=LEAF)
        assert chain_code(result) == "weak-key" and not result.verified


def test_chains_that_go_round_end() -> None:
    loops = [
        (_link(C, "7000003", C, "7000003"),),
        (_link(A, "7000001", C, "7000003"), _link(C, "7000003", A, "7000001")),
    ]
    for certificates in loops:
        result = judge(FACE, forgery.trust().with_certificates(*certificates), f0004=LEAF)
        assert chain_code(result) == "unknown-authority" and not result.verified


def test_a_chain_that_is_too_long() -> None:
    links = [_link(CA, "9000023", A, "7000100")]
    links += [_link(A, f"{7000100 + n}", A, f"{7000101 + n}") for n in range(20)]
    for length, good in ((6, True), (20, False)):
        leaf = _link(A, f"{7000100 + length}", MUNICIPALITY, "9920123")
        assert judge(FACE, forgery.trust().with_certificates(*links), f0004=leaf).verified is good


def test_intermediate_certificates_are_not_trusted_by_themselves() -> None:
    own = _link(A, "7000001", A, "7000001")
    leaf = _link(A, "7000001", MUNICIPALITY, "9920123")
    assert not judge(FACE, forgery.trust().with_certificates(own), f0004=leaf).verified
    assert not judge(FACE, TrustStore([]).with_certificates(*CHAIN), f0004=LEAF).verified


def test_certificates_are_added_to_those_at_hand() -> None:
    trust = forgery.trust()
    for link in CHAIN:
        trust = trust.with_certificates(link)
    assert judge(FACE, trust.with_certificates(*CHAIN), f0004=LEAF).verified  # the same ones again change nothing
    assert not forgery.trust().certificates


def test_an_intermediate_does_not_replace_an_anchor() -> None:
    usurper = _link(A, "7000001", C, "9000023")  # calls itself by the anchor's key id
    assert judge(FACE, forgery.trust().with_certificates(usurper)).verified
    leaf = _link(C, "9000023", MUNICIPALITY, "9920123")
    assert chain_code(judge(FACE, forgery.trust().with_certificates(usurper), f0004=leaf)) == "bad-signature"


@pytest.mark.parametrize("raw", [b"", b"\xff" * 16, b"\x30\x00", tlv(0x7F21, b""), LEAF[:-1], LEAF + b"\x00"])
def test_intermediates_that_are_no_certificates(raw: bytes) -> None:
    with pytest.raises(TrustError):
        forgery.trust().with_certificates(raw)


def test_two_intermediates_with_one_subject() -> None:
    with pytest.raises(TrustError):
        forgery.trust().with_certificates(CHAIN[0], _link(B, "7000002", C, "7000001"))


def test_no_certificate_no_verdict() -> None:
    for domain, names in NAMES.items():
        evidence = forgery.evidence(CARD, domain, *(name for name in names if name != "0004"))
        result = verify(evidence, trust=forgery.trust(), at=AT)
        assert chain_code(result) == "missing-certificate" and not result.verified


def test_a_certificate_alone_verifies_nothing() -> None:
    for domain in (FACE, ASSIST):
        for names in (("0004",), ("0004", "0003") if domain is FACE else ("0004", "0005", "0006")):
            result = verify(Evidence(**forgery.parts(CARD, domain, *names)), trust=forgery.trust(), at=AT)
            assert result.check("record-signature").code == "missing-record" and not result.verified
