"""Examples for the tests of the catalogue: raw objects, and strategies for any record."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from knowledge.services.record import (
    Fee,
    Limit,
    Material,
    Names,
    Phone,
    ServiceRecord,
    Summary,
    Window,
)


def raw_record(**changes: Any) -> dict[str, Any]:
    """An object of the catalogue as the source writes it."""
    return {
        "TASK_CODE": "11440100007483172Q3440106029001",
        "ORGCODE": "007483172",
        "TASK_TYPE_TEXT": "行政许可",
        "CATANAME": "机动车驾驶证核发",
        "DEPT_NAME": "广州市公安局",
        "AREA_CODE_TEXT": "广东省广州市",
        "TASK_NAME": "机动车驾驶证初次申领",
        "URL": "https://example.org/guide",
        "ONLINECHECK": "1",
        "matter_short": "无",
        "matter_daily": "无",
        "matter_level": "市级",
        "visit_number": "1",
        "handle_location": "办理地点：广州市天河区华利路61号",
        "handle_time": "5(工作日)",
        "handle_time_limit": "1(工作日)",
        "accept_standard": "年满十八周岁",
        "consult_phone": "020-12345",
        "courier_service": "是",
        "bear_paltform": "无",
        "complain_phone": "无",
        "online_book": "是",
        "online_book_addr": "无",
        "theme_category": ["交通出行"],
        "service_object_name": ["自然人"],
        "material_intro": ["身份证明"],
    } | changes


def write_lines(path: Path, *rows: Any) -> Path:
    """A JSON lines file of these rows; texts are written as they are."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


_odd = st.sampled_from("=+-@'[]{}\",;转\n\r\t 无穗問\ufeff\u2028\x85")
_letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | _odd
texts = st.text(_letters, min_size=1, max_size=30).map(lambda text: text if text.strip() else "穗")
maybe = st.none() | texts
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
limits = st.builds(Limit, days=st.integers(0, 10_000), unit=st.sampled_from(["working_day", "day"]))
links = st.builds("https://example.org/{}".format, st.text("abc?=&,;%'\"界", max_size=10))


def several(strategy: Any) -> Any:
    """Tuples of up to four."""
    return st.lists(strategy, max_size=4).map(tuple)


records = st.builds(
    ServiceRecord,
    code=st.from_regex(r"[0-9A-Za-z._:-]{3,80}", fullmatch=True),
    name=st.builds(Names, zh=texts, en=maybe),
    department=texts,
    department_code=maybe,
    kind=maybe,
    level=st.sampled_from([None, "state", "province", "city", "district"]),
    area=maybe,
    catalogue=maybe,
    themes=several(texts),
    audience=several(texts),
    summary=st.builds(Summary, zh=maybe, en=maybe),
    conditions=maybe,
    conditions_en=maybe,
    materials=several(st.builds(Material, name=texts, name_en=maybe, required=st.none() | st.booleans())),
    steps=several(texts),
    steps_en=several(texts),
    fees=several(
        st.builds(Fee, text=texts, text_en=maybe, amount=st.none() | st.floats(0, 1e9, allow_nan=False))
    ),
    statutory_limit=st.none() | limits,
    promised_limit=st.none() | limits,
    legal_basis=several(texts),
    online=st.none() | st.booleans(),
    online_url=st.none() | links,
    appointment=st.none() | st.booleans(),
    appointment_url=st.none() | links,
    courier=st.none() | st.booleans(),
    visits=st.none() | st.integers(0, 50),
    platform=maybe,
    windows=several(st.builds(Window, address=texts, office=maybe)),
    no_window=st.booleans(),
    phones=several(st.builds(Phone, number=texts, kind=st.sampled_from(["consult", "complaint"]))),
    aliases=several(texts),
    source_url=st.none() | links,
    as_of=days,
    valid_from=st.none() | days,
    valid_until=st.none() | days,
)
