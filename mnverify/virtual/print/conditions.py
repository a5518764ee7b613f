"""How a card is photographed: conditions as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What the camera model plays; ranges are drawn from by the seed.

    Attributes:
        name: its name.
        frame: width and height of the picture in pixels.
        fill: least and greatest part of the frame that the card spans.
        tilt: least and greatest angle between card and picture plane, degrees.
        turn: greatest rotation to either side, degrees; 180 is any.
        blur: standard deviation of the focus blur, millimetres on the card.
        motion: length of the motion blur, millimetres on the card.
        noise: standard deviation of the sensor's noise, of 255.
        exposure: least and greatest brightness, 1 is right.
        glare: strength of a lamp's reflection, 0 to 1.
        shadow: depth of a shadow's edge across the card, 0 to 1.
        fingers: how many lie over the card's edge.
        shrink: the finished picture is made smaller by this, as a messenger does.
        quality: of the JPEG.
        scan_dpi: a flatbed scan of this resolution; ``frame``, ``fill`` and ``tilt`` do not count.
        standard: one of those that reading has to manage: a phone's photo of 12 million pixels or a scan.
    """

    name: str
    frame: tuple[int, int] = (4000, 3000)
    fill: tuple[float, float] = (0.62, 0.86)
    tilt: tuple[float, float] = (0.0, 8.0)
    turn: float = 8.0
    blur: float = 0.02
    motion: float = 0.0
    noise: float = 3.0
    exposure: tuple[float, float] = (0.9, 1.08)
    glare: float = 0.0
    shadow: float = 0.0
    fingers: int = 0
    shrink: float = 1.0
    quality: int = 80
    scan_dpi: int = 0
    standard: bool = False


CONDITIONS: dict[str, Condition] = {
    one.name: one
    for one in (
        Condition(name="phone", standard=True),
        Condition(name="turned", turn=180.0, standard=True),
        Condition(name="tilted", tilt=(11.0, 15.0), turn=25.0, standard=True),
        Condition(name="scan", scan_dpi=300, turn=2.0, blur=0.0, noise=1.5, quality=90, standard=True),
        Condition(name="scan600", scan_dpi=600, turn=2.0, blur=0.0, noise=1.5, quality=90, standard=True),
        Condition(name="shadow", shadow=0.5),
        Condition(name="glare", glare=0.8, tilt=(3.0, 12.0)),
        Condition(name="dark", exposure=(0.2, 0.3), noise=9.0, blur=0.04),
        Condition(name="blurred", blur=0.10, motion=0.25),
        Condition(name="fingers", fingers=3, turn=15.0),
        Condition(name="far", fill=(0.22, 0.30)),
        Condition(name="squeezed", shrink=0.4, quality=38, noise=2.0),
        Condition(name="webcam", frame=(1280, 720), fill=(0.50, 0.72), quality=75, noise=4.0, blur=0.04),
    )
}
"""All conditions, by name."""
STANDARD_CONDITIONS = frozenset(name for name, one in CONDITIONS.items() if one.standard)
"""Those in which reading has to succeed: a phone's photo of 12 million pixels tilted up to 15 degrees, and scans."""
