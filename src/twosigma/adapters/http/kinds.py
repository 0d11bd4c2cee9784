"""A content type, as items show it."""

from typing import Annotated

from msgspec import Meta, Struct

from twosigma.adapters.http.wire import Id
from twosigma.domain.content import ContentType


class ContentTypeOut(Struct, frozen=True, kw_only=True):
    id: Id
    name: Annotated[str, Meta(examples=["video"])]
    label: Annotated[str, Meta(examples=["Video"])]


def content_kind_out(kind: ContentType) -> ContentTypeOut:
    return ContentTypeOut(id=kind.id, name=kind.name, label=kind.label)
