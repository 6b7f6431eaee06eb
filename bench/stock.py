"""Stock Rasa: a throw-away project with its default pipeline and policies, our domain, rules and examples."""

import importlib.metadata
import shutil
from pathlib import Path
from typing import Any

import yaml

from bench.machine import Processes, quiet
from bench.system import System
from connectors.cli.places import BOT_PYTHON, ROOT

RASA = BOT_PYTHON.with_name("rasa")
EPOCHS = 100
"""What Rasa's starter configuration says."""

ACTIONS = '''"""Actions with fixed wording: nothing is looked up, in favour of stock Rasa."""

from rasa_sdk import Action


def fixed(called):
    class Fixed(Action):
        def name(self):
            return called

        def run(self, dispatcher, tracker, domain):
            dispatcher.utter_message(text="fixed wording of " + called)
            return []

    return Fixed


'''


def pipeline(epochs: int = EPOCHS, tokenizer: str = "JiebaTokenizer") -> list[dict[str, Any]]:
    """Rasa's default pipeline; Chinese needs its JiebaTokenizer in place of the WhitespaceTokenizer."""
    grams = {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}
    return [
        {"name": tokenizer},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", **grams},
        {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True},
        {"name": "EntitySynonymMapper"},
        {"name": "ResponseSelector", "epochs": epochs, "constrain_similarities": True},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ]


def policies(epochs: int = EPOCHS) -> list[dict[str, Any]]:
    """Rasa's default policies."""
    return [
        {"name": "MemoizationPolicy"},
        {"name": "RulePolicy"},
        {"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": epochs},
        {"name": "TEDPolicy", "max_history": 5, "epochs": epochs, "constrain_similarities": True},
    ]


def with_jieba(folder: Path) -> dict[str, str]:
    """Variables with which Rasa finds jieba: the bot's environment has none, so the app's is copied."""
    site = folder / "site"
    for file in importlib.metadata.distribution("jieba").files or []:
        if file.parts[0].startswith("jieba") and file.suffix != ".pyc":
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), target)
    return {"PYTHONPATH": str(site)}


class Stock(System):
    """Rasa's server with its REST channel, and rasa-sdk's own action server."""

    title = "stock Rasa"

    def __init__(self, folder: Path, epochs: int = EPOCHS):
        super().__init__(folder)
        self._count = 0
        self._jieba = with_jieba(folder)
        self._write("config.yml", self.config(epochs))
        self._write("credentials.yml", {"rest": None})
        shutil.copytree(ROOT / "bot" / "domain", folder / "domain")
        for room in ("nlu/data", "bot/rules", "bot/stories"):
            for file in (ROOT / room).glob("*.yml"):
                if file.name.startswith("test_"):
                    continue  # conversations for `rasa test`, nothing to learn from
                target = folder / "data" / room / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
        domains = [yaml.safe_load(file.read_text()) for file in sorted((folder / "domain").glob("*.yml"))]
        names = [
            name for domain in domains for name in domain.get("actions", []) if name.startswith("action_")
        ]
        classes = "\n".join(f"{name.title().replace('_', '')} = fixed({name!r})" for name in names)
        (folder / "actions.py").write_text(ACTIONS + classes + "\n")

    @staticmethod
    def config(epochs: int) -> dict[str, Any]:
        """Its configuration."""
        head = {"recipe": "default.v1", "assistant_id": "stock", "language": "zh"}
        return {**head, "pipeline": pipeline(epochs), "policies": policies(epochs)}

    def _write(self, name: str, content: Any) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))

    def home(self) -> Path:
        """Its project."""
        return self.folder

    def environment(self) -> dict[str, str]:
        """Nothing but what keeps it within its folder."""
        return {**quiet(self.folder), **self._jieba}

    async def train(self, longest: float) -> float:
        """Plain ``rasa train``."""
        model = ["--fixed-model-name", "model", "--out", str(self.model.parent)]
        options = ["--domain", "domain", "--data", "data", "--skip-validation", *model]
        command = [str(RASA), "train", *options]
        return await Processes(self.folder, self.environment()).run("training stock Rasa", command, longest)

    async def launch(self, processes: Processes) -> None:
        """``rasa run`` and the action server."""
        rasa, actions = map(str, self.ports)
        self._write("endpoints.yml", {"action_endpoint": {"url": f"http://127.0.0.1:{actions}/webhook"}})
        serve = [str(BOT_PYTHON), "-m", "rasa_sdk", "--port", actions, "--actions", "actions"]
        await processes.start("actions", serve)
        model = ["--model", str(self.model)]
        files = ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
        await processes.start("rasa", [str(RASA), "run", "-i", "127.0.0.1", "-p", rasa, *model, *files])

    async def open(self) -> str:
        """A sender that Rasa has not seen."""
        self._count += 1
        return f"sender-{self._count}"

    async def ask(self, conversation: str, text: str) -> list[dict[str, Any]]:
        """The messages that answer a text."""
        url = f"http://127.0.0.1:{self.ports[0]}/webhooks/rest/webhook"
        async with self.session.post(url, json={"sender": conversation, "message": text}) as response:
            return list(await response.json()) if response.status == 200 else []
