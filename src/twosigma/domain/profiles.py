"""What learners say about themselves: birthday, aim, studies, and the subjects they prefer."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.domain.errors import Loc, invalid

MAX_PREFERENCES = 50
EARLIEST_BIRTH = date(1900, 1, 1)
_BIRTH: Loc = ("body", "date_of_birth")


class LearningGoal(StrEnum):
    CAREER_ADVANCEMENT = "CAREER_ADVANCEMENT"
    ACADEMIC_SUCCESS = "ACADEMIC_SUCCESS"
    EXAM_PREPARATION = "EXAM_PREPARATION"
    SKILL_DEVELOPMENT = "SKILL_DEVELOPMENT"
    CERTIFICATION = "CERTIFICATION"
    PERSONAL_INTEREST = "PERSONAL_INTEREST"
    OTHER = "OTHER"


class StudyLevel(StrEnum):
    HIGH_SCHOOL = "HIGH_SCHOOL"
    UNDERGRADUATE = "UNDERGRADUATE"
    GRADUATE = "GRADUATE"
    DOCTORAL = "DOCTORAL"
    PROFESSIONAL = "PROFESSIONAL"
    OTHER = "OTHER"


class Grade(StrEnum):
    FRESHMAN = "FRESHMAN"
    SOPHOMORE = "SOPHOMORE"
    JUNIOR = "JUNIOR"
    SENIOR = "SENIOR"
    GRADE_9 = "GRADE_9"
    GRADE_10 = "GRADE_10"
    GRADE_11 = "GRADE_11"
    GRADE_12 = "GRADE_12"
    FIRST_YEAR_GRADUATE = "FIRST_YEAR_GRADUATE"
    ADVANCED_GRADUATE = "ADVANCED_GRADUATE"
    OTHER = "OTHER"


class Profile(Struct, frozen=True, kw_only=True):
    """What an account said about itself; each field is told freely, and none at first."""

    date_of_birth: date | None = None
    learning_goal: LearningGoal | None = None
    study_level: StudyLevel | None = None
    grade: Grade | None = None

    def __repr__(self) -> str:
        return "Profile(…)"


class ProfileChanges(Struct, frozen=True, kw_only=True):
    """What is changed of a profile; a field not sent stays, None takes it away."""

    date_of_birth: date | UnsetType | None = UNSET
    learning_goal: LearningGoal | UnsetType | None = UNSET
    study_level: StudyLevel | UnsetType | None = UNSET
    grade: Grade | UnsetType | None = UNSET

    def __repr__(self) -> str:
        return "ProfileChanges(…)"


class Onboarding(Struct, frozen=True, kw_only=True):
    """What an account may say about itself as it is made."""

    profile: Profile = Profile()
    subject_preferences: tuple[int, ...] = ()


def age_on(day: date, born: date) -> int:
    """Full years on that day. Who was born on a 29th of February has the birthday of a common
    year on the 1st of March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def birthday(born: date, today: date, minimum_age: int, loc: Loc = _BIRTH) -> date:
    """The birthday of somebody old enough today; raises Invalid."""
    if born < EARLIEST_BIRTH or born > today:
        raise invalid(loc, "Must be a day from 1900-01-01 to today", "value_error.date")
    if age_on(today, born) < minimum_age:
        raise invalid(loc, f"Must be at least {minimum_age} years old", "value_error.date")
    return born


def changed(profile: Profile, changes: ProfileChanges, today: date, minimum_age: int) -> Profile:
    """The profile with what was sent; raises Invalid."""
    if isinstance(changes.date_of_birth, date):
        birthday(changes.date_of_birth, today, minimum_age)
    sent = {name: value for name, value in structs.asdict(changes).items() if value is not UNSET}
    return structs.replace(profile, **sent)


def preferences(ids: Sequence[int], loc: Loc) -> tuple[int, ...]:
    """Ids of subjects, the most preferred first: each once, where it was named first. Raises
    Invalid for more than 50."""
    if len(ids) > MAX_PREFERENCES:
        raise invalid(loc, f"At most {MAX_PREFERENCES} items", "value_error.list.max_items")
    return tuple(dict.fromkeys(ids))
