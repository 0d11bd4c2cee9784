"""Profiles: what learners say about themselves."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.users import UserPath, users
from twosigma.adapters.http.wire import Id, checked
from twosigma.app.core import TwoSigma
from twosigma.app.profiles import ProfileView
from twosigma.domain import profiles as rules
from twosigma.domain.actor import Actor
from twosigma.domain.profiles import Grade, LearningGoal, Profile, ProfileChanges, StudyLevel

profiles = Group(users.tag, users.description)

BirthDate = Annotated[date, Meta(examples=["2000-01-01"])]
SubjectIds = Annotated[
    tuple[Id, ...], checked(rules.preferences, [1, 2, 3], maxItems=rules.MAX_PREFERENCES)
]


class ProfileBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each field is told freely."""

    date_of_birth: BirthDate | None = None
    learning_goal: LearningGoal | None = None
    study_level: StudyLevel | None = None
    grade: Grade | None = None

    def __repr__(self) -> str:
        return "ProfileBody(…)"


class UpdateProfileBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes; null takes it away."""

    date_of_birth: BirthDate | UnsetType | None = UNSET
    learning_goal: LearningGoal | UnsetType | None = UNSET
    study_level: StudyLevel | UnsetType | None = UNSET
    grade: Grade | UnsetType | None = UNSET

    def __repr__(self) -> str:
        return "UpdateProfileBody(…)"


class SetPreferencesBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most preferred first."""

    subject_ids: SubjectIds


class ProfileOut(Struct, frozen=True, kw_only=True):
    date_of_birth: BirthDate | None
    learning_goal: LearningGoal | None
    study_level: StudyLevel | None
    grade: Grade | None
    subject_preferences: list[Id]

    def __repr__(self) -> str:
        return "ProfileOut(…)"


def profile_out(profile: Profile, subject_preferences: Sequence[int]) -> ProfileOut:
    return ProfileOut(**structs.asdict(profile), subject_preferences=list(subject_preferences))


def _viewed(view: ProfileView) -> ProfileOut:
    return profile_out(view.profile, view.subject_preferences)


@profiles.route("GET", "/users/me/profile", access=Access.USER)
async def get_own_profile(core: TwoSigma, actor: Actor) -> ProfileOut:
    """Get what the authenticated user said about themselves."""
    return _viewed(await core.profiles.mine(actor))


@profiles.route("PUT", "/users/me/profile", access=Access.USER)
async def update_own_profile(core: TwoSigma, actor: Actor, body: UpdateProfileBody) -> ProfileOut:
    """Change the authenticated user's profile: what is not sent stays, null takes it away."""
    changes = ProfileChanges(**structs.asdict(body))
    return _viewed(await core.profiles.update_mine(actor, changes))


@profiles.route("PUT", "/users/me/subject-preferences", access=Access.USER, refuses=(404,))
async def set_subject_preferences(
    core: TwoSigma, actor: Actor, body: SetPreferencesBody
) -> ProfileOut:
    """Set the subjects that the authenticated user prefers, the most preferred first.

    At most 50; one that is named again counts once.
    """
    return _viewed(await core.profiles.prefer(actor, body.subject_ids))


@profiles.route("GET", "/users/{user_id}/profile", access=Access.USER, refuses=(403, 404))
async def get_user_profile(core: TwoSigma, actor: Actor, path: UserPath) -> ProfileOut:
    """Get a user's profile: one's own, or anybody's for platform admins."""
    return _viewed(await core.profiles.get(actor, path.user_id))
