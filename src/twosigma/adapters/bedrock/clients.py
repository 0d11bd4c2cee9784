"""Clients of Bedrock's runtime, by their credentials. All of it blocks: for threads."""

import threading
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from twosigma.adapters.bedrock.connections import make_followed
from twosigma.domain.credentials import Ambient, AwsKeys

CONNECT_SECONDS = 2


class Clients:
    """`region` and `endpoint_url` (None: AWS's own) of what is called; `read_timeout`: seconds of
    silence after which a connection is given up; `asks_machine`: whether the machine itself may
    be asked for its role, which is a call over the network."""

    def __init__(
        self,
        *,
        region: str,
        endpoint_url: str | None,
        read_timeout: float,
        connections: int,
        asks_machine: bool,
    ) -> None:
        self._region = region
        self._endpoint_url = endpoint_url
        self._asks_machine = asks_machine
        # How often a call is tried is the generation's rule, so botocore tries once.
        self._config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_timeout,
            retries={"mode": "standard", "total_max_attempts": 1},
            max_pool_connections=connections,
            signature_version="v4",
        )
        self._lock = threading.Lock()
        self._kept: tuple[AwsKeys | None, Any] | None = None

    def of(self, keys: AwsKeys | None) -> Any:
        """The client that uses these credentials; None: those around the process.

        That of the last ones is kept. Raises what botocore does, for want of any above all.
        """
        with self._lock:
            if self._kept is None or self._kept[0] != keys:
                self._kept = (keys, self._opened(keys))
            return self._kept[1]

    def ambient(self) -> Ambient | None:
        """The credentials around the process; None where there are none that can be had."""
        try:
            found = self._session().get_credentials()
            if found is None:
                return None
            frozen = found.get_frozen_credentials()
        except Exception:  # of files, programs and services: whatever AWS's chain comes across
            return None
        return Ambient(
            access_key_last4=frozen.access_key[-4:], has_session_token=bool(frozen.token)
        )

    def _opened(self, keys: AwsKeys | None) -> Any:
        session = self._session()
        if keys is not None:
            session.set_credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
        elif session.get_credentials() is None:
            raise NoCredentialsError
        client = boto3.Session(botocore_session=session).client(
            "bedrock-runtime",
            region_name=self._region if keys is None else keys.region,
            endpoint_url=self._endpoint_url,
            config=self._config,
        )
        make_followed(client)
        return client

    def _session(self) -> Any:
        session = botocore.session.Session()
        if not self._asks_machine:
            session.get_component("credential_provider").remove("iam-role")
        return session
