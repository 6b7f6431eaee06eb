"""Runs in the bot's environment (Python 3.10, with Rasa): trains an NLU model if asked to, and parses texts.

``rasa_job.py job.json result.json``. The job: ``model`` (the archive), ``train`` (files ``config`` and
``nlu``; absent: the model is there already), ``warm`` (texts that are not measured), ``texts``. The result:
``training`` in seconds, and for each text in ``parsed`` its ``seconds`` and its ``ranking`` of intents as
(name, confidence).
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

NAMES_SECONDS = 1.5
"""Time for the pipeline to fetch the names it looks for from the app, where there is one."""


async def parse(model: str, warm: list[str], texts: list[str]) -> list[dict[str, Any]]:
    """Parses texts one after another with the pipeline of a model."""
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    if os.environ.get("SUIWEN_GAZETTEER_URL"):
        await asyncio.sleep(NAMES_SECONDS)
    for text in warm:
        await agent.parse_message(text)
    parsed = []
    for text in texts:
        begun = time.perf_counter()
        found = await agent.parse_message(text)
        seconds = time.perf_counter() - begun
        ranking = [(i["name"], i["confidence"]) for i in (found["intent"], *found["intent_ranking"])]
        parsed.append({"seconds": seconds, "ranking": ranking})
    return parsed


def train(model: Path, config: str, nlu: str) -> float:
    """Trains an NLU model; its seconds."""
    from rasa.model_training import train_nlu

    begun = time.perf_counter()
    if not train_nlu(config, nlu, str(model.parent), fixed_model_name=model.name.removesuffix(".tar.gz")):
        raise SystemExit("the model could not be trained")
    return time.perf_counter() - begun


def main() -> None:
    """Does the job."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    sys.path[0] = os.getcwd()  # the pipeline's components are found from there, not beside this file
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    model = Path(job["model"])
    training = train(model, **job["train"]) if job.get("train") else 0.0
    parsed = asyncio.run(parse(str(model), job.get("warm", []), job["texts"]))
    result = {"training": training, "parsed": parsed}
    Path(sys.argv[2]).write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
