"""What a reader's driver says of itself: whether it carries extended length (PC/SC part 10, 2.02.09, §2.3 and §2.6.14)."""

from __future__ import annotations

from collections.abc import Callable

from mnverify.errors import LinkError

GET_TLV_PROPERTIES = 0x12
MAX_APDU_DATA_SIZE = 0x0A

_SHORT_ONLY = 0
_EXTENDED = range(257, 65_537)  # 1 to 256 are forbidden values
_FEATURE_BYTES = 6


def parse_features(answer: bytes) -> dict[int, int]:
    """The features of ``CM_IOCTL_GET_FEATURE_REQUEST``: the control code of each, by its tag.

    Args:
        answer: one byte of tag, one of length (4), four of control code, most significant first; and so on.

    Raises:
        ValueError: it is not that, or a tag comes twice.
    """
    features: dict[int, int] = {}
    if len(answer) % _FEATURE_BYTES:
        raise ValueError("features of a wrong length")
    for at in range(0, len(answer), _FEATURE_BYTES):
        tag, length = answer[at], answer[at + 1]
        if length != 4 or tag in features:
            raise ValueError("a feature that is malformed or comes twice")
        features[tag] = int.from_bytes(answer[at + 2 : at + _FEATURE_BYTES])
    return features


def parse_properties(answer: bytes) -> dict[int, bytes]:
    """The properties of ``FEATURE_GET_TLV_PROPERTIES``: the value of each, by its tag; numbers least significant first.

    Raises:
        ValueError: a property is cut, or comes twice.
    """
    properties: dict[int, bytes] = {}
    at = 0
    while at < len(answer):
        head = answer[at : at + 2]
        value = answer[at + 2 : at + 2 + head[-1]]
        if len(head) != 2 or len(value) != head[1] or head[0] in properties:
            raise ValueError("a property that is cut or comes twice")
        properties[head[0]] = value
        at += 2 + len(value)
    return properties


def carries_extended(feature_request: int, control: Callable[[int], bytes]) -> bool | None:
    """Whether the driver says that it carries extended-length APDUs; ``None`` where it says nothing that can be understood.

    Args:
        feature_request: the platform's control code of ``CM_IOCTL_GET_FEATURE_REQUEST``.
        control: sends a control code without data to the driver, and gives its answer.
    """
    try:
        code = parse_features(control(feature_request)).get(GET_TLV_PROPERTIES)
        if code is None:
            return None
        size = parse_properties(control(code)).get(MAX_APDU_DATA_SIZE)
    except (LinkError, ValueError):
        return None
    if size is None or len(size) != 4:
        return None
    number = int.from_bytes(size, "little")
    if number == _SHORT_ONLY:
        return False
    return True if number in _EXTENDED else None
