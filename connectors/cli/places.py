"""Where things are in this house, and the addresses that follow from the settings."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from knowledge.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "knowledge" / "seed"
PROCFILE = ROOT / "Procfile"
BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
EVERYWHERE = ("", "0.0.0.0", "::")


def app_url(settings: "Settings") -> str:
    """The app's address as this machine reaches it."""
    host = settings.http_host
    shown = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{settings.http_port}"


def bot_address(settings: "Settings") -> tuple[str, int]:
    """Host and port of the bot."""
    url = urlsplit(settings.bot_url)
    return url.hostname or "127.0.0.1", url.port or 5005


def bot_health(settings: "Settings") -> str:
    """The URL that answers once the bot has loaded its model."""
    return settings.bot_url.rstrip("/") + "/webhooks/suiwen/"


def is_local(host: str) -> bool:
    """Whether a host name means this machine."""
    return host in (*EVERYWHERE, "localhost", "::1") or host.startswith("127.")
