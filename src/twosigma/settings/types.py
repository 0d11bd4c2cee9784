"""What the Struct of settings says about its fields, for those who read or print them."""

from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from twosigma.settings.fields import Secret, Settings

PREFIX = "TWOSIGMA_"
PASSWORD = "TWOSIGMA_PASSWORD"  # noqa: S105 -- the name of a variable
APART = "TWOSIGMA_TEST_"
FILE = "_FILE"

HINTS: dict[str, Any] = get_type_hints(Settings, include_extras=True)
FIELDS = Settings.__struct_fields__


def plain(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def is_secret(field: str) -> bool:
    return Secret in get_args(plain(HINTS[field]))


def choices(kind: Any) -> tuple[str, ...]:
    bare = plain(kind)
    return get_args(bare) if get_origin(bare) is Literal else ()
