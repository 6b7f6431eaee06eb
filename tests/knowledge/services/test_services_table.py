"""Rules of the CSV format."""

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from service_examples import records

from knowledge.services.batch import MAX_LINE, Batch
from knowledge.services.record import ServiceRecord
from knowledge.services.table import COLUMNS, from_cells, read_csv, to_cells, write_csv


def read(path: Path, content: bytes, as_of: date | None = None) -> Batch:
    path.write_bytes(content)
    batch = Batch()
    read_csv(path, batch, as_of)
    return batch


def test_a_full_record_survives_the_round_trip(tmp_path: Path, full_record: ServiceRecord) -> None:
    batch = read(tmp_path / "a.csv", write_csv([full_record]))
    assert not batch.rejected
    assert [record for _, record in batch.records.values()] == [full_record]


@given(st.lists(records, max_size=3, unique_by=lambda record: record.code))
def test_any_record_survives_the_round_trip(tmp_path_factory: object, some: list[ServiceRecord]) -> None:
    path = Path(tmp_path_factory.getbasetemp()) / "any.csv"  # type: ignore[attr-defined]
    batch = read(path, write_csv(some))
    assert not batch.rejected
    assert [record for _, record in batch.records.values()] == some


@given(records)
def test_any_record_survives_its_cells(record: ServiceRecord) -> None:
    assert ServiceRecord.model_validate(from_cells(to_cells(record))) == record


def test_spreadsheets_see_utf_8_one_row_a_service_and_no_formulas(full_record: ServiceRecord) -> None:
    risky = full_record.model_copy(update={"conditions": "=HYPERLINK(1)"})
    content = write_csv([risky])
    assert content.startswith(b"\xef\xbb\xbfcode,name_zh,")
    assert "'=HYPERLINK(1)" in content.decode()


def test_lists_are_one_per_line_while_that_is_possible(full_record: ServiceRecord) -> None:
    cells = to_cells(full_record)
    assert cells["themes"] == "户籍办理\n迁居"
    assert cells["materials"].startswith("[")
    assert cells["promised_limit"] == "0 day"
    assert set(cells) == set(COLUMNS)


def test_a_hand_made_table_with_few_columns_is_enough(tmp_path: Path) -> None:
    text = "code,name_zh,department,materials\nA-1,居住证,公安局,身份证\n"
    batch = read(tmp_path / "a.csv", text.encode(), date(2024, 1, 1))
    (_, record) = batch.records["A-1"]
    assert record.materials[0].name == "身份证"
    assert record.as_of == date(2024, 1, 1)


def test_broken_rows_are_rejected_with_line_and_reason_and_the_rest_stays(tmp_path: Path) -> None:
    good = "A-{},名,D,,2024-01-01\n"
    rows = [
        *(
            "code,name_zh,department,visits,as_of\n",
            good.format(1),
            "A-2,\udcff,D,,2024-01-01\n",
            "A-3,n,D\n",
        ),
        *("A-4,n,D,many,2024-01-01\n", "\n", good.format(5), f"A-6,{'x' * (MAX_LINE + 1)},D,,2024-01-01\n"),
        *(good.format(1), "A-8,n,D,1,never\n", good.format(9)),
    ]
    content = "".join(rows).encode("utf-8", "surrogateescape")
    batch = read(tmp_path / "a.csv", content)
    assert list(batch.records) == ["A-1", "A-5", "A-9"]
    found = {(one.line, one.code, one.reason.split(":")[0]) for one in batch.rejected}
    assert found == {
        (3, None, "not UTF-8"),
        (4, "A-3", "expected 5 cells, got 3"),
        (5, "A-4", "visits"),
        (8, None, "line too long"),
        (9, "A-1", "duplicate code"),
        (10, "A-8", "as_of"),
    }


def test_a_table_without_the_needed_columns_is_rejected_as_a_whole(tmp_path: Path) -> None:
    batch = read(tmp_path / "a.csv", b"code,title\nA-1,x\n")
    assert [one.reason for one in batch.rejected] == ["columns missing: name_zh, department"]
