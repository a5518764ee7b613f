"""What the panel can choose of prints and pictures, without loading what renders them."""

from __future__ import annotations

NO_CARD = "no-card"
CONDITIONS = ("scan", "phone", "tilted", "shadow", "glare", "dark", "blurred", NO_CARD)
PRINT_FLAWS = ("none", "other-face", "altered-address", "altered-name", "altered-code", "altered-birth")
