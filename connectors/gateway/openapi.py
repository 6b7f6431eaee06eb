"""The OpenAPI document of the HTTP API; its schemas are made from the types that check the requests."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from pydantic.json_schema import models_json_schema

from connectors.contract import Replies
from connectors.gateway.api import Opening, Posting, RatingBody

FILE = Path(__file__).with_name("openapi.yml")


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole document."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    models: list[Any] = [
        (Opening, "validation"),
        (Posting, "validation"),
        (RatingBody, "validation"),
        (Replies, "serialization"),
    ]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")
    found["components"]["schemas"] |= schemas["$defs"]
    return found


async def serve(request: web.Request) -> web.Response:
    """GET: the document as JSON."""
    return web.json_response(document())


def routes() -> list[web.RouteDef]:
    """The route of the document."""
    return [web.get("/api/v1/openapi.json", serve)]
