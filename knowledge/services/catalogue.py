"""Records of the Guangdong catalogue of government services (one JSON object each) as ``ServiceRecord``."""

import re
import unicodedata
from datetime import date
from typing import Any, Literal

from pydantic import ValidationError

from knowledge.services.contacts import parse_phones, parse_windows, split_outside_brackets
from knowledge.services.record import CONTROL, Limit, ServiceRecord
from knowledge.text.script import fold, is_han

AS_OF = date(2021, 5, 31)
"""The state of the published catalogue when nothing else is said."""

FIELDS = {
    "code": "TASK_CODE",
    "name": "TASK_NAME",
    "department": "DEPT_NAME",
    "department_code": "ORGCODE",
    "kind": "TASK_TYPE_TEXT",
    "level": "matter_level",
    "area": "AREA_CODE_TEXT",
    "catalogue": "CATANAME",
    "themes": "theme_category",
    "audience": "service_object_name",
    "conditions": "accept_standard",
    "materials": "material_intro",
    "statutory_limit": "handle_time",
    "promised_limit": "handle_time_limit",
    "online": "ONLINECHECK",
    "appointment": "online_book",
    "appointment_url": "online_book_addr",
    "courier": "courier_service",
    "visits": "visit_number",
    "platform": "bear_paltform",
    "windows": "handle_location",
    "phones": "consult_phone",
    "aliases": "matter_short",
    "source_url": "URL",
    "online_url": "URL",
}
"""The field of the catalogue (with its own spelling) that each field of a record is read from."""

Level = Literal["state", "province", "city", "district"]
LEVELS: dict[str, Level] = {
    "国家级": "state",
    "省级": "province",
    "市级": "city",
    "县级": "district",
    "区级": "district",
    "区县级": "district",
}
YES, NO = {"是", "1", "支持", "true"}, {"否", "0", "不支持", "false"}
NONE = {"", "无", "暂无", "没有", "/", "-", "--", "null", "none", "空"}

_PUNCTUATION = re.compile(r"[\s。.;；,，、!！:：]+")
_NO_CONDITION = re.compile(
    r"""
    (?:(?:公开信息|公共信息|信息)(?:查询)?|主动(?:发布|公开))?
    (?: (?:无需|无须|不需)(?:任何)?(?=条件) | 无任何 | 没有任何 | 暂无 | 无 | 没有 | 不设 | 不限 )
    (?:特定|特殊|前置|限定|其他|其它|具体)?(?:的)?
    (?:受理|办理|申请|准入)?
    (?:条件|门槛|限制|要求)*
    (?:受理|办理|申请|主动公开|查询即可)?
    """,
    re.X,
)
_LIMIT = re.compile(r"(\d{1,5})\s*\(?\s*个?\s*(工作日|自然日|日历日|天|日)\s*\)?")
_AT_ONCE = {"即办", "即时办结", "当场办结", "即来即办"}
_WORKING = "工作日"

_QUOTES = str.maketrans(dict.fromkeys('“”"', ","))
_GENERIC = {
    *("新申请", "遗失补办", "信息变更", "政策咨询", "许可查询", "机构查询", "文件查询", "证件查询", "服务项"),
    *(
        "服务项目",
        "行政处罚",
        "资格认证",
        "领取待遇",
        "待遇申领",
        "待遇变更",
        "基本信息",
        "产品信息服务",
        "指引",
    ),
}


def parse(raw: object, *, as_of: date = AS_OF) -> ServiceRecord:
    """The record of one object of the catalogue.

    ``as_of``: the day whose state the catalogue shows. Optional fields that cannot be understood are left
    empty. Raises ValueError with field and value if the object cannot be used: no code, no name, no
    department, or a text beyond all measure.
    """
    if not isinstance(raw, dict):
        raise ValueError(f"record: expected an object, got {type(raw).__name__}")
    try:
        return ServiceRecord.model_validate(_fields(raw) | {"as_of": as_of})
    except ValidationError as error:
        raise ValueError(explain(error, FIELDS | {"address": "handle_location"})) from None


def _fields(raw: dict[Any, Any]) -> dict[str, Any]:
    name = _required(raw, "TASK_NAME")
    consult, complain = _text(raw.get("consult_phone")) or "", _text(raw.get("complain_phone")) or ""
    windows, no_window = parse_windows(_text(raw.get("handle_location")) or "")
    return _ways(raw) | {
        "code": _required(raw, "TASK_CODE"),
        "name": {"zh": name},
        "department": _required(raw, "DEPT_NAME"),
        "department_code": _text(raw.get("ORGCODE")),
        "kind": _text(raw.get("TASK_TYPE_TEXT")),
        "level": LEVELS.get(_text(raw.get("matter_level")) or ""),
        "area": _text(raw.get("AREA_CODE_TEXT")),
        "catalogue": _text(raw.get("CATANAME")),
        "themes": _texts(raw.get("theme_category")),
        "audience": _texts(raw.get("service_object_name")),
        "conditions": _conditions(raw.get("accept_standard")),
        "materials": [{"name": item} for item in _texts(raw.get("material_intro"))],
        "statutory_limit": _limit(raw.get("handle_time")),
        "promised_limit": _limit(raw.get("handle_time_limit")),
        "windows": windows,
        "no_window": no_window,
        "phones": parse_phones(consult) + parse_phones(complain, "complaint"),
        "aliases": _aliases(name, _text(raw.get("matter_short")), _text(raw.get("matter_daily"))),
    }


def _ways(raw: dict[Any, Any]) -> dict[str, Any]:
    """How a service can be used: online, by appointment, by courier, in person."""
    online, url = _flag(raw.get("ONLINECHECK")), _url(raw.get("URL"))
    appointment, booking = _flag(raw.get("online_book")), _url(raw.get("online_book_addr"))
    return {
        "online": online if online is not None else (True if url else None),
        "online_url": url if online is not False else None,
        "appointment": appointment if appointment is not None else (True if booking else None),
        "appointment_url": booking if appointment is not False else None,
        "courier": _flag(raw.get("courier_service")),
        "visits": _visits(raw.get("visit_number")),
        "platform": _text(raw.get("bear_paltform")),
        "source_url": url,
    }


def explain(error: ValidationError, fields: dict[str, str] | None = None) -> str:
    """A validation error in one line, ``field: message, got value``; ``fields`` renames fields to the
    source's.
    """
    first = error.errors(include_url=False, include_context=False)[0]
    path = [str(part) for part in first["loc"]] or ["record"]
    path[0] = (fields or {}).get(path[0], path[0])
    value = ascii(first["input"]) if _broken(first["input"]) else repr(first["input"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{'.'.join(path)}: {first['msg']}, got {value[:80]}{more}"


def _broken(value: Any) -> bool:
    return bool(CONTROL.search(repr(value)))


def _text(value: object) -> str | None:
    """A text on one line, None for what says nothing; numbers count as texts."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    plain = " ".join(CONTROL.sub(" ", str(value)).split())
    return None if plain.strip("。.").lower() in NONE else plain


def _required(raw: dict[Any, Any], field: str) -> str:
    text = _text(raw.get(field))
    if text is None:
        raise ValueError(f"{field}: a text is required, got {ascii(raw.get(field))[:80]}")
    return text


def _texts(value: object) -> tuple[str, ...]:
    """The distinct texts of a list, in its order; a single text counts as a list of one."""
    items = value if isinstance(value, list | tuple) else [value]
    found = ((_text(item) or "").strip("；;，,。 ") for item in items)
    return tuple(dict.fromkeys(text for text in found if text))


def _conditions(value: object) -> str | None:
    if _text(value) is None:
        return None
    # blanks in a row are the line breaks of the original page
    lines = (
        re.sub(r"[ \t]+", " ", line).strip() for line in re.split(r"\s{2,}|\n", CONTROL.sub(" ", str(value)))
    )
    text = "\n".join(line for line in lines if line)
    return None if _NO_CONDITION.fullmatch(_PUNCTUATION.sub("", text)) else text


def _limit(value: object) -> Limit | None:
    plain = unicodedata.normalize("NFKC", _text(value) or "")
    if plain in _AT_ONCE:
        return Limit(days=0)
    found = _LIMIT.fullmatch(plain)
    if not found or int(found[1]) > 10_000:
        return None
    return Limit(days=int(found[1]), unit="working_day" if found[2] == _WORKING else "day")


def _flag(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    plain = (_text(value) or "").lower()
    return True if plain in YES else False if plain in NO else None


def _visits(value: object) -> int | None:
    found = re.fullmatch(r"(\d{1,3})(?:\.0)?\s*次?", _text(value) or "", re.ASCII)
    return int(found[1]) if found and int(found[1]) <= 50 else None


def _url(value: object) -> str | None:
    plain = _text(value) or ""
    if re.match(r"www\.\S+$", plain):
        plain = f"http://{plain}"
    return plain if re.fullmatch(r"https?://\S+", plain) and len(plain) <= 2_000 else None


def _aliases(name: str, *texts: str | None) -> tuple[str, ...]:
    """Everyday names. A list of keywords too short to stand alone becomes one phrase."""
    found: dict[str, str] = {}
    for text in texts:
        spaced = re.sub(r"(?<=[一-龥])[.．](?=[一-龥])", ",", (text or "").translate(_QUOTES))
        parts = [_unspaced(part) for part in split_outside_brackets(spaced, "，,；;、")]
        names = [part for part in parts if _meaningful(part)]
        if len(names) < len(parts):
            whole = [a for a in parts if not any(a in b and a != b for b in parts)]
            phrase = "".join(dict.fromkeys(whole))
            names = [part for part in names if len(part) > 3]
            names += [phrase] if len(parts) > 1 and len(phrase) <= 30 and _meaningful(phrase) else []
        for part in names:
            found.setdefault(fold(part), part)
    found.pop(fold(name), None)
    return tuple(found.values())


def _unspaced(text: str) -> str:
    return re.sub(r"(?<=[一-龥）]) +(?=[一-龥（])", "", text)


def _meaningful(text: str) -> bool:
    return sum(map(is_han, text)) >= 3 and len(text) <= 100 and text not in _GENERIC
