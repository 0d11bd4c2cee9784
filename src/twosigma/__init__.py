"""2Sigma: the backend of a tutoring platform. Names are loaded when they are first used."""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "TwoSigma": "twosigma.app.core",
    "Ports": "twosigma.app.core",
    "Policy": "twosigma.app.policy",
    "Actor": "twosigma.domain.actor",
    "Role": "twosigma.domain.actor",
    "DomainError": "twosigma.domain.errors",
    "Invalid": "twosigma.domain.errors",
    "Unauthenticated": "twosigma.domain.errors",
    "Forbidden": "twosigma.domain.errors",
    "Missing": "twosigma.domain.errors",
    "Conflict": "twosigma.domain.errors",
    "TooMany": "twosigma.domain.errors",
    "Unavailable": "twosigma.domain.errors",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 -- the keys are names of this module, below


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'twosigma' has no attribute {name!r}")
    return getattr(import_module(home), name)
