"""Rules of reading a record of the Guangdong catalogue."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from service_examples import raw_record

from knowledge.services.catalogue import FIELDS, parse
from knowledge.services.record import Limit, Window


def test_every_field_of_the_catalogue_arrives_in_the_record() -> None:
    record = parse(raw_record())
    assert record.code == "11440100007483172Q3440106029001"
    assert record.name.zh == "机动车驾驶证初次申领"
    assert (record.department, record.department_code) == ("广州市公安局", "007483172")
    assert (record.kind, record.level, record.area) == ("行政许可", "city", "广东省广州市")
    assert record.catalogue == "机动车驾驶证核发"
    assert (record.themes, record.audience) == (("交通出行",), ("自然人",))
    assert record.conditions == "年满十八周岁"
    assert [material.name for material in record.materials] == ["身份证明"]
    assert record.statutory_limit == Limit(days=5)
    assert record.promised_limit == Limit(days=1)
    assert record.online is True
    assert record.online_url == record.source_url == "https://example.org/guide"
    assert (record.appointment, record.appointment_url, record.courier, record.visits) == (
        True,
        None,
        True,
        1,
    )
    assert record.windows == (Window(address="广州市天河区华利路61号"),)
    assert [(phone.number, phone.kind) for phone in record.phones] == [("020-12345", "consult")]
    assert record.as_of == date(2021, 5, 31)


def test_the_day_of_the_catalogue_can_be_given() -> None:
    assert parse(raw_record(), as_of=date(2022, 1, 1)).as_of == date(2022, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "无",
            "无。",
            " 无 ",
            "无条件",
            "无条件。",
            "无条件受理",
            "无受理条件",
            "无条件办理",
            "无特定条件。",
        ),
        *("无特殊受理条件。", "无门槛办理。", "无条件限制", "无限制", "无需条件。", "无前置条件。查询即可。"),
        *(
            "公开信息，无条件限制",
            "公开信息查询，无条件限制",
            "主动发布，没有受理条件",
            "信息查询，无限定条件",
            "",
            None,
        ),
    ],
)
def test_all_ways_to_say_that_there_is_no_condition_leave_it_empty(text: str | None) -> None:
    assert parse(raw_record(accept_standard=text)).conditions is None


@pytest.mark.parametrize(
    "text", ["按需申请", "A类：无。 B类：通过A类半年后。", "无犯罪记录的公民", "无需提交材料。"]
)
def test_what_says_something_stays_a_condition(text: str) -> None:
    assert parse(raw_record(accept_standard=text)).conditions == text


def test_blanks_in_a_row_are_line_breaks_of_conditions() -> None:
    record = parse(raw_record(accept_standard="条件： \u3000  （一）甲；   （二）乙。"))
    assert record.conditions == "条件：\n（一）甲；\n（二）乙。"


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("35(工作日)", Limit(days=35)),
        ("35（工作日）", Limit(days=35)),
        ("90(自然日)", Limit(days=90, unit="day")),
        ("3个工作日", Limit(days=3)),
        ("0(工作日)", Limit(days=0)),
        ("即办", Limit(days=0)),
        ("无", None),
        ("尽快", None),
        ("99999(工作日)", None),
        (None, None),
    ],
)
def test_limits_keep_their_unit(text: str | None, limit: Limit | None) -> None:
    record = parse(raw_record(handle_time=text, handle_time_limit="无"))
    assert record.statutory_limit == limit
    assert record.promised_limit is None


def test_materials_are_a_list_or_nothing_and_appear_once() -> None:
    assert parse(raw_record(material_intro="无")).materials == ()
    materials = parse(raw_record(material_intro=["身份证", "身份证", "申请表；", "无"])).materials
    assert [material.name for material in materials] == ["身份证", "申请表"]


@pytest.mark.parametrize(
    ("value", "expected"), [("是", True), ("否", False), ("不支持", False), ("也许", None)]
)
def test_courier_is_yes_no_or_unknown(value: str, expected: bool | None) -> None:
    assert parse(raw_record(courier_service=value)).courier is expected


def test_what_cannot_be_done_online_has_no_online_address() -> None:
    record = parse(raw_record(ONLINECHECK="0", online_book="否", online_book_addr="http://example.org/book"))
    assert (record.online, record.online_url) == (False, None)
    assert (record.appointment, record.appointment_url) == (False, None)


def test_a_missing_address_on_the_web_is_none() -> None:
    assert parse(raw_record(URL=None)).source_url is None
    assert parse(raw_record(URL="见官网")).source_url is None


def test_everyday_names_are_aliases_unless_they_repeat_the_name_or_say_nothing() -> None:
    record = parse(raw_record(matter_short="驾照 申领", matter_daily="机动车驾驶证初次申领，考驾照,无线电"))
    assert record.aliases == ("驾照申领", "考驾照", "无线电")
    assert parse(raw_record(matter_daily="离婚")).aliases == ()
    assert parse(raw_record(matter_daily="无线电,台站,新申请")).aliases == ("无线电台站新申请",)


@pytest.mark.parametrize("field", ["TASK_CODE", "TASK_NAME", "DEPT_NAME"])
@pytest.mark.parametrize("value", [None, "", "无", ["x"], {}])
def test_a_record_without_code_name_or_department_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        parse(raw_record(**{field: value}))


def test_a_refusal_names_field_and_value() -> None:
    with pytest.raises(ValueError, match=r"TASK_CODE: .*'a b/c'"):
        parse(raw_record(TASK_CODE="a b/c"))
    with pytest.raises(ValueError, match=r"TASK_NAME.*at most 500"):
        parse(raw_record(TASK_NAME="名" * 501))
    with pytest.raises(ValueError, match="expected an object, got list"):
        parse([])


def test_all_records_of_the_catalogue_can_be_read(catalogue_files: list[Path]) -> None:
    raws = [json.loads(line) for file in catalogue_files for line in file.read_text("utf-8").splitlines()]
    records = [parse(raw) for raw in raws]
    assert len({record.code for record in records}) == len(records) == 2262
    assert sum(record.no_window for record in records) == 824
    assert all(record.online is not None and record.level and record.department_code for record in records)
    limits = [
        (raw["handle_time"] != "无") == (record.statutory_limit is not None)
        for raw, record in zip(raws, records, strict=True)
    ]
    assert all(limits)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=5,
)


def outcome_of(raw: object) -> str:
    """The digest of the record, or the message of the refusal."""
    try:
        return parse(raw).digest()
    except ValueError as error:
        return str(error)


@given(st.dictionaries(st.sampled_from(sorted(set(FIELDS.values()))), junk))
def test_whatever_the_fields_hold_there_is_a_record_or_a_value_error(changes: dict[str, object]) -> None:
    outcome = outcome_of(raw_record(**changes))
    assert "\n" not in outcome
    assert outcome.encode()


@given(junk)
def test_whatever_is_not_a_record_is_a_value_error(raw: object) -> None:
    with pytest.raises(ValueError, match=r"expected|required"):
        parse(raw)


@given(st.dictionaries(st.sampled_from(sorted(set(FIELDS.values()))), st.text(max_size=30)))
def test_parsing_is_pure(changes: dict[str, str]) -> None:
    raw = raw_record(**changes)
    before = json.dumps(raw)
    outcomes = [outcome_of(raw), outcome_of(raw)]
    assert outcomes[0] == outcomes[1]
    assert json.dumps(raw) == before
