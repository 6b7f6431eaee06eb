"""Suiwen, as ``make run`` starts it, with a database, a model and ports of its own."""

import shlex
import shutil
from pathlib import Path
from typing import Any

from bench.machine import Processes, quiet
from bench.system import System
from connectors.cli import model
from connectors.cli.places import PROCFILE, ROOT
from connectors.cli.run import procfile

NO_LIMIT = "100000000"


class Suiwen(System):
    """Bot and app of the Procfile; ``database``: the SQLite file that it gets a copy of."""

    title = "Suiwen"

    def __init__(self, folder: Path, database: Path):
        super().__init__(folder)
        (folder / "var").mkdir(parents=True, exist_ok=True)
        shutil.copy(database, folder / "var" / "suiwen.db")

    def home(self) -> Path:
        """The repository."""
        return ROOT

    def environment(self) -> dict[str, str]:
        """Its own ports and data folder; without limits for one address, since all comes from one here."""
        app = f"http://127.0.0.1:{self.ports[0]}"
        return {
            **quiet(self.folder),
            "SUIWEN_DATA_DIR": str(self.folder / "var"),
            "SUIWEN_DATABASE_URL": "",
            "SUIWEN_HTTP_HOST": "127.0.0.1",
            "SUIWEN_HTTP_PORT": str(self.ports[0]),
            "SUIWEN_BOT_URL": f"http://127.0.0.1:{self.ports[1]}",
            "SUIWEN_ACTION_URL": f"{app}/internal/actions/webhook",
            "SUIWEN_GAZETTEER_URL": f"{app}/internal/gazetteer",
            "SUIWEN_ACTION_TOKEN": "",
            "SUIWEN_RATE_PER_MINUTE": NO_LIMIT,
            "SUIWEN_RATE_PER_ADDRESS": NO_LIMIT,
            "SUIWEN_LOG_LEVEL": "WARNING",
        }

    async def train(self, longest: float) -> float:
        """As ``suiwen train`` does, into the folder."""
        command = [*model.command(), "--fixed-model-name", "model", "--out", str(self.model.parent)]
        processes = Processes(ROOT, {**model.ENVIRONMENT, **quiet(self.folder)})
        return await processes.run("training Suiwen", command, longest)

    async def launch(self, processes: Processes) -> None:
        """Starts what the Procfile names."""
        for name, command in procfile(PROCFILE.read_text()).items():
            more = ["--model", str(self.model)] if name == "bot" else []
            await processes.start(name, [*shlex.split(command.removeprefix("exec ")), *more])

    async def open(self) -> tuple[str, str]:
        """A conversation of the HTTP API: its address and token."""
        url = f"http://127.0.0.1:{self.ports[0]}/api/v1/conversations"
        async with self.session.post(url, json={"language": "auto"}) as response:
            opened = await response.json()
            return f"{url}/{opened['id']}/messages", str(opened["token"])

    async def ask(self, conversation: tuple[str, str], text: str) -> list[dict[str, Any]]:
        """The replies to a message; none if one of them says that something failed."""
        url, token = conversation
        headers = {"Authorization": f"Bearer {token}"}
        async with self.session.post(url, json={"text": text}, headers=headers) as response:
            if response.status != 200:
                return []
            replies: list[dict[str, Any]] = (await response.json())["replies"]
            return [] if any(reply["outcome"] == "failed" for reply in replies) else replies
