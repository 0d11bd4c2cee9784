"""Modules: the tree of a course's content."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.courses import CoursePath
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Index, Listed, long, name
from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor
from twosigma.domain.modules import Module, ModuleFields, ModuleType

modules = Group("Modules", "Hierarchical course content structure")

Title = Annotated[str, name(200, "Week 1: Introduction")]
Description = Annotated[str, long(10_000, "Course introduction")]


class ModulePath(Struct, frozen=True, kw_only=True):
    module_id: Id


class CreateModuleBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without an index the module comes last among its siblings."""

    course_id: Id
    title: Title
    parent_module_id: Id | None = None
    description: Description = ""
    module_type: ModuleType = ModuleType.UNIT
    sequence_index: Index | UnsetType = UNSET
    is_archived: bool = False


class ModuleOut(Struct, frozen=True, kw_only=True):
    id: Id
    course_id: Id
    parent_module_id: Id | None
    title: Title
    description: Description
    module_type: ModuleType
    sequence_index: Index
    is_archived: bool
    created_at: datetime
    updated_at: datetime


def module_out(module: Module) -> ModuleOut:
    return ModuleOut(**{field: getattr(module, field) for field in ModuleOut.__struct_fields__})


@modules.route(
    "GET", "/modules/courses/{course_id}/modules", access=Access.READABLE,
    refuses=(401, 403, 404), has_etag=True,
)  # fmt: skip
async def list_modules(core: TwoSigma, actor: Actor | None, path: CoursePath) -> Listed[ModuleOut]:
    """Get all modules of a course, each parent before its children."""
    rows = [module_out(row) for row in await core.modules.of_course(actor, path.course_id)]
    return Listed(rows, len(rows))


@modules.route(
    "GET", "/modules/courses/{course_id}/modules/root", access=Access.READABLE,
    refuses=(401, 403, 404), has_etag=True,
)  # fmt: skip
async def list_root_modules(
    core: TwoSigma, actor: Actor | None, path: CoursePath
) -> Listed[ModuleOut]:
    """Get the modules without a parent."""
    rows = [module_out(row) for row in await core.modules.roots(actor, path.course_id)]
    return Listed(rows, len(rows))


@modules.route(
    "GET", "/modules/{module_id}", access=Access.READABLE, refuses=(401, 403, 404), has_etag=True
)
async def get_module(core: TwoSigma, actor: Actor | None, path: ModulePath) -> ModuleOut:
    """Get one module."""
    return module_out(await core.modules.get(actor, path.module_id))


@modules.route(
    "GET", "/modules/{module_id}/children", access=Access.READABLE,
    refuses=(401, 403, 404), has_etag=True,
)  # fmt: skip
async def list_child_modules(
    core: TwoSigma, actor: Actor | None, path: ModulePath
) -> Listed[ModuleOut]:
    """Get the direct children of a module."""
    rows = [module_out(row) for row in await core.modules.children(actor, path.module_id)]
    return Listed(rows, len(rows))


@modules.route("POST", "/modules/", access=Access.INSTRUCTOR, status=201, refuses=(400, 403, 404))
async def create_module(core: TwoSigma, actor: Actor, body: CreateModuleBody) -> ModuleOut:
    """Create a module."""
    fields = ModuleFields(
        course_id=body.course_id,
        parent_module_id=body.parent_module_id,
        title=body.title,
        description=body.description,
        module_type=body.module_type,
        is_archived=body.is_archived,
    )
    index = None if body.sequence_index is UNSET else body.sequence_index
    return module_out(await core.modules.create(actor, fields, index))
