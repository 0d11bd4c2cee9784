"""How often something may be done: so many times in any stretch of so many seconds.

Counted exactly, over a sliding window: the instants of the last `count` times are kept, in Unix
(or any other) seconds. Nothing is ever kept of a try that was refused.
"""

from bisect import bisect_right
from collections.abc import Sequence

from msgspec import Struct


class Limit(Struct, frozen=True):
    """`count` times within `seconds`."""

    count: int
    seconds: float


LOGIN_FAILURES = Limit(10, 15 * 60)
"""Failed sign-ins for one address from one client."""
SIGN_UPS = Limit(600, 60)
"""Registrations, and questions whether an address is free, from one client: a lecture hall
shares an address of the network."""
MODEL_TURNS = Limit(20, 60)
"""Turns of one account that are not answered from the cache."""
REQUESTS = Limit(600, 60)
"""Everything else that one account asks for."""


def taken(times: Sequence[float], now: float, limit: Limit) -> tuple[tuple[float, ...], float]:
    """Do it once more at `now`, after `times` (ascending).

    Gives the times to keep, and 0; or, where the limit is used up, the times as they are and the
    seconds until it may be done again. A time that lies ahead (a clock set back) counts as now.
    """
    ahead = bisect_right(times, now)
    seen = (*times[:ahead], *([now] * (len(times) - ahead)))
    kept = seen[bisect_right(seen, now - limit.seconds) :][-limit.count :]
    if len(kept) < limit.count:
        return (*kept, now), 0.0
    return kept, min(kept[0] + limit.seconds - now, limit.seconds)
