"""Routes: a handler is a plain function, whose signature says what it takes and gives.

    @courses.put("/courses/{course_id}", access=Access.INSTRUCTOR, refuses=(400, 403, 404))
    async def update_course(core: TwoSigma, actor: Actor, path: CoursePath,
                            body: UpdateCourseBody) -> CourseOut:

A request is looked at in the contract's order: 401, 403 for the role, 422 with the faults of
path, query and body together; then the handler decides. Litestar routes, and answers what no
handler takes. From the same declarations come the routes at work (`endpoint`) and the document of
them all (`openapi`).
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from msgspec import Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.wire import Listed, Put

Handler = Callable[..., Awaitable[object]]
H = TypeVar("H", bound=Handler)

KEY_HEADER = "Idempotency-Key"
KEY = KEY_HEADER.lower().encode()


class Route(Struct, frozen=True, kw_only=True):
    """One route as declared. `refuses`: statuses beyond those that follow from the rest;
    `has_etag`: its answers may be kept by a client and asked for again; `may_be_empty`: no body
    stands for an empty object; `takes`: the media type of a body that is taken as bytes;
    `max_body`: how many, where others are allowed than elsewhere; `media`: of an answer that is a
    Reply; `sample`: of a body or an answer that is no JSON; `headers`: of each answer; `is_hot`:
    served past the router (`hot`); `has_secret`: its answers hold a secret, and are not kept for
    an Idempotency-Key."""

    method: str
    path: str
    tag: str
    access: Access
    status: int
    handler: Handler
    refuses: tuple[int, ...] = ()
    has_etag: bool = False
    may_be_empty: bool = False
    takes: str = "application/json"
    max_body: int | None = None
    media: str = "application/json"
    sample: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    is_hot: bool = False
    has_secret: bool = False

    @property
    def operation_id(self) -> str:
        return self.handler.__name__

    @property
    def description(self) -> str:
        return (self.handler.__doc__ or "").strip()

    def taken(self, part: str) -> Any:
        """The type of the handler's `path`, `query` or `body`; None if it takes none."""
        return get_type_hints(self.handler).get(part)

    @property
    def takes_key(self) -> bool:
        return "key" in get_type_hints(self.handler)

    @property
    def may_replace(self) -> bool:
        """Whether it answers 200 as well."""
        return get_origin(get_type_hints(self.handler).get("return")) is Put

    @property
    def takes_match(self) -> bool:
        return "if_match" in get_type_hints(self.handler)

    @property
    def is_repeatable(self) -> bool:
        """Whether a request with an Idempotency-Key is done once and answered again."""
        is_signed_in = self.access in {Access.USER, Access.INSTRUCTOR, Access.ADMIN}
        return self.method == "POST" and is_signed_in and not self.has_secret

    @property
    def given(self) -> Any:
        """The type of the answer's body: a Struct, `list[…]` of them, None, or Reply."""
        hint = get_type_hints(self.handler).get("return")
        if get_origin(hint) is Put:
            return get_args(hint)[0]
        if get_origin(hint) is Listed:
            return list[get_args(hint)[0]]  # type: ignore[misc]  # made at run time
        return None if hint is type(None) else hint


class Group:
    """The routes of one group of the reference."""

    def __init__(self, tag: str, description: str, *, prefix: str = "/api/v1") -> None:
        self.tag = tag
        self.description = description
        self.routes: list[Route] = []
        self._prefix = prefix

    def route(
        self, method: str, path: str, *, access: Access, status: int = 200, **more: Any
    ) -> Callable[[H], H]:
        """Declare a route; `more` as in `Route`."""

        def declare(handler: H) -> H:
            self.routes.append(
                Route(
                    method=method,
                    path=self._prefix + path,
                    tag=self.tag,
                    access=access,
                    status=status,
                    handler=handler,
                    **more,
                )
            )
            return handler

        return declare
