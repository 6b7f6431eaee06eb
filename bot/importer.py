"""Lets plain ``rasa train`` and ``rasa test`` find the files of this house."""

from __future__ import annotations

from pathlib import Path

from rasa.shared.importers.rasa import RasaFileImporter

DOMAIN = "bot/domain"
TRAINING_DATA = ["nlu/data", "bot/rules"]


class HouseImporter(RasaFileImporter):
    """Reads the domain from ``bot/domain`` and the data from ``nlu/data`` and ``bot/rules``.

    Paths that a developer names on the command line are used instead; Rasa's defaults (``domain.yml``, ``data``)
    arrive here too and are passed over, since they do not exist in this house.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ):
        given = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        paths = [path for path in given if path and Path(path).exists()]
        domain = domain_path if domain_path and Path(domain_path).exists() else DOMAIN
        super().__init__(config_file, domain, paths or TRAINING_DATA)
