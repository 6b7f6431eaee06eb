"""How well intents are understood: our components against Rasa's default pipeline, on the same examples."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.machine import quiet
from bench.questions import VARIETIES, Sentence, sentences
from bench.stock import pipeline, with_jieba
from bench.system import rasa_job
from connectors.cli.model import ENVIRONMENT
from connectors.cli.places import ROOT

DATA = ROOT.parent / "shared" / "data" / "intents"
MISSING = (
    f"the public intent sets are not beside the repository ({DATA}): only our own sentences are measured"
)
FALLBACK = "nlu_fallback"
LONGEST = 7200.0
"""Seconds for a training; stock Rasa goes a hundred times through five thousand examples."""


@dataclass(frozen=True)
class Task:
    """Examples to learn from (a file or folder of Rasa's format) and sentences to try."""

    name: str
    language: str
    examples: Path
    tried: Sequence[Sentence]


def own() -> Task:
    """Our own examples and the sentences kept for evaluation."""
    return Task("Suiwen's intents", "zh", ROOT / "nlu" / "data", sentences())


def public(folder: Path) -> list[Task]:
    """The public sets: HWU64 with ten examples an intent, and xSID in English and in Chinese."""
    if not DATA.is_dir():
        return []
    hwu = {part: _pairs(DATA / "hwu64" / part) for part in ("train_10", "test")}
    tasks = [_task(folder, "HWU64, 10 examples", "en", hwu["train_10"], hwu["test"])]
    for language, title in (("en", "xSID English"), ("zh", "xSID Chinese")):
        known, tried = (_conll(DATA / "xsid" / f"{language}.{part}.conll") for part in ("valid", "test"))
        tasks.append(_task(folder, title, language, known, tried))
    return tasks


def _pairs(folder: Path) -> list[tuple[str, str]]:
    texts, labels = ((folder / name).read_text(encoding="utf-8").splitlines() for name in ("seq.in", "label"))
    return list(zip(texts, labels, strict=True))


def _conll(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    texts, labels = (
        [line.partition(" = ")[2] for line in lines if line.startswith(f"# {key} = ")]
        for key in ("text", "intent")
    )
    return list(zip(texts, labels, strict=True))


def _task(
    folder: Path, name: str, language: str, known: list[tuple[str, str]], tried: list[tuple[str, str]]
) -> Task:
    """A task; a slash in an intent's name means something else to Rasa and is replaced."""
    by_intent: dict[str, list[str]] = {}
    for text, label in known:
        by_intent.setdefault(label.replace("/", "."), []).append(f"- {text}")
    blocks = [{"intent": label, "examples": "\n".join(texts) + "\n"} for label, texts in by_intent.items()]
    path = folder / f"{name.replace(' ', '-').replace(',', '')}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False))
    return Task(name, language, path, [Sentence(t, language, label.replace("/", ".")) for t, label in tried])


async def understand(task: Task, folder: Path, *, stock: bool) -> dict[str, Any]:
    """Trains one of the two on a task and tries it; see ``measured``."""
    home, environment = _project(task, folder, stock)
    job = {
        "model": str(folder / "model.tar.gz"),
        "train": {"config": str(folder / "config.yml"), "nlu": str(task.examples)},
        "texts": [s.text for s in task.tried],
    }
    try:
        result = await rasa_job(home, {**environment, **quiet(folder)}, folder, job, LONGEST)
    finally:
        shutil.rmtree(folder / "cache", ignore_errors=True)
    return measured(task, result)


def _project(task: Task, folder: Path, stock: bool) -> tuple[Path, dict[str, str]]:
    """Writes the configuration; where Rasa is to run, and with which variables."""
    folder.mkdir(parents=True, exist_ok=True)
    head = {"recipe": "default.v1", "assistant_id": "eval", "language": task.language}
    if stock:
        tokenizer = "JiebaTokenizer" if task.language == "zh" else "WhitespaceTokenizer"
        steps, home, environment = pipeline(tokenizer=tokenizer), folder, with_jieba(folder)
    else:
        config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
        steps, home, environment = config["pipeline"], ROOT, ENVIRONMENT
    (folder / "config.yml").write_text(yaml.safe_dump(head | {"pipeline": steps}, sort_keys=False))
    return home, environment


def measured(task: Task, result: dict[str, Any]) -> dict[str, Any]:
    """Of 100 sentences: ``best guess`` right; as delivered ``right``, ``wrong`` or ``unsure`` (fallback)."""
    rows = []
    for sentence, one in zip(task.tried, result["parsed"], strict=True):
        given = one["ranking"][0][0]
        guess = next((name for name, _ in one["ranking"] if name != FALLBACK), "")
        rows.append((sentence, given, guess))
    whole = len(rows)

    def share(count: int, of: int) -> float:
        return round(100 * count / max(1, of), 1)

    found: dict[str, Any] = {
        "sentences": whole,
        "training seconds": round(result["training"], 1),
        "best guess": share(sum(guess == s.intent for s, _, guess in rows), whole),
        "right": share(sum(given == s.intent for s, given, _ in rows), whole),
        "wrong": share(sum(given not in (s.intent, FALLBACK) for s, given, _ in rows), whole),
        "unsure": share(sum(given == FALLBACK for _, given, _ in rows), whole),
    }
    for variety in VARIETIES:
        part = [guess == s.intent for s, _, guess in rows if s.variety == variety]
        if part and len(part) < whole:
            found[variety] = share(sum(part), len(part))
    return found
