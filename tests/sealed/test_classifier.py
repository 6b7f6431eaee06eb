"""The classifier learns, remembers what it learnt, and says so when it is unsure."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.classifier import CalibratedClassifier
from nlu.components.encoder import EncoderFeaturizer
from nlu.components.script import ScriptFolder

EXAMPLES = {
    "ask_fee": [
        "多少钱",
        "要收费吗",
        "幾多錢",
        "how much is it",
        "费用是多少",
        "is it free",
        "手续费多少",
        "what is the fee",
    ],
    "ask_time": [
        "要多久",
        "幾耐攞到",
        "how long does it take",
        "几天能办好",
        "多长时间",
        "when is it ready",
        "要等几天",
    ],
    "greet": ["你好", "早晨", "hello", "您好", "good morning", "哈囉", "早上好", "hi there"],
}


class Pipeline:
    """Script, encoder and classifier as Rasa would run them."""

    def __init__(self, folder: Path) -> None:
        self.storage = LocalModelStorage(folder)
        self.context = ExecutionContext(GraphSchema({}), node_name="encoder")
        self.script = ScriptFolder.create({}, self.storage, Resource("script"), self.context)
        options = EncoderFeaturizer.get_default_config()
        self.encoder = EncoderFeaturizer.create(options, self.storage, Resource("encoder"), self.context)

    def train(self, **config: object) -> CalibratedClassifier:
        data = TrainingData([Message.build(text, name) for name, texts in EXAMPLES.items() for text in texts])
        data = self.encoder.process_training_data(self.script.process_training_data(data))
        made = CalibratedClassifier.create(config, self.storage, Resource("classifier"), self.context)
        made.train(data)
        return made

    def load(self, **config: object) -> CalibratedClassifier:
        return CalibratedClassifier.load(config, self.storage, Resource("classifier"), self.context)

    def parse(self, classifier: CalibratedClassifier, text: str) -> Message:
        return classifier.process(self.encoder.process(self.script.process([Message({"text": text})])))[0]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


@pytest.mark.parametrize(
    ("text", "intent"),
    [("這個要多少錢", "ask_fee"), ("how much does it cost", "ask_fee"), ("要等多久啊", "ask_time")],
)
def test_what_was_learnt_is_understood_after_loading_too(pipeline: Pipeline, text: str, intent: str) -> None:
    trained = pipeline.parse(pipeline.train(), text)
    loaded = pipeline.parse(pipeline.load(), text)
    assert trained.get("intent")["name"] == loaded.get("intent")["name"] == intent
    assert loaded.get("intent")["confidence"] == pytest.approx(trained.get("intent")["confidence"], abs=0.02)


def test_probabilities_are_ranked_and_sum_to_one(pipeline: Pipeline) -> None:
    ranking = pipeline.parse(pipeline.train(), "多少钱").get("intent_ranking")
    confidences = [guess["confidence"] for guess in ranking]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1, abs=1e-4)


def test_an_unsure_guess_becomes_fallback_and_stays_second(pipeline: Pipeline) -> None:
    message = pipeline.parse(pipeline.train(fallback=0.99), "你好，多少钱，要多久")
    assert message.get("intent")["name"] == "nlu_fallback"
    assert message.get("intent_ranking")[1]["name"] in EXAMPLES


@pytest.mark.parametrize("text", ["", "   ", "👍", "。。。", "%$#", pytest.param("a" * 5000, id="long")])
def test_odd_texts_are_harmless(pipeline: Pipeline, text: str) -> None:
    pipeline.parse(pipeline.train(), text)


def test_a_fallback_that_cannot_work_is_refused() -> None:
    with pytest.raises(ValueError, match="fallback"):
        CalibratedClassifier.validate_config({"fallback": 1.5})


def test_the_language_of_a_message_is_an_entity(pipeline: Pipeline) -> None:
    def language(text: str, **metadata: str) -> str:
        message = pipeline.script.process([Message({"text": text, "metadata": metadata})])[0]
        return str(message.get("entities")[0]["value"])

    assert [language(t) for t in ("要带什么", "要帶什麼", "要帶咩", "what to bring")] == [
        "zh-Hans",
        "zh-Hant",
        "yue",
        "en",
    ]
    assert language("要多久", previous_language="yue") == "yue"
    assert language("hello", language="zh-Hant") == "zh-Hant"
