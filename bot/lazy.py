"""What Rasa's server imports at start but this assistant never uses: imported on first use instead.

``rasa run`` imports TensorFlow, scikit-learn, matplotlib and the clients of a dozen chat services before it
reads the configuration: most of its start and most of its memory. Nothing is replaced or cut out here.
Each name taken from a deferred module stands for the real one, and becomes it as soon as it is called,
subclassed, compared or looked into; modules whose components the model names are never deferred. A pipeline
with DIET or a built-in channel therefore works as ever, and merely pays for its own imports. Only the server
(``bot.serve``) does this; ``rasa train``, ``rasa test`` and ``rasa shell`` are plain.
"""

from __future__ import annotations

import importlib
import json
import sys
import tarfile
from collections.abc import Collection, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

DEFERRED = (
    "rasa.utils.tensorflow.callback",  # TensorFlow: training of DIET, TED and their like
    "rasa.utils.tensorflow.data_generator",  # the same
    "rasa.utils.tensorflow.model_data",  # scikit-learn: the same
    "rasa.core.test",  # matplotlib: `rasa test`, and the evaluation routes of Rasa's HTTP API
    "rasa.nlu.test",  # the same
    # Components of other pipelines: whenever a model is loaded, so is the class that checks a pipeline before
    # training, and that class imports them all.
    "rasa.core.policies.ted_policy",
    "rasa.nlu.classifiers.diet_classifier",
    "rasa.nlu.extractors.crf_entity_extractor",
    "rasa.nlu.selectors.response_selector",
)

CHANNELS = {
    "botframework": "botframework",
    "callback": "callback",
    "console": "cmdline",
    "facebook": "facebook",
    "hangouts": "hangouts",
    "mattermost": "mattermost",
    "rocketchat": "rocketchat",
    "slack": "slack",
    "socketio": "socketio",
    "telegram": "telegram",
    "twilio": "twilio",
    "twilio_voice": "twilio_voice",
    "webexteams": "webexteams",
}
"""Rasa's own channels: module in ``rasa.core.channels``, and the name that Rasa asks it for at start."""


class Deferred:
    """Stands for one name of a deferred module."""

    def __init__(self, module: str, name: str, channel: str | None = None) -> None:
        self._deferred = (module, name, channel)

    def _real(self) -> Any:
        module, name, _ = self._deferred
        return getattr(load(module), name)

    def __getattr__(self, name: str) -> Any:
        channel = self._deferred[2]
        if name == "name" and channel:
            return lambda: channel
        return getattr(self._real(), name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._real()(*args, **kwargs)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self._real(),)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, self._real())

    def __subclasscheck__(self, subclass: type) -> bool:
        return issubclass(subclass, self._real())


class DeferredModule(ModuleType):
    """Stands for a module until it is loaded."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        package, _, last = self.__name__.rpartition(".")
        channel = CHANNELS.get(last) if package == "rasa.core.channels" else None
        return Deferred(self.__name__, name, channel)


class Finder(MetaPathFinder, Loader):
    """Answers imports of deferred modules."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = set(names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a deferred module; None for every other."""
        return ModuleSpec(fullname, self) if fullname in self.names else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A stand-in."""
        return DeferredModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run yet."""


_finder = Finder(())


def load(name: str) -> ModuleType:
    """The real module; it takes the place of its stand-in."""
    _finder.names.discard(name)
    if isinstance(sys.modules.get(name), DeferredModule):
        del sys.modules[name]
    return importlib.import_module(name)


def named(model: str | Path) -> set[str] | None:
    """The modules of all components that a model's archive names; None if it cannot be told beforehand."""
    try:
        with tarfile.open(model) as archive:
            file = next(archive.extractfile(m) for m in archive if m.name.lstrip("./") == "metadata.json")
            metadata = json.load(file) if file else {}
        nodes = [
            node for part in ("train_schema", "predict_schema") for node in metadata[part]["nodes"].values()
        ]
        return {str(node["uses"]).rpartition(".")[0] for node in nodes}
    except (OSError, ValueError, KeyError, StopIteration, tarfile.TarError):
        return None


def defer(needed: Collection[str] = ()) -> None:
    """Defers the modules above, but for those needed; call it before the first import of ``rasa.core``."""
    modules = {*DEFERRED, *(f"rasa.core.channels.{module}" for module in CHANNELS)}
    _finder.names.update(modules.difference(needed))
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
