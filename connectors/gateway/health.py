"""What works: for the page, for load balancers and for operators."""

from aiohttp import web

from connectors.gateway import metrics
from connectors.gateway.parts import parts


async def health(request: web.Request) -> web.Response:
    """GET: each part and its state. 200 when questions can be answered, 503 while starting or down."""
    p = parts(request)
    bot = await p.bot.alive()
    found = {
        "bot": "ok" if bot else ("down" if p.warm else "starting"),
        "catalogue": ("stale" if p.catalogue.failing else "ok") if p.catalogue.ready else "down",
        "database": f"down: {p.catalogue.failing}" if p.catalogue.failing else "ok",
    }
    if not p.warm:
        status = "starting"
    elif not bot or not p.catalogue.ready:
        status = "down"
    else:
        status = "degraded" if p.catalogue.failing else "ok"
    answering = status in ("ok", "degraded")
    return web.json_response({"status": status, "parts": found}, status=200 if answering else 503)


async def exposition(request: web.Request) -> web.Response:
    """GET: metrics for Prometheus."""
    metrics.services.set(len(parts(request).catalogue.snapshot.services))
    return web.Response(
        body=metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    )


def routes() -> list[web.RouteDef]:
    """Routes for operators."""
    return [web.get("/health", health), web.get("/metrics", exposition)]
