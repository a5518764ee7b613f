"""The rate of an API key, in one row that all processes share.

A leaky bucket: the row holds the moment at which everything that was taken is paid back. A process takes several requests at a
time where the rate is high, so that not every request has to write the row; what it took and did not use is lost, so the bound
holds whatever the processes do.

Nothing is owed for longer than a minute by one clock. More than a minute beyond that was written by a clock that was ahead, and is
corrected; less may be another machine's clock, and is not, or whoever asks two machines in turn would be let off.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from sqlalchemy import Connection, Float, bindparam, case, select, update

from mnverify.server.storage.tables import RATES

_MINUTE = 60.0
_SHARE = 60  # of the minute's requests are taken at a time: a second's worth

_NOW, _COST = bindparam("now", type_=Float()), bindparam("cost", type_=Float())
_FROM = case((RATES.c.used_until > _NOW, RATES.c.used_until), else_=_NOW)
_TAKE = (
    update(RATES)
    .where(RATES.c.family == bindparam("of_family"), _FROM + _COST <= _NOW + _MINUTE)
    .values(used_until=_FROM + _COST)
)
_AHEAD = (
    update(RATES)
    .where(RATES.c.family == bindparam("of_family"), RATES.c.used_until > _NOW + 2 * _MINUTE)
    .values(used_until=_NOW + _MINUTE)
)
_LOOK = select(RATES.c.used_until).where(RATES.c.family == bindparam("of_family"))


class Taken(NamedTuple):
    """What came of taking.

    Attributes:
        requests: how many may be made now; 0 for none.
        wait: seconds until the next may be made, where none may.
    """

    requests: int
    wait: int


def take(connection: Connection, family: str, rate_per_minute: int, now: float, most: int) -> Taken:
    """Take requests from a key's rate: as many as asked for, a second's worth at most; else one.

    Args:
        connection: a transaction that writes.
        family: the key's line.
        rate_per_minute: the bound.
        now: seconds since 1970.
        most: requests that are asked for.
    """
    each = _MINUTE / rate_per_minute
    for requests in sorted({max(1, min(most, rate_per_minute // _SHARE)), 1}, reverse=True):
        values = {"of_family": family, "now": now, "cost": requests * each}
        if connection.execute(_TAKE, values).rowcount == 1:
            return Taken(requests, 0)
    connection.execute(_AHEAD, {"of_family": family, "now": now})
    until = connection.execute(_LOOK, {"of_family": family}).scalar()
    return Taken(0, max(1, ceil((until or now) + each - now - _MINUTE)))
