"""How many requests a conversation and a network address may make."""

import math
import time

from aiohttp import web
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from connectors.gateway import metrics
from connectors.gateway.problems import Problem
from knowledge.settings import Settings


class Limits:
    """Sliding windows of a minute in the memory of this process, counted, so that a hit costs the same however many."""

    def __init__(self, settings: Settings):
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._items = {
            "conversation": RateLimitItemPerMinute(settings.rate_per_minute),
            "address": RateLimitItemPerMinute(settings.rate_per_address),
        }
        self._proxies = settings.trusted_proxies

    def check(self, scope: str, key: str) -> None:
        """Counts a request. Raises Problem 429 with Retry-After when there were too many."""
        item = self._items[scope]
        if self._limiter.hit(item, scope, key):
            return
        metrics.limited(scope)
        reset = self._limiter.get_window_stats(item, scope, key).reset_time
        wait = max(1, math.ceil(reset - time.time()))
        raise Problem(429, f"Too many requests; try again in {wait} s.", {"Retry-After": str(wait)})

    def address(self, request: web.Request) -> str:
        """The client's address; X-Forwarded-For counts only as far as there are trusted proxies."""
        if self._proxies:
            hops = [
                hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()
            ]
            if len(hops) >= self._proxies:
                return hops[-self._proxies]
        return request.remote or "unknown"
