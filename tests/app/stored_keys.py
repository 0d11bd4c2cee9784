"""A school whose admin has stored AWS credentials; and the calls of API keys."""

from tests.app.course_calls import Call
from tests.app.school import School
from tests.app.spare import PAIR
from tests.credentials import AWS
from twosigma.domain.catalog import Page
from twosigma.testing import NamedCipher


async def store_credentials(school: School) -> None:
    """The admin has stored credentials."""
    await school.world.core.credentials.store(school.actor("admin"), AWS)


async def add_a_key(school: School) -> None:
    """The admin has stored credentials, and after that another key came to be the first."""
    cipher = school.world.ports.cipher
    assert isinstance(cipher, NamedCipher)
    cipher.keys = ("memory",)
    await store_credentials(school)
    cipher.keys = ("new", "memory")


async def issue(school: School, _: str) -> object:
    """The operator makes one for the owner."""
    owner = school.people["owner"]
    assert owner is not None
    return await school.core.api_keys.issue(owner.user.email, "Editor")


KEY_CALLS: dict[str, Call] = {
    "api_keys.create": lambda s, who: s.core.api_keys.create(s.actor(who), "Editor", None),
    "api_keys.list": lambda s, who: s.core.api_keys.list(s.actor(who), Page()),
    "api_keys.revoke": lambda s, who: s.core.api_keys.revoke(s.actor(who), s.spare.api_key_id),
    "api_keys.issue": issue,
    "api_keys.owned": lambda s, _: s.core.api_keys.owned(),
    "api_keys.withdraw": lambda s, _: s.core.api_keys.withdraw(PAIR[0]),
    "api_keys.actor": lambda s, _: s.core.api_keys.actor(*PAIR),
}
KEY_READS = frozenset({"api_keys.list", "api_keys.owned", "api_keys.actor"})
