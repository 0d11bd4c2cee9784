"""What an installation may set about the use cases."""

from datetime import timedelta

from msgspec import Struct

from twosigma.domain.turn import Limits


class Policy(Struct, frozen=True, kw_only=True):
    """Times in seconds but for the tokens' lives. `owner` names this process in leases."""

    limits: Limits = Limits()
    lease: float = 30
    renewal: float = 10
    keep_alive: float = 10
    poll: float = 0.5
    drain: float = 20
    access_life: timedelta = timedelta(minutes=30)
    refresh_life: timedelta = timedelta(days=30)
    rate_limits: bool = False
    protected_labels: tuple[str, ...] = ("production",)
