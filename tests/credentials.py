"""AWS credentials for tests, canaries all of them, and a school that has stored them."""

from tests.app.school import School
from twosigma.domain.credentials import AwsKeys
from twosigma.testing import NamedCipher

ACCESS_KEY = "AKIACANARYCANARY4321"
SECRET = "canary/secret+key/of/nobody/0123456789abcd"
TOKEN = "canary-session-token=="
AWS = AwsKeys(access_key_id=ACCESS_KEY, secret_access_key=SECRET, session_token=TOKEN)
CANARIES = (ACCESS_KEY, SECRET, TOKEN)
"""What may stand nowhere but in the bodies that bring it."""


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
