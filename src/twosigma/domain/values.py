"""Values that come from outside: each function gives the value as we keep it, or raises
`Invalid` with a fault at `loc`."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from unicodedata import category, normalize
from zoneinfo import available_timezones

import msgspec

from twosigma.domain.errors import Fault, Invalid, Loc, invalid

MIN_LENGTH = "value_error.any_str.min_length"
MAX_LENGTH = "value_error.any_str.max_length"
MAX_DEPTH = 32
MAX_ID = 2**63 - 1
_BAD_TEXT = re.compile("[\x00\ud800-\udfff]")
_ID = re.compile(r"[1-9][0-9]{0,18}")
_LOCAL_PART = re.compile(r'[^()<>\[\]:;,@\\".]+(?:\.[^()<>\[\]:;,@\\".]+)*')
# RFC 5646 §2.1: language and extlangs, script, region, variants, extensions, private use.
_LOCALE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+"
)


def all_faults(*checks: Callable[[], object]) -> tuple[Fault, ...]:
    """The faults of all these checks together, in their order: each is called, and may raise
    `Invalid`."""
    faults: list[Fault] = []
    for check in checks:
        try:
            check()
        except Invalid as refused:
            faults += refused.faults
    return tuple(faults)


def has_bad_text(value: object, depth: int = MAX_DEPTH) -> bool:
    """Whether a JSON value holds NUL or a lone surrogate in any key or text (PostgreSQL takes
    neither), or nests deeper than `depth` containers."""
    if isinstance(value, str):
        return _BAD_TEXT.search(value) is not None
    if not isinstance(value, Mapping | list | tuple):
        return False
    if depth <= 0:
        return True
    if isinstance(value, Mapping):
        return any(has_bad_text(k, depth) or has_bad_text(v, depth - 1) for k, v in value.items())
    return any(has_bad_text(member, depth - 1) for member in value)


def json_size(value: object) -> int | None:
    """How many bytes a JSON value takes, compactly; None where it holds an integer of more
    digits than Python writes (4300)."""
    try:
        return len(msgspec.json.encode(value))
    except ValueError:
        return None


def parse_id(text: str, loc: Loc) -> int:
    """An id from a path or query: plain ASCII digits, 1 … 2⁶³ − 1, no sign, no leading zero."""
    if not _ID.fullmatch(text) or int(text) > MAX_ID:
        raise invalid(loc, "Not a valid id", "type_error.integer")
    return int(text)


def _require_storable(text: str, loc: Loc) -> None:
    if _BAD_TEXT.search(text):
        raise invalid(loc, "Must not hold NUL or lone surrogates")


def _require_length(text: str, loc: Loc, minimum: int, maximum: int) -> None:
    if len(text) < minimum or (minimum and not text.strip()):
        msg = f"Must have at least {minimum} characters" if minimum > 1 else "Must not be blank"
        raise invalid(loc, msg, MIN_LENGTH)
    if len(text) > maximum:
        raise invalid(loc, f"Must have at most {maximum} characters", MAX_LENGTH)


def title(value: str, loc: Loc, maximum: int = 200) -> str:
    """A name or title: NFC, trimmed, not blank, at most `maximum` code points."""
    _require_storable(value, loc)
    text = normalize("NFC", value).strip()
    _require_length(text, loc, 1, maximum)
    return text


def long_text(value: str, loc: Loc, maximum: int, minimum: int = 0) -> str:
    """A long text, kept exactly: `minimum` … `maximum` code points (with a minimum, not white
    space alone)."""
    _require_storable(value, loc)
    _require_length(value, loc, minimum, maximum)
    return value


def fold_email(value: str) -> str:
    """The address that accounts are told apart by: trimmed, without compatibility forms and
    case (Unicode §3.13, NFKC of the case folding), in NFC."""
    return normalize("NFKC", normalize("NFKC", value).casefold()).strip()


def email(value: str, loc: Loc = ("body", "email")) -> str:
    """An e-mail address as it is stored and compared: folded, ≤ 254 characters, one @, a dot in
    the domain, nothing that is a control, format or space character."""
    folded = fold_email(value)
    if len(folded) > 254:
        raise invalid(loc, "Must have at most 254 characters", MAX_LENGTH)
    local, _, domain = folded.partition("@")
    has_odd = any(category(char)[0] in "CZ" for char in folded)
    labels = domain.split(".")
    if (
        has_odd
        or not _LOCAL_PART.fullmatch(local)
        or len(labels) < 2
        or not all(map(_is_domain_label, labels))
    ):
        raise invalid(loc, "value is not a valid email address", "value_error.email")
    return folded


def _is_domain_label(label: str) -> bool:
    return (
        0 < len(label) <= 63
        and all(char == "-" or category(char)[0] in "LMN" for char in label)
        and "-" not in (label[0], label[-1])
    )


def password(value: str, email: str, loc: Loc = ("body", "password")) -> str:
    """A password in NFC, never trimmed: 8–128 code points, and not the e-mail address."""
    _require_storable(value, loc)
    text = normalize("NFC", value)
    if len(text) < 8:
        raise invalid(loc, "Must have at least 8 characters", MIN_LENGTH)
    if len(text) > 128:
        raise invalid(loc, "Must have at most 128 characters", MAX_LENGTH)
    if fold_email(text) == fold_email(email):
        raise invalid(loc, "Must differ from the e-mail address")
    return text


def locale(value: str, loc: Loc = ("body", "locale")) -> str:
    """A well-formed BCP 47 tag of at most 63 characters, in the case of RFC 5646 §2.1.1
    (`zh-Hant-TW`)."""
    # The test for ASCII keeps out what lower() would make of, say, the Kelvin sign.
    lower = value.lower()
    if len(value) > 63 or not value.isascii() or not _LOCALE.fullmatch(lower):
        raise invalid(loc, "Not a valid BCP 47 language tag")
    subtags = lower.split("-")
    singles = [at for at, subtag in enumerate(subtags) if len(subtag) == 1]
    plain_until = singles[0] if singles else len(subtags)
    return "-".join(
        _cased(subtag) if 0 < at < plain_until else subtag for at, subtag in enumerate(subtags)
    )


def _cased(subtag: str) -> str:
    if len(subtag) == 2:
        return subtag.upper()
    return subtag.title() if len(subtag) == 4 and subtag.isalpha() else subtag


def best_locale(wanted: str, offered: Sequence[str]) -> str:
    """The offered tag that fits best: RFC 4647 §3.4 look-up, the first offered if none fits.

    `offered` is not empty; the tag is given as it is offered.
    """
    by_lower = {tag.lower(): tag for tag in reversed(offered)}
    subtags = wanted.lower().split("-")
    while subtags:
        tag = "-".join(subtags)
        if tag in by_lower:
            return by_lower[tag]
        subtags.pop()
        if subtags and len(subtags[-1]) == 1:
            subtags.pop()
    return offered[0]


@cache
def _time_zones() -> frozenset[str]:
    # Read from the disk on first use, so that importing the domain stays light. The two left out
    # name whatever the machine is set to, and nothing.
    return frozenset(available_timezones() - {"localtime", "Factory"})


def time_zone(value: str, loc: Loc = ("body", "time_zone")) -> str:
    """A name of the IANA time zone database, exactly as it is written there."""
    if value not in _time_zones():
        raise invalid(loc, "Not a known IANA time zone")
    return value
