"""A camera that is not there: rendered prints of virtual cards, seen under the conditions of the panel."""

from __future__ import annotations

CONDITIONS = ("scan", "phone", "tilted", "shadow", "glare", "dark", "blurred", "no-card")
PRINT_FLAWS = ("none", "other-face", "altered-address", "altered-name", "altered-code", "altered-birth")
