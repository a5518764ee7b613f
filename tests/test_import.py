"""``import mnverify`` is cheap, and its public names are these and no others."""

from __future__ import annotations

import json
import subprocess
import sys

import mnverify
from benchmarks.modules import FORBIDDEN

PUBLIC = [
    "AgeAnswer",
    "AgeCheck",
    "Assurance",
    "BirthDate",
    "Check",
    "CheckedCard",
    "Credential",
    "CredentialKind",
    "Domain",
    "Evidence",
    "EvidenceError",
    "FaceCheck",
    "Field",
    "Image",
    "InputAssist",
    "Link",
    "MnverifyError",
    "MyNumber",
    "Outcome",
    "PartialReading",
    "Pin",
    "Presence",
    "Purpose",
    "Reader",
    "Role",
    "RoleError",
    "Sex",
    "Text",
    "TrustAnchor",
    "TrustStore",
    "UnsupportedCard",
    "VerificationNumberA",
    "VerificationNumberB",
    "VerificationResult",
    "__version__",
    "check_age",
    "check_card",
    "list_readers",
    "open_reader",
    "verify",
    "watch_cards",
]


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after some code."""
    asked = f"{code}; import json, sys; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True)
    return set(json.loads(done.stdout))


def test_import_loads_no_reader_image_ocr_or_server_module() -> None:
    assert not loaded_by("import mnverify") & set(FORBIDDEN)


def test_looking_at_the_readers_loads_no_driver_before_one_is_listed() -> None:
    drivers = {"smartcard", "nfc", "usb1", "serial", "socket", "subprocess", "logging", "PIL", "argparse"}
    assert (
        not loaded_by("import mnverify.readers; mnverify.readers.open_reader; mnverify.readers.watch_cards") & drivers
    )


def test_the_public_names() -> None:
    assert sorted(mnverify.__all__) == sorted(PUBLIC)
    assert all(hasattr(mnverify, name) for name in PUBLIC)
    assert all(getattr(mnverify, name).__doc__ for name in PUBLIC if name != "__version__")
