"""Rules of finding phone numbers and windows in free text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.services.contacts import parse_phones, parse_windows


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("020-34121084", ["020-34121084"]),
        ("020-38356454转1", ["020-38356454转1"]),
        ("020-12333-9-3", ["020-12333转9-3"]),
        ("020-12333-9-1或2-3", ["020-12333转9-1", "020-12333转2-3"]),
        ("020-87300569-825", ["020-87300569转825"]),
        ("12345", ["12345"]),
        ("020-84469270、020-84469702、  020-89023252", ["020-84469270", "020-84469702", "020-89023252"]),
        ("020-83133283、83134746", ["020-83133283", "020-83134746"]),
        ("020-37288041/020-3728889", ["020-37288041"]),
        ("拨打12348或020-86350683", ["12348", "020-86350683"]),
        ("（0662）3681111", ["0662-3681111"]),
        ("(8620)2236 0123", ["020-22360123"]),
        ("86 20 87512631", ["020-87512631"]),
        ("020－81102000", ["020-81102000"]),
        ("020--38819922", ["020-38819922"]),
        ("020-12333–9", ["020-12333转9"]),
        ("4000390208", ["400-039-0208"]),
        ("400-7000-690", ["400-700-0690"]),
        (
            "省厅：020-86351219；深圳：0755-88127587、0755-83025538",
            ["020-86351219", "0755-88127587", "0755-83025538"],
        ),
        ("020-86350153，受理时间：上午08：30-12:00，下午14:00-17:30", ["020-86350153"]),
        (
            "电话：020-37591009。微信号：gh_a1e9527141a4。邮箱：1263532475@qq.com。邮编：510405",
            ["020-37591009"],
        ),
        ("https://weibo.com/u/65055317 见 1516室", []),
        ("无", []),
        ("0000swjw", []),
        ("020-837288891", []),
        ("", []),
    ],
)
def test_numbers_are_found_and_normalised(text: str, numbers: list[str]) -> None:
    assert [phone.number for phone in parse_phones(text)] == numbers


def test_the_kind_of_a_number_is_kept() -> None:
    assert {phone.kind for phone in parse_phones("12345、020-12345", "complaint")} == {"complaint"}


@given(st.text(st.sampled_from("0123456789-转()（） 、，；:o电"), max_size=60))
def test_numbers_found_are_always_well_formed_and_distinct(text: str) -> None:
    numbers = [phone.number for phone in parse_phones(text)]
    assert len(set(numbers)) == len(numbers)
    form = r"(0\d{2,3}-)?\d{5,8}(转[\d-]+)?|[48]00-\d{3}-\d{4}|1\d{10}"
    assert all(re.fullmatch(form, number) for number in numbers)


@given(st.text(st.sampled_from("0123456789-转()（） 、，；:o电"), max_size=60))
def test_a_number_found_is_found_again_in_itself(text: str) -> None:
    for phone in parse_phones(text):
        assert [again.number for again in parse_phones(phone.number)] == [phone.number]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("办理地点：广州市越秀区吉祥路100号401房", ["广州市越秀区吉祥路100号401房"]),
        ("办理地点：广州市连新路31号2、3号窗口", ["广州市连新路31号2、3号窗口"]),
        ("办理地点：河滨北路128号3楼313窗口、4楼401窗口", ["河滨北路128号3楼313窗口、4楼401窗口"]),
        (
            "广州市新港西路176号二楼，省卫生健康委员会办证大厅",
            ["广州市新港西路176号二楼，省卫生健康委员会办证大厅"],
        ),
        (
            "农新路12号（1-16号窗）、芙蓉大道61号（1-14号窗）",
            ["农新路12号（1-16号窗）", "芙蓉大道61号（1-14号窗）"],
        ),
        ("下塘西路5号803房/广州市政民路51号1312房", ["下塘西路5号803房", "广州市政民路51号1312房"]),
        ("甲路1号（一、二号窗）；乙路2号", ["甲路1号（一、二号窗）", "乙路2号"]),
        ("增城区甲路、增城区乙路（科目三考场）", ["增城区甲路、增城区乙路（科目三考场）"]),
        ("办理地点：无", []),
        ("", []),
    ],
)
def test_several_windows_are_told_apart_and_rooms_stay_together(text: str, addresses: list[str]) -> None:
    windows, no_window = parse_windows(text)
    assert [window.address for window in windows] == addresses
    assert not no_window


def test_no_window_is_not_the_same_as_nothing_said() -> None:
    assert parse_windows("无线下办理窗口") == ((), True)


@given(st.text(st.sampled_from("广州市天河区路1号（）()；、，/窗 无办理地点："), max_size=60))
def test_no_character_of_an_address_is_lost(text: str) -> None:
    windows, _ = parse_windows(text)
    assert all(window.address.strip() for window in windows)
    kept = "".join(window.address for window in windows)
    assert set(re.sub(r"[\s、；，。/:：]", "", text)) - set("无办理地点") <= set(kept) | set("（）()")
