"""What universities, departments and subjects may say about themselves.

Each `checked_…` gives the fields normalised, or raises Invalid with all their faults; for an
update it gives those that were sent, by name.
"""

import re
from collections.abc import Callable, Iterator
from unicodedata import normalize
from urllib.parse import urlsplit

from msgspec import structs

from twosigma.domain import values
from twosigma.domain.catalog_rules import sent
from twosigma.domain.checks import Checks
from twosigma.domain.errors import Loc, invalid
from twosigma.domain.places import (
    DepartmentChanges,
    DepartmentFields,
    SubjectChanges,
    SubjectFields,
    UniversityChanges,
    UniversityFields,
)

MAX_URL = 2_000
MAX_SLUG = 100
SLUG = "[a-z0-9]+(?:-[a-z0-9]+)*"

# ISO 3166-1 alpha-2, the officially assigned codes.
COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ
    BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM
    DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
    GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
    VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 -- a table, not a list
)


def country(value: str, loc: Loc) -> str:
    """The ISO 3166-1 alpha-2 code of a country, in capitals."""
    # The test for ASCII keeps out what upper() would make of, say, a sharp s.
    if not value.isascii() or value.upper() not in COUNTRIES:
        raise invalid(loc, "Not a country's code (ISO 3166-1 alpha-2)", "value_error.const")
    return value.upper()


def website_url(value: str, loc: Loc) -> str:
    """An address of http or https with a host, kept exactly; at most 2,000 characters."""
    text = values.long_text(value, loc, MAX_URL)
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_good = is_good and parts.username is None and parts.port != 0
    except ValueError:
        is_good = False
    # urlsplit drops some of these, and browsers others.
    if not is_good or not text.isprintable() or re.search(r"[\s\\<>\"]", text):
        raise invalid(loc, "Not an address of http or https")
    return text


def slug(value: str, loc: Loc) -> str:
    """A name for addresses: ASCII letters and digits, single hyphens between them."""
    if len(value) > MAX_SLUG:
        raise invalid(loc, f"Must have at most {MAX_SLUG} characters", values.MAX_LENGTH)
    if not re.fullmatch(SLUG, value):
        raise invalid(loc, "Lower-case letters, digits and single hyphens", "value_error.str.regex")
    return value


def slugs_of(name: str) -> Iterator[str]:
    """The slugs for a name, the best first, without end: `c`, `c-2`, `c-3`, … for "C++"."""
    plain = normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    best = "-".join(re.findall("[a-z0-9]+", plain.lower())) or "subject"
    yield best[:MAX_SLUG].rstrip("-")
    number = 1
    while True:
        number += 1
        suffix = f"-{number}"
        yield best[: MAX_SLUG - len(suffix)].rstrip("-") + suffix


def checked_university(fields: UniversityFields) -> UniversityFields:
    checks = Checks()
    checked = UniversityFields(
        name=checks.take(fields.name, _named("name", 200)),
        code=checks.maybe(fields.code, _named("code", 32)),
        country=checks.maybe(fields.country, lambda text: country(text, ("body", "country"))),
        website_url=checks.maybe(
            fields.website_url, lambda text: website_url(text, ("body", "website_url"))
        ),
    )
    checks.done()
    return checked


def checked_department(fields: DepartmentFields) -> DepartmentFields:
    checks = Checks()
    checked = DepartmentFields(
        name=checks.take(fields.name, _named("name", 200)),
        code=checks.maybe(fields.code, _named("code", 32)),
    )
    checks.done()
    return checked


def checked_subject(fields: SubjectFields) -> SubjectFields:
    checks = Checks()
    checked = SubjectFields(
        name=checks.take(fields.name, _named("name", 100)),
        slug=checks.maybe(fields.slug, lambda text: slug(text, ("body", "slug"))),
    )
    checks.done()
    return checked


def checked_university_changes(changes: UniversityChanges) -> dict[str, object]:
    named = sent(changes)
    checked = checked_university(structs.replace(UniversityFields(name="-"), **named))
    return {name: getattr(checked, name) for name in named}


def checked_department_changes(changes: DepartmentChanges) -> dict[str, object]:
    named = sent(changes)
    checked = checked_department(structs.replace(DepartmentFields(name="-"), **named))
    return {name: getattr(checked, name) for name in named}


def checked_subject_changes(changes: SubjectChanges) -> dict[str, object]:
    named = sent(changes)
    checked = checked_subject(structs.replace(SubjectFields(name="-"), **named))
    return {name: getattr(checked, name) for name in named}


def _named(field: str, maximum: int) -> Callable[[str], str]:
    return lambda text: values.title(text, ("body", field), maximum)
