"""Imports and exports from the terminal: complete reports, and exit codes that scripts can rely on."""

import json
from pathlib import Path

from connectors.cli import prepared
from knowledge.settings import Settings
from tests.connectors.cli.conftest import Run

GOOD = {
    "code": "T-1",
    "name": {"zh": "居住证办理"},
    "department": "广州市公安局",
    "as_of": "2024-05-01",
    "source_url": "https://example.org/1",
}


def lines(path: Path, *records: object) -> str:
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8")
    return str(path)


def test_an_import_counts_what_it_did_and_repeats_harmlessly(suiwen: Run, migrated: Path) -> None:
    file = lines(migrated / "services.jsonl", GOOD)
    first, second = suiwen("import", "services", file), suiwen("import", "services", file)
    assert first.exit_code == 0, first.output
    assert "1 added, 0 changed, 0 unchanged" in first.output
    assert "0 added, 0 changed, 1 unchanged" in second.output


def test_a_broken_line_is_named_and_leaves_the_rest_alone(suiwen: Run, migrated: Path) -> None:
    file = lines(migrated / "services.jsonl", GOOD, {"code": "T-2", "name": 5, "department": ""})
    result = suiwen("import", "services", file)
    assert result.exit_code == 0
    assert "1 added" in result.output
    assert f"{file}:2 T-2" in result.output


def test_older_lines_are_named(suiwen: Run, migrated: Path) -> None:
    suiwen("import", "services", lines(migrated / "new.jsonl", GOOD))
    older = GOOD | {"as_of": "2020-01-01", "name": {"zh": "旧居住证"}}
    result = suiwen("import", "services", lines(migrated / "old.jsonl", older))
    assert "older" in result.output
    assert "T-1" in result.output


def test_an_import_of_nothing_readable_fails(suiwen: Run, migrated: Path) -> None:
    assert suiwen("import", "services", lines(migrated / "bad.jsonl", {"code": 1})).exit_code == 1
    assert suiwen("import", "services", str(migrated / "nowhere.csv")).exit_code == 1


def test_the_date_of_the_files_can_be_given(suiwen: Run, migrated: Path) -> None:
    undated = {key: value for key, value in GOOD.items() if key != "as_of"}
    result = suiwen("import", "services", lines(migrated / "a.jsonl", undated), "--as-of", "2023-02-01")
    assert "1 added" in result.output, result.output


def test_an_export_writes_what_was_imported(suiwen: Run, migrated: Path) -> None:
    suiwen("import", "services", lines(migrated / "services.jsonl", GOOD))
    target = migrated / "out" / "services.csv"
    result = suiwen("export", "services", str(target), "--format", "csv")
    assert result.exit_code == 0, result.output
    assert "1 services" in result.output
    assert "T-1" in target.read_text("utf-8-sig")


def test_preparation_is_remembered_until_its_sources_or_the_database_change(
    data_dir: Path, suiwen: Run
) -> None:
    suiwen("db", "upgrade")
    settings = Settings(data_dir=data_dir)
    assert not prepared.is_current(settings)
    prepared.remember(settings)
    assert prepared.is_current(settings)
    (data_dir / "suiwen.db").unlink()
    assert not prepared.is_current(settings)
