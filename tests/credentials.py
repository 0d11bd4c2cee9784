"""AWS credentials for tests, canaries all of them."""

from twosigma.domain.credentials import AwsKeys

ACCESS_KEY = "AKIACANARYCANARY4321"
SECRET = "canary/secret+key/of/nobody/0123456789abcd"
TOKEN = "canary-session-token=="
AWS = AwsKeys(access_key_id=ACCESS_KEY, secret_access_key=SECRET, session_token=TOKEN)
CANARIES = (ACCESS_KEY, SECRET, TOKEN)
"""What may stand nowhere but in the bodies that bring it."""
