"""Where clients come from, apart from boto3, so that nothing of it is loaded for the types."""

from collections.abc import Callable
from typing import Any, Protocol

from twosigma.domain.credentials import Ambient, AwsKeys


class Client(Protocol):
    """boto3's `bedrock-runtime`."""

    @property
    def converse(self) -> Callable[..., Any]: ...
    @property
    def converse_stream(self) -> Callable[..., Any]: ...


class Sources(Protocol):
    """Blocks, and raises what botocore raises: for threads."""

    def of(self, keys: AwsKeys | None) -> Client:
        """The client that uses these credentials; None: those around the process."""
        ...

    def ambient(self) -> Ambient | None:
        """The credentials around the process; None where there are none that can be had."""
        ...
