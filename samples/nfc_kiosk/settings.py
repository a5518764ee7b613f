"""What the operator decides, from one TOML file; nothing is read from the environment."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, Self

from samples.nfc_kiosk.machine import Rules
from samples.nfc_kiosk.words import Mode

CameraKind = Literal["none", "opencv", "browser"]


class SettingsError(ValueError):
    """The file says something that cannot be; the message names the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """A verification endpoint that judges in place of the kiosk.

    Attributes:
        url: its address.
        key_file: a file that holds the API key.
        relying_party: the kiosk's name there.
        environment: of its anchors.
    """

    url: str
    key_file: Path
    relying_party: str
    environment: str = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything.

    Attributes:
        name: whose counter this is; in the corner of the screen. By language, as ``{"ja": "…", "en": "…"}``.
        port: on loopback; 0 takes any.
        modes: what the start screen offers: ``face``, ``age``, and ``number`` where the business may ask for it.
        role: ``general``, or ``my-number-office``, without which there is no mode ``number``.
        trust: ``production``, ``test``, or a file of anchors.
        reader: a part of the reader's name; empty for whichever there is.
        language: the one that every visit begins with.
        theme: ``auto``, ``light`` or ``dark``.
        sound: whether there are cues for the ear.
        age: the age that is asked for.
        floor: tries that have to be left on the card for a number to be presented.
        age_floor: the same at the unattended age gate.
        wipe_after: seconds without a touch until everything is forgotten.
        warn_before: seconds before that in which the person is warned.
        camera: ``none``, ``opencv`` (the service takes it) or ``browser``.
        camera_index: which, for OpenCV.
        history: the file of the history; ``None`` keeps none.
        history_days: how long its lines are kept.
        runtime: a folder for the address of the page and its sign of life, for the units of systemd; ``None`` for neither.
        endpoint: who judges in place of the kiosk.
    """

    name: dict[str, str] = field(default_factory=lambda: {"ja": "見本銀行", "en": "Mihon Bank"})
    port: int = 8377
    modes: tuple[Mode, ...] = (Mode.FACE, Mode.AGE)
    role: str = "general"
    trust: str = "production"
    reader: str = ""
    language: str = "ja"
    theme: Literal["auto", "light", "dark"] = "auto"
    sound: bool = True
    age: int = 20
    floor: int = 3
    age_floor: int = 6
    wipe_after: float = 60.0
    warn_before: float = 15.0
    camera: CameraKind = "none"
    camera_index: int = 0
    history: Path | None = None
    history_days: int = 30
    runtime: Path | None = None
    endpoint: EndpointSettings | None = None

    def __post_init__(self) -> None:
        if Mode.NUMBER in self.modes and self.role != "my-number-office":
            raise SettingsError(
                "modes: number needs role = 'my-number-office', for a business that may ask for it (番号法)"
            )
        if self.role not in ("general", "my-number-office"):
            raise SettingsError("role: general or my-number-office")
        if not self.modes:
            raise SettingsError("modes: one at least")
        if not 5 <= self.warn_before + 5 <= self.wipe_after <= 600:
            raise SettingsError("wipe_after: 600 seconds at most, and five more than warn_before")
        if self.floor < 2 or self.age_floor < 2:
            raise SettingsError("floor, age_floor: 2 at least, so that no card is ever blocked here")
        for key, known in (("theme", ("auto", "light", "dark")), ("camera", ("none", "opencv", "browser"))):
            if getattr(self, key) not in known:
                raise SettingsError(f"{key}: one of {', '.join(known)}")

    @property
    def rules(self) -> Rules:
        """What of it the machine has to know."""
        return Rules(frozenset(self.modes), self.wipe_after, self.warn_before)

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read them.

        Raises:
            SettingsError: a key that is not known, or a value that cannot be.
            OSError: the file cannot be read.
        """
        try:
            document = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path.name}: {error}") from None
        return cls.from_object(document)

    @classmethod
    def from_object(cls, document: dict[str, Any]) -> Self:
        """The same of a parsed file.

        Raises:
            SettingsError: as ``from_file``.
        """
        known = {one.name: one for one in fields(cls)}
        values: dict[str, Any] = {}
        for key, value in document.items():
            if key not in known:
                raise SettingsError(f"{key}: there is no such setting")
            values[key] = _converted(key, value)
        return cls(**values)


def _converted(key: str, given: Any) -> Any:
    value: Any = given
    kinds: dict[str, type | tuple[type, ...]] = {
        "name": dict, "port": int, "modes": list, "sound": bool, "age": int, "floor": int, "age_floor": int,
        "wipe_after": (int, float), "warn_before": (int, float), "camera_index": int, "history_days": int,
        "endpoint": dict,
    }  # fmt: skip
    kind = kinds.get(key, str)
    if not isinstance(given, kind) or (isinstance(given, bool) and kind is not bool):
        raise SettingsError(f"{key}: a value of another kind")
    try:
        match key:
            case "modes":
                return tuple(Mode(one) for one in value)
            case "history" | "runtime":
                return Path(value)
            case "endpoint":
                return EndpointSettings(**{**value, "key_file": Path(value["key_file"])})
            case _:
                return value
    except (ValueError, TypeError, KeyError):
        raise SettingsError(f"{key}: a value that cannot be") from None
