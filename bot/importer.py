"""Lets Rasa's commands find the files of this house without arguments."""

from __future__ import annotations

import warnings
from pathlib import Path

from rasa.shared.constants import DEFAULT_DATA_PATH
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.data import get_data_files
from rasa.shared.importers.rasa import RasaFileImporter

import bot.walk  # noqa: F401  the same files as `rasa test`

DOMAIN = "bot/domain"
TRAINING_DATA = ["nlu/data", "bot/rules"]
TEST_STORIES = ["bot/stories"]

# Rasa looks in rules alone, but most wording is named by actions: tests/bot/test_wording.py looks in both.
warnings.filterwarnings("ignore", "The utterance .* is not used in any story or rule")


class HouseImporter(RasaFileImporter):
    """Reads the domain from ``bot/domain``, examples from ``nlu/data``, rules from ``bot/rules``.

    Paths that a developer names on the command line are used instead. Rasa's default for all data, ``data``,
    is passed over: it holds what ``rasa test`` measures, which must never be learnt.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ):
        given = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        paths = [path for path in given if path and path != DEFAULT_DATA_PATH and Path(path).exists()]
        domain = domain_path if domain_path and Path(domain_path).exists() else DOMAIN
        super().__init__(config_file, domain, paths or TRAINING_DATA)
        self._conversation_test_files = get_data_files(TEST_STORIES, YAMLStoryReader.is_test_stories_file)
