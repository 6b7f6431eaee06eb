"""Rasa's model is trained when what it is made from changed, and only then."""

from pathlib import Path

import pytest

from connectors.cli import model, prepared
from tests.connectors.cli.conftest import Run


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house with one source, and a model of it."""
    for module in (model, prepared):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    for name, file in (("MODEL", "suiwen.tar.gz"), ("STAMP", "suiwen.sources"), ("LOG", "training.log")):
        monkeypatch.setattr(model, name, tmp_path / "models" / file)
    (tmp_path / "nlu" / "data").mkdir(parents=True)
    (tmp_path / "models").mkdir()
    (tmp_path / "nlu" / "data" / "a.yml").write_text("one")
    model.MODEL.write_text("model")
    model.STAMP.write_text(model.current())
    return tmp_path


def test_a_model_of_what_is_there_is_not_stale(house: Path) -> None:
    assert not model.stale()


@pytest.mark.parametrize("change", ["edit", "add", "rename", "no model", "no stamp"])
def test_any_change_makes_it_stale(house: Path, change: str) -> None:
    data = house / "nlu" / "data"
    if change == "edit":
        (data / "a.yml").write_text("two")
    elif change == "add":
        (data / "b.yml").write_text("")
    elif change == "rename":
        (data / "a.yml").rename(data / "c.yml")
    elif change == "no model":
        model.MODEL.unlink()
    else:
        model.STAMP.unlink()
    assert model.stale()


def test_bytecode_is_no_source(house: Path) -> None:
    cache = house / "nlu" / "data" / "__pycache__"
    cache.mkdir()
    (cache / "a.pyc").write_text("")
    assert not model.stale()


def test_a_failed_training_shows_its_end_and_stays_stale(
    house: Path, monkeypatch: pytest.MonkeyPatch, suiwen: Run
) -> None:
    (house / "nlu" / "data" / "a.yml").write_text("broken")
    monkeypatch.setattr(model, "command", lambda: ["sh", "-c", "echo Contradicting rules; exit 1"])
    result = suiwen("train")
    assert result.exit_code == 1
    assert "Contradicting rules" in result.output
    assert model.stale()


def test_training_without_need_does_nothing(
    house: Path, monkeypatch: pytest.MonkeyPatch, suiwen: Run
) -> None:
    monkeypatch.setattr(model, "command", lambda: ["false"])
    assert "up to date" in suiwen("train").output
