"""Checks of the settings: names that mean nothing, secrets that protect nothing."""

import difflib
from collections.abc import Iterator, Mapping

from connectors.cli.checks import Finding, ok, problem, warning
from connectors.cli.places import bot_address, is_local
from knowledge.settings import Settings

PREFIX = "SUIWEN_"
BOT_ONLY = {"SUIWEN_ACTION_URL", "SUIWEN_GAZETTEER_URL"}
"""Read by the bot's own files, not by the settings class."""

LEAST_SECRET = 16
DEFAULTS = {
    "changeme",
    "change-me",
    "secret",
    "password",
    "token",
    "admin",
    "test",
    "suiwen",
    "example",
    "xxx",
}


def known() -> set[str]:
    """Names of all variables that mean something."""
    return {PREFIX + name.upper() for name in Settings.model_fields} | BOT_ONLY


def unknown(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Every variable with the prefix is one that exists."""
    names = known()
    strangers = [
        name for name in sorted(environment) if name.upper().startswith(PREFIX) and name.upper() not in names
    ]
    for name in strangers:
        close = difflib.get_close_matches(name.upper(), names, n=1, cutoff=0.6)
        mend = f"Did you mean {close[0]}?" if close else "Remove it; the README lists all settings."
        yield warning("settings", f"{name} is not a setting", mend)
    if not strangers:
        count = sum(name.upper() in names for name in environment)
        yield ok("settings", f"{count} set in the environment, all known")


def secrets(settings: Settings) -> Iterator[Finding]:
    """The secret between bot and app is there when it must be, and cannot be guessed."""
    token = settings.action_token.get_secret_value()
    local = is_local(bot_address(settings)[0])
    make = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
    if not token and local:
        yield ok("action token", "not set: only this machine may call the actions")
    elif not token:
        yield problem(
            "action token",
            "the bot is on another machine and no token is set",
            f"{make}; set SUIWEN_ACTION_TOKEN",
        )
    elif token.lower() in DEFAULTS or len(token) < LEAST_SECRET or len(set(token)) < 6:
        yield problem("action token", "SUIWEN_ACTION_TOKEN can be guessed", make)
    else:
        yield ok("action token", "set")
    if settings.trusted_proxies == 0 and not is_local_only(settings):
        said = f"the app listens on {settings.http_host} without a proxy in front"
        yield warning("exposure", said, "Put a TLS proxy in front and set SUIWEN_TRUSTED_PROXIES.")


def is_local_only(settings: Settings) -> bool:
    """Whether only this machine reaches the app."""
    return settings.http_host in ("localhost", "::1") or settings.http_host.startswith("127.")
