"""A card generation is data: file ids, signature and digest length come from the profile."""

from __future__ import annotations

import pytest

from mnverify.errors import UnsupportedCard
from mnverify.files import parse_age_record, parse_certificate, parse_integrity_record, read_layout
from mnverify.profile import PRESENT_CARD, SignatureScheme
from mnverify.values.terms import Domain

from .encoder import AGE, CERTIFICATE, INTEGRITY, Layout, build

OTHER = SignatureScheme("ecdsa-p384-sha384", "sha384", 384, 0, 96)


def with_sizes(layout: Layout, *, signature: int, digest: int = 32) -> bytes:
    sizes = {256: signature, 32: digest}
    return build(layout, [(tag, (value * 2)[: sizes.get(len(value), len(value))]) for tag, value in layout.parts]).data


@pytest.mark.parametrize("layout", [AGE, CERTIFICATE, INTEGRITY], ids=lambda layout: layout.name)
def test_sizes_are_those_of_the_scheme(layout: Layout) -> None:
    present, other = build(layout).data, with_sizes(layout, signature=96, digest=48)
    record = read_layout(layout.name, layout.file_id, other, scheme=OTHER)
    assert len(record.signature) == 96  # type: ignore[union-attr]
    for data, scheme in ((present, OTHER), (other, PRESENT_CARD.scheme)):
        with pytest.raises(UnsupportedCard):
            read_layout(layout.name, layout.file_id, data, scheme=scheme)
    assert OTHER.digest_length == 48


def test_the_present_scheme_is_the_default() -> None:
    for parse, layout in (
        (parse_age_record, AGE),
        (parse_certificate, CERTIFICATE),
        (parse_integrity_record, INTEGRITY),
    ):
        assert parse(build(layout).data).signature == layout.parts[-1][1]


def test_a_file_is_found_by_its_layout() -> None:
    face, assist = (PRESENT_CARD.domains[domain] for domain in (Domain.FACE_CHECK, Domain.INPUT_ASSIST))
    assert face.file_with("face-record").file_id == "0002"
    assert (assist.file_with("transport-key").file_id, assist.file_with("certificate").file_id) == ("0006", "0004")
    with pytest.raises(KeyError):
        face.file_with("transport-key")
