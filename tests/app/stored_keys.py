"""A school whose admin has stored AWS credentials."""

from tests.app.school import School
from tests.credentials import AWS
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
