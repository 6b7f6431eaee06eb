"""Phone numbers and windows out of the free text in which authorities publish them."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from knowledge.services.record import Phone, Window

_ELSEWHERE = re.compile(r"https?://[\x21-\x7e]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DASHES = re.compile("[‐‑‒–—―−－~]")
_COUNTRY = re.compile(r"(?<![0-9A-Za-z])\+?86[ -]*(10|2\d|[3-9]\d\d)[ -]+(?=\d)")
_TOKEN = re.compile(r"(?<![0-9A-Za-z_-])[0-9]+(?:(?:-|转)[0-9]+)*(?![0-9A-Za-z_])")
_HOTLINE = r"12[0-9]{3}|1118[0-9]|10[01][0-9]{2}|95[0-9]{3}|96[0-9]{3,4}"
_NUMBER = re.compile(
    rf"""
    (?: (?P<area>0(?:10|2[0-9]|[3-9][0-9]{{2}})) -? )?
    (?P<local> {_HOTLINE} | [2-8][0-9]{{7}} | [2-8][0-9]{{6}} )
    (?: (?:-|转) (?P<extension>[0-9]{{1,5}}(?:-[0-9]{{1,2}})*) )?
    | (?P<free>[48]00-?[0-9]{{3,4}}-?[0-9]{{3,4}})
    | (?P<mobile>1[3-9][0-9]{{9}})
    """,
    re.X,
)
_MENU = re.compile(r"[0-9](?:-[0-9])+")
_EIGHT_DIGITS = re.compile(r"0(?:10|2[0-9])")

_OPEN, _CLOSE = "(（[【", ")）]】"
_ADDRESS = re.compile(
    r"^(?:广东省|广州市|[一-龥]{2,3}[市区县]|[一-龥]{2,7}(?:路|大道|街|村|镇)[一-龥]{0,6}\s*\d+\s*号)"
)
_PLACE_LABEL = re.compile(r"^(?:(?:办理|办公|受理)?(?:地点|地址|窗口)\s*[:：]\s*)+")
NO_WINDOW = "无线下办理窗口"


def parse_phones(text: str, kind: Literal["consult", "complaint"] = "consult") -> tuple[Phone, ...]:
    """All phone numbers in a text, normalised: ``020-38356454``, ``020-12333转9-3``, ``12345``,
    ``400-039-0208``.

    A number without an area code takes the one before it in the same text. Numbers that cannot be dialled (a
    digit too many or too few for their area) are left out: no number is better than a wrong one.
    """
    plain = unicodedata.normalize("NFKC", _ELSEWHERE.sub(" ", text))
    plain = _DASHES.sub("-", plain).replace("(", " ").replace(")", "-")
    plain = re.sub(r"(?<!\d)(\d{4}) (\d{4})(?!\d)", r"\1\2", re.sub(r"\s*-[\s-]*", "-", plain))
    plain = re.sub(r"-+(?!\d)", " ", _COUNTRY.sub(r"0\1-", plain))
    numbers = dict.fromkeys(_numbers(plain))
    return tuple(Phone(number=number, kind=kind) for number in numbers)


def _numbers(plain: str) -> Iterator[str]:
    area, base, end = "", "", -9
    for token in _TOKEN.finditer(plain):
        adjacent = plain[end : token.start()] in ("、", "或", "/")
        found = _NUMBER.fullmatch(token[0])
        if base and adjacent and _MENU.fullmatch(token[0]):
            yield f"{base}转{token[0]}"
        elif found and found["local"]:
            area = found["area"] or area
            base = _with_area(found["area"] or "", found["local"], area)
            if base:
                yield f"{base}转{found['extension']}" if found["extension"] else base
        elif found:
            digits = token[0].replace("-", "")
            base = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if found["free"] else digits
            if len(digits) in (10, 11):
                yield base
        end = token.end()


def _with_area(own: str, local: str, previous: str) -> str:
    if len(local) in (5, 6):
        return f"{own}-{local}" if own else local
    if not previous:
        return local if len(local) == 8 else ""
    if _EIGHT_DIGITS.fullmatch(previous) and len(local) != 8:
        return ""
    return f"{previous}-{local}"


def parse_windows(text: str) -> tuple[tuple[Window, ...], bool]:
    """The windows in a text, and whether the text says that there is none.

    Several addresses in one text become several windows; rooms and counters of one address stay together.
    """
    plain = _PLACE_LABEL.sub("", " ".join(text.split())).strip("。；;，, ")
    if not plain or plain in ("无", "暂无", "/", "-"):
        return (), False
    if plain.startswith(NO_WINDOW):
        return (), True
    found: dict[str, None] = {}
    for group in split_outside_brackets(plain, ";；"):
        for address in _addresses(group):
            found[address] = None
    return tuple(Window(address=address) for address in found), False


def _addresses(group: str) -> list[str]:
    joined: list[str] = []
    for piece, separator in _pieces(group, "、，,/"):
        if joined and not _ADDRESS.match(piece):
            joined[-1] += separator + piece
        else:
            joined.append(piece)
    # "A, B (hall 3)": the bracket may speak of both, so they stay one window
    out: list[str] = []
    for address in joined:
        if out and out[-1][-1:] not in _CLOSE and address[-1:] in _CLOSE:
            out[-1] += "、" + address
        else:
            out.append(address)
    return [clean for address in out if (clean := _PLACE_LABEL.sub("", address.strip(" 。")))]


def split_outside_brackets(text: str, separators: str) -> list[str]:
    """The parts of a text between separators, without blanks and empty parts; separators in brackets do not
    count.
    """
    return [piece.strip() for piece, _ in _pieces(text, separators) if piece.strip()]


def _pieces(text: str, separators: str) -> Iterator[tuple[str, str]]:
    depth, start, before = 0, 0, ""
    for position, char in enumerate(text):
        depth = max(0, depth + (char in _OPEN) - (char in _CLOSE))
        if char in separators and not depth:
            yield text[start:position], before
            start, before = position + 1, char
    yield text[start:], before
