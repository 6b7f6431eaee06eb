"""Each check of ``suiwen doctor`` sees what is wrong and says how to mend it."""

import json
import os
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.cli.checks import contents, machine, processes, variables
from knowledge.settings import Settings
from tests.connectors.cli.conftest import Run


def states(findings: object) -> list[str]:
    return [finding.state for finding in findings]  # type: ignore[attr-defined]


def test_a_misspelt_setting_is_found_with_the_closest_name() -> None:
    (finding,) = variables.unknown({"SUIWEN_HTP_PORT": "1", "SUIWEN_HTTP_PORT": "2", "PATH": ""})
    assert finding.state == "warning"
    assert "SUIWEN_HTTP_PORT" in finding.mend


def test_settings_of_the_bot_are_known() -> None:
    (finding,) = variables.unknown({"SUIWEN_ACTION_URL": "http://x", "SUIWEN_ACTION_TOKEN": "t"})
    assert finding.state == "ok"


@pytest.mark.parametrize("token", ["secret", "short", "aaaaaaaaaaaaaaaaaaaaaaaa"])
def test_a_secret_that_can_be_guessed_is_a_problem(token: str) -> None:
    assert states(variables.secrets(Settings(action_token=SecretStr(token)))) == ["problem"]


def test_a_bot_elsewhere_needs_a_secret() -> None:
    elsewhere = Settings(bot_url="http://bot.internal:5005")
    assert states(variables.secrets(elsewhere)) == ["problem"]
    assert states(
        variables.secrets(elsewhere.model_copy(update={"action_token": SecretStr("k9-Xw27bQz_41mLfT")}))
    ) == ["ok"]


def test_an_app_open_to_the_network_needs_a_proxy() -> None:
    assert states(variables.secrets(Settings(http_host="0.0.0.0"))) == ["ok", "warning"]


def test_a_missing_database_is_a_problem_with_a_remedy(data_dir: Path) -> None:
    (finding,) = contents.database(Settings(data_dir=data_dir))
    assert finding.state == "problem"
    assert "suiwen db upgrade" in finding.mend


def test_an_empty_catalogue_is_a_problem(migrated: Path) -> None:
    found = list(contents.database(Settings(data_dir=migrated)))
    assert states(found) == ["ok", "problem"]
    assert "suiwen import seed" in found[1].mend


def test_services_that_cannot_be_found_are_a_problem() -> None:
    counts = {"services": 3, "departments": 1, "offices": 0, "search phrases": 1}
    assert contents.catalogue(counts).state == "problem"
    assert contents.catalogue(counts | {"search phrases": 9}).state == "ok"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_folder_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert states(contents.folder(Settings(data_dir=tmp_path))) == ["problem"]


def test_a_data_folder_that_is_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert states(contents.folder(Settings(data_dir=tmp_path / "file"))) == ["problem"]


def test_a_taken_port_is_a_problem_that_names_who_has_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings = Settings(http_port=port, bot_url="http://bot.internal:5005")
        (finding,) = machine.ports(settings, app=False, bot=False)
        assert finding.state == "problem"
        assert f"process {os.getpid()}" in finding.said
        assert states(machine.ports(settings, app=True, bot=False)) == ["ok"]


def test_an_environment_older_than_its_lock_is_noticed(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "bot"):
        (folder / ".venv").mkdir(parents=True)
        (folder / "uv.lock").write_text("new")
    (tmp_path / ".venv" / "uv.lock").write_text("new")
    (tmp_path / "bot" / ".venv" / "uv.lock").write_text("old")
    assert states(machine.environments(tmp_path)) == ["ok", "warning"]


def test_a_process_that_does_not_answer_is_a_warning(data_dir: Path) -> None:
    assert processes.app(Settings()).state == "warning"
    assert processes.bot(Settings()).state == "warning"


def test_a_broken_installation_fails_and_can_be_read_by_machines(suiwen: Run) -> None:
    result = suiwen("doctor", "--json")
    assert result.exit_code == 1
    found = {finding["check"]: finding for finding in json.loads(result.stdout)}
    assert found["database"]["state"] == "problem"
    assert all(finding["mend"] for finding in found.values() if finding["state"] != "ok")


def test_a_check_that_breaks_does_not_stop_the_others(suiwen: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError("no disk today")

    monkeypatch.setattr(machine, "disk", broken)
    result = suiwen("doctor")
    assert "no disk today" in result.output
    assert "memory" in result.output
