"""A record with every field, and quick settings for property tests."""

from datetime import date

import pytest
from hypothesis import settings

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

settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True)
settings.load_profile("quick")


@pytest.fixture
def full_record() -> ServiceRecord:
    """A record in which every field says something."""
    return ServiceRecord(
        code="114401000000000000X1",
        name=Names(zh="居住证办理（首次）", en="Residence permit (first issue)"),
        department="广州市公安局",
        department_code="007483172",
        kind="行政确认",
        level="city",
        area="广东省广州市",
        catalogue="居住证",
        themes=("户籍办理", "迁居"),
        audience=("自然人",),
        summary=Summary(zh="来穗人员办理居住证。", en="Residence permits for newcomers."),
        conditions="在本市居住半年以上\n有合法稳定住所",
        conditions_en="Six months of residence",
        materials=(Material(name="居民身份证", name_en="ID card", required=True), Material(name="=照片")),
        steps=("申请", "受理"),
        steps_en=("Apply",),
        fees=(Fee(text="免费", text_en="free", amount=0),),
        statutory_limit=Limit(days=15),
        promised_limit=Limit(days=0, unit="day"),
        legal_basis=("《居住证暂行条例》",),
        online=True,
        online_url="https://example.org/online?a=1",
        appointment=False,
        appointment_url="https://example.org/book",
        courier=True,
        visits=1,
        platform="广东政务服务网",
        windows=(Window(address="华利路61号", office="hall-1"), Window(address="某街道办事处")),
        no_window=True,
        phones=(Phone(number="020-12345转1"), Phone(number="12345", kind="complaint")),
        aliases=("办居住证", "'居住证"),
        source_url="https://example.org/",
        as_of=date(2021, 5, 31),
        valid_from=date(2021, 1, 1),
        valid_until=date(2030, 12, 31),
    )
