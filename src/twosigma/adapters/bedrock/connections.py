"""botocore's connections, each of which tells its thread's line what socket it uses."""

from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

from twosigma.adapters.bedrock.line import follow


class _Followed:
    """Put before a connection's own class."""

    sock: Any

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # the connection's own
        follow(self.sock)

    def request(self, *args: Any, **named: Any) -> Any:
        follow(self.sock)
        return super().request(*args, **named)  # type: ignore[misc]  # the connection's own


class _Http(_Followed, AWSHTTPConnection):  # type: ignore[misc]  # botocore has no types
    pass


class _Https(_Followed, AWSHTTPSConnection):  # type: ignore[misc]  # botocore has no types
    pass


class _HttpPool(AWSHTTPConnectionPool):  # type: ignore[misc]  # botocore has no types
    ConnectionCls = _Http


class _HttpsPool(AWSHTTPSConnectionPool):  # type: ignore[misc]  # botocore has no types
    ConnectionCls = _Https


def make_followed(client: Any) -> None:
    """Let this client's connections be followed. There is no public way to choose them."""
    session = client._endpoint.http_session  # noqa: SLF001 -- see above
    session._pool_classes_by_scheme.update(http=_HttpPool, https=_HttpsPool)  # noqa: SLF001 -- see above
