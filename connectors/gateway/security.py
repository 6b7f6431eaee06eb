"""What every response has: security headers, and errors as problem documents that tell no secrets."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from connectors.gateway.parts import parts
from connectors.gateway.problems import UNEXPECTED, Problem

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=(self), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns exceptions into problem documents; an unexpected one is logged and says nothing."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        details = {404: "There is nothing here.", 405: "This address does not take that method."}
        return Problem(
            error.status, details.get(error.status, "The request cannot be answered."), headers
        ).response()
    except web.RequestPayloadError:
        return Problem(400, "The body is not what its headers say.").response()
    except ConnectionResetError:
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.match_info.route.resource)
        return Problem(500, UNEXPECTED).response()


@web.middleware
async def address_limit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Limits what one network address may ask of the API."""
    if request.path.startswith("/api/"):
        limits = parts(request).limits
        limits.check("address", limits.address(request))
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Adds the security headers; answers of the API are not cached."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith(("/api/", "/internal/", "/health")):
        response.headers.setdefault("Cache-Control", "no-store")
