"""What the actions of this process work with; set once by the process that mounts them."""

from dataclasses import dataclass

from knowledge.search.catalogue import Catalogue


@dataclass
class Runtime:
    """The catalogue; None until the process that mounts the actions sets it."""

    catalogue: Catalogue | None = None


runtime = Runtime()


def catalogue() -> Catalogue | None:
    """The catalogue, or None while nothing was loaded."""
    found = runtime.catalogue
    return found if found is not None and found.ready else None
