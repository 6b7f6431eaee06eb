"""How Rasa looks for data: plain ``rasa test`` walks the whole repository, the bot's environment too.

Rasa's package carries test stories of its starter project, which are none of ours. Set once, when
the pipeline or the importer is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import rasa.shared.data


def find(directory: str, wanted: Callable[[str], bool]) -> set[str]:
    """Data files below a folder, as Rasa finds them, but not in virtual environments."""
    found = set()
    for folder, below, files in os.walk(directory):
        below[:] = [name for name in below if not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))]
        paths = (os.path.join(folder, name) for name in files)
        found.update(path for path in paths if rasa.shared.data.is_valid_filetype(path) and wanted(path))
    return found


rasa.shared.data._find_data_files_in_directory = find
