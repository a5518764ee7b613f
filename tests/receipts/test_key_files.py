"""Key files: nothing is made by itself, nobody else may read them, and a key that was retired has lost its secret."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import pickle
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mnverify.receipts import KeyState, ReceiptKeyError, ReceiptKeys
from mnverify.receipts.key_files import activate_key, make_key, read_folder, retire_key


def file_of(folder: Path, kid: str) -> Path:
    return folder / f"receipt-key-{kid}.json"


def test_no_key_is_made_by_itself(tmp_path: Path) -> None:
    for place in (tmp_path / "missing", tmp_path):
        with pytest.raises(ReceiptKeyError) as caught:
            ReceiptKeys.from_folder(place)
        assert caught.value.code == "receipt-keys-unusable"
    assert list(tmp_path.iterdir()) == []


def test_the_first_key_is_active_the_second_next_and_a_third_has_to_wait(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "keys"
    first = make_key(folder)
    assert first.state is KeyState.ACTIVE
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file_of(folder, first.kid).stat().st_mode) == 0o600
    assert make_key(folder).state is KeyState.NEXT
    with pytest.raises(ReceiptKeyError, match="there already"):
        make_key(folder)


def test_activating_retires_the_one_before_and_takes_its_secret(folder: Path, keys: ReceiptKeys) -> None:
    after = make_key(folder)
    activate_key(folder, after.kid)
    states = {key.kid: key.state for key in read_folder(folder)}
    assert states == {keys.active_kid: KeyState.RETIRED, after.kid: KeyState.ACTIVE}
    assert "d" not in json.loads(file_of(folder, keys.active_kid).read_text())["key"]
    with pytest.raises(ReceiptKeyError, match="does not come back"):
        activate_key(folder, keys.active_kid)
    assert len(ReceiptKeys.from_folder(folder).jwks()["keys"]) == 2


def test_activating_again_ends_what_an_interruption_left(folder: Path, keys: ReceiptKeys) -> None:
    after = make_key(folder)
    path = file_of(folder, after.kid)
    path.write_text(path.read_text().replace('"next"', '"active"'))
    with pytest.raises(ReceiptKeyError, match="2 keys are active"):
        ReceiptKeys.from_folder(folder)
    activate_key(folder, after.kid)
    assert ReceiptKeys.from_folder(folder).active_kid == after.kid


def test_retiring(folder: Path, keys: ReceiptKeys) -> None:
    with pytest.raises(ReceiptKeyError, match="activate another first"):
        retire_key(folder, keys.active_kid)
    after = make_key(folder)
    assert retire_key(folder, after.kid).private is None
    for change in (activate_key, retire_key):
        with pytest.raises(ReceiptKeyError, match="no key of that name"):
            change(folder, "0" * 32)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622, 0o644])
def test_a_secret_that_others_can_read_is_refused(folder: Path, keys: ReceiptKeys, mode: int) -> None:
    file_of(folder, keys.active_kid).chmod(mode)
    with pytest.raises(ReceiptKeyError, match=f"{mode:04o}"):
        ReceiptKeys.from_folder(folder)


def test_a_group_may_read_what_root_hands_to_a_process(
    folder: Path, keys: ReceiptKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(folder, keys.active_kid)
    if path.stat().st_uid != 0:
        pytest.skip("files of root are needed")
    monkeypatch.setattr(os, "geteuid", lambda: 10001)
    path.chmod(0o440)
    ReceiptKeys.from_folder(folder)
    path.chmod(0o460)
    with pytest.raises(ReceiptKeyError):
        ReceiptKeys.from_folder(folder)


def test_a_retired_key_may_be_read_by_everyone(folder: Path, keys: ReceiptKeys) -> None:
    activate_key(folder, make_key(folder).kid)
    file_of(folder, keys.active_kid).chmod(0o644)
    ReceiptKeys.from_folder(folder)


def test_secrets_in_a_folder_of_links(folder: Path, keys: ReceiptKeys, tmp_path: Path) -> None:
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "..data").symlink_to(folder)
    for path in folder.iterdir():
        (mounted / path.name).symlink_to(Path("..data", path.name))
    assert ReceiptKeys.from_folder(mounted).active_kid == keys.active_kid


def spoilt(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    def spoil(text: str) -> str:
        document = json.loads(text)
        change(document)
        return json.dumps(document)

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: "{",
        lambda text: text * 20,
        lambda text: text[:-1] + ', "kid": ""}',
        spoilt(lambda d: d.pop("kid")),
        spoilt(lambda d: d.update(extra="")),
        spoilt(lambda d: d.update(format="mnverify.receipt-key/2")),
        spoilt(lambda d: d.update(state="spare")),
        spoilt(lambda d: d.update(state="retired")),
        spoilt(lambda d: d.update(created="yesterday")),
        spoilt(lambda d: d.update(created="2026-11-24T00:00:00")),
        spoilt(lambda d: d.update(created=None)),
        spoilt(lambda d: d.update(kid="0" * 32)),
        spoilt(lambda d: d.update(key=None)),
        spoilt(lambda d: d["key"].pop("d")),
        spoilt(lambda d: d["key"].update(d=d["key"]["x"])),
        spoilt(lambda d: d["key"].update(d="A" * 43)),
        spoilt(lambda d: d["key"].update(d="é")),
        spoilt(lambda d: d["key"].update(d="AAAA")),
        spoilt(lambda d: d["key"].update(crv="P-384")),
        spoilt(lambda d: d["key"].update(kid="x")),
    ],
)
def test_a_file_that_is_no_key_is_refused(folder: Path, keys: ReceiptKeys, spoil: Callable[[str], str]) -> None:
    path = file_of(folder, keys.active_kid)
    secret = json.loads(path.read_text())["key"]["d"]
    path.write_text(spoil(path.read_text()))
    with pytest.raises(ReceiptKeyError) as caught:
        ReceiptKeys.from_folder(folder)
    assert secret not in str(caught.value) + caught.value.text.ja


def test_a_file_under_another_name_is_refused_and_other_files_are_passed_over(folder: Path, keys: ReceiptKeys) -> None:
    (folder / "notes.txt").write_text("")
    (folder / ".receipt-key.left").write_text("")
    ReceiptKeys.from_folder(folder)
    file_of(folder, keys.active_kid).rename(file_of(folder, "0" * 32))
    with pytest.raises(ReceiptKeyError, match="not named after"):
        ReceiptKeys.from_folder(folder)


def test_keys_show_no_secret_and_are_not_pickled(folder: Path, keys: ReceiptKeys) -> None:
    secret = json.loads(file_of(folder, keys.active_kid).read_text())["key"]["d"]
    assert secret not in repr(keys) + repr(keys.keys) + json.dumps(keys.jwks())
    assert secret not in repr(keys.keys[0].private)
    for held in (keys, keys.keys[0]):
        for way in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                way(held)


def test_the_published_document(folder: Path, keys: ReceiptKeys) -> None:
    make_key(folder, at=datetime(2130, 1, 1, tzinfo=UTC))
    document = ReceiptKeys.from_folder(folder).jwks()
    assert [set(key) for key in document["keys"]] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}] * 2
    assert document["keys"][0]["kid"] == keys.active_kid


def test_a_kid_is_the_first_half_of_the_thumbprint(folder: Path, keys: ReceiptKeys) -> None:
    """RFC 7638 §3: SHA-256 over the required members, sorted, without spaces."""
    members = {name: keys.jwks()["keys"][0][name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    assert keys.active_kid == hashlib.sha256(text.encode()).hexdigest()[:32]


@pytest.mark.parametrize("state", ["next", "retired"])
def test_the_private_part_is_there_where_the_state_says(folder: Path, keys: ReceiptKeys, state: str) -> None:
    other = make_key(folder)
    path = file_of(folder, other.kid)
    document = json.loads(path.read_text())
    document["state"] = state
    if state == "next":
        del document["key"]["d"]
    path.write_text(json.dumps(document))
    with pytest.raises(ReceiptKeyError, match="private part"):
        ReceiptKeys.from_folder(folder)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReceiptKeyError):
        make_key(tmp_path / "file")


def test_the_first_key_is_made_where_somebody_asks(tmp_path: Path) -> None:
    kid = ReceiptKeys.create_first(tmp_path / "keys")
    assert ReceiptKeys.from_folder(tmp_path / "keys").active_kid == kid
    with pytest.raises(ReceiptKeyError, match="keys already"):
        ReceiptKeys.create_first(tmp_path / "keys")
