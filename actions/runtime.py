"""What the actions of this process work with; set once by the process that mounts them."""

from dataclasses import dataclass

from knowledge.search.catalogue import Catalogue


@dataclass
class Runtime:
    """The catalogue, and the hotline named where no record helps."""

    catalogue: Catalogue | None = None
    city_phone: str = "12345"


runtime = Runtime()


def catalogue() -> Catalogue | None:
    """The catalogue, or None while nothing was loaded."""
    found = runtime.catalogue
    return found if found is not None and found.ready else None
