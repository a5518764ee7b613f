"""The print of a virtual card: both sides, as pictures, with the truth about them; and a camera to photograph them with.

In the proportions of the real card and in the spirit of its layout, always marked 見本. Needs the extra ``print`` and Japanese
fonts (Debian: fonts-ipaexfont-gothic, fonts-ipaexfont-mincho, fonts-noto-cjk).

::

    from mnverify.virtual import persona
    from mnverify.virtual.print import photograph, print_front

    front = print_front(persona(), dpi=600)
    picture = photograph(front, "phone", seed=1)
"""

from mnverify.virtual.print.packages import require_packages

require_packages()

from mnverify.virtual.print.camera import photograph  # noqa: E402 - the packages first
from mnverify.virtual.print.conditions import CONDITIONS, STANDARD_CONDITIONS, Condition  # noqa: E402
from mnverify.virtual.print.draw import print_back, print_front  # noqa: E402
from mnverify.virtual.print.flaws import PrintFlaw  # noqa: E402
from mnverify.virtual.print.layouts import HELD_OUT, layouts  # noqa: E402
from mnverify.virtual.print.model import Place, Print, Side  # noqa: E402
from mnverify.virtual.print.photo import Photograph  # noqa: E402

__all__ = [
    "CONDITIONS",
    "HELD_OUT",
    "STANDARD_CONDITIONS",
    "Condition",
    "Photograph",
    "Place",
    "Print",
    "PrintFlaw",
    "Side",
    "layouts",
    "photograph",
    "print_back",
    "print_front",
]
