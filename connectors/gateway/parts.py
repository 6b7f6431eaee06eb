"""The parts that the handlers of one app share."""

from dataclasses import dataclass, field

from aiohttp import web

from connectors.gateway.bot import Bot
from connectors.gateway.conversations import Conversations
from connectors.gateway.limits import Limits
from connectors.gateway.pipeline import Pipeline
from knowledge.database import Database
from knowledge.search.catalogue import Catalogue
from knowledge.settings import Settings


@dataclass
class Parts:
    """Everything that is opened at start and closed at the end."""

    settings: Settings
    database: Database
    catalogue: Catalogue
    bot: Bot
    conversations: Conversations
    pipeline: Pipeline
    limits: Limits
    warm: bool = False
    sockets: set[web.WebSocketResponse] = field(default_factory=set)


PARTS = web.AppKey("parts", Parts)


def parts(request: web.Request) -> Parts:
    """The parts of the app that serves a request."""
    return request.app[PARTS]
