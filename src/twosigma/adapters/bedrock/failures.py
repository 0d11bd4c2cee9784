"""What boto3 raises, in the words of the model port.

By name and shape, and not by class: so nothing of boto3 is loaded before it is used. The text
of an error is left out, as a service's may hold key ids, account numbers and signed headers.
"""

import re

from twosigma.domain.llm import ModelRefused

# Retrying may help: the service is busy, or failed by itself. In a stream they begin in lower case.
_PASSING = frozenset(
    {
        "InternalServerException", "ModelNotReadyException", "ModelStreamErrorException",
        "ModelTimeoutException", "ServiceUnavailableException", "ThrottlingException",
        "TooManyRequestsException",
    }
)  # fmt: skip
# The roots of what botocore and urllib3 raise for a connection.
_CONNECTION = frozenset({"ConnectionError", "HTTPClientError", "HTTPError", "OSError"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")


class Malformed(Exception):
    """An event of the stream is not what the protocol has it be."""


def failure_of(error: Exception) -> str:
    """The class of an error: the service's own code for it, else its name in Python."""
    code = _code(error)
    if _NAME.fullmatch(code):
        return code[0].upper() + code[1:]
    return f"HTTP{_status(error)}" if code else type(error).__name__


def refusal_of(error: Exception, *, has_begun: bool) -> ModelRefused:
    """The refusal that an error comes to. `has_begun`: a piece of the reply was there."""
    if isinstance(error, ModelRefused):
        return error
    failure, status = failure_of(error), _status(error)
    is_passing = failure in _PASSING or status == 429 or status >= 500
    retryable = is_passing or (not has_begun and _is_connections(error))
    return ModelRefused(failure, retryable=retryable)


def _is_connections(error: Exception) -> bool:
    return any(kind.__name__ in _CONNECTION for kind in type(error).__mro__)


def _code(error: Exception) -> str:
    response = getattr(error, "response", None)
    known = response.get("Error") if isinstance(response, dict) else None
    return str(known.get("Code") or "") if isinstance(known, dict) else ""


def _status(error: Exception) -> int:
    response = getattr(error, "response", None)
    about = response.get("ResponseMetadata") if isinstance(response, dict) else None
    status = about.get("HTTPStatusCode") if isinstance(about, dict) else None
    return status if isinstance(status, int) else 0
