"""What an installation may set about the use cases."""

from datetime import timedelta

from msgspec import Struct

from twosigma.domain.spending import Budgets
from twosigma.domain.turn import Limits


class Policy(Struct, frozen=True, kw_only=True):
    """Times in seconds but for the tokens' lives. `minimum_age`: of learners who tell their
    birthday, in years; `public_url`: where people find the website, for links in mails;
    `daily_tokens`: what models may take."""

    limits: Limits = Limits()
    lease: float = 30
    renewal: float = 10
    keep_alive: float = 10
    poll: float = 0.5
    drain: float = 20
    access_life: timedelta = timedelta(minutes=30)
    refresh_life: timedelta = timedelta(days=30)
    minimum_age: int = 13
    public_url: str = "http://localhost:8000"
    rate_limits: bool = False
    daily_tokens: Budgets = Budgets()
    protected_labels: tuple[str, ...] = ("production",)
