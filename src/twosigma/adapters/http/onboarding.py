"""Registration together with what a learner says about themselves."""

from msgspec import structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.auth import RegisterUserBody, TokensOut, auth, sign_up, tokens_out
from twosigma.adapters.http.profiles import ProfileBody, SubjectIds
from twosigma.adapters.http.route import Group
from twosigma.app.core import TwoSigma
from twosigma.domain.profiles import Onboarding, Profile

onboarding = Group(auth.tag, auth.description)


class OnboardUserBody(RegisterUserBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    profile: ProfileBody = ProfileBody()
    subject_preferences: SubjectIds = ()

    def __repr__(self) -> str:
        return "OnboardUserBody(…)"


@onboarding.route(
    "POST",
    "/auth/register-with-onboarding",
    access=Access.OPEN,
    status=201,
    refuses=(400, 404, 429),
)
async def register_with_onboarding(core: TwoSigma, body: OnboardUserBody, client: str) -> TokensOut:
    """Register user with complete profile and preferences, signed in at once.

    All or nothing: where a subject is unknown, no account is made.
    """
    about = Onboarding(
        profile=Profile(**structs.asdict(body.profile)),
        subject_preferences=body.subject_preferences,
    )
    return tokens_out(await core.auth.onboard(sign_up(body), about, client))
