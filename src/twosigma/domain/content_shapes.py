"""What the installation's own kinds of content hold: the types of the keys that programs read, and
the one without which an item of the kind means nothing. Other keys are the author's own."""

from collections.abc import Mapping

from twosigma.domain.errors import Fault, Invalid, Loc
from twosigma.domain.place_rules import website_url
from twosigma.domain.sheets import Sheet

_ADDRESS = {"video": "video_url", "link": "url", "file": "url", "audio": "url"}
_TEXTS = {"text": ("body",), "video": ("transcript",), "file": ("transcript",),
          "audio": ("transcript",)}  # fmt: skip


def shape_faults(kind: str, data: Mapping[str, object], loc: Loc) -> tuple[Fault, ...]:
    """What is wrong with the data of an item of this kind. No data at all is none: the item is
    yet to be written."""
    if not data:
        return ()
    sheet = Sheet(data, loc)
    for key in _TEXTS.get(kind, ()):
        if data.get(key) is not None:
            sheet.text(key)
    if kind in _ADDRESS:
        _read_address(sheet, _ADDRESS[kind])
    if kind == "video" and data.get("duration") is not None:
        sheet.number("duration", 0)
    return tuple(sheet.faults)


def _read_address(sheet: Sheet, key: str) -> None:
    count = len(sheet.faults)
    address = sheet.text(key, is_required=True)
    if len(sheet.faults) > count:
        return
    try:
        website_url(address, (*sheet.loc, key))
    except Invalid as refused:
        sheet.faults += refused.faults
