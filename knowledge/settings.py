"""The settings of every process, read once from environment variables with the prefix ``SUIWEN_``."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All that can be set from outside. The table in the README is checked against these fields by a test."""

    model_config = SettingsConfigDict(env_prefix="SUIWEN_", extra="ignore")

    data_dir: Path = Field(
        Path("var"), description="folder of the SQLite database and everything kept on disk"
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")
    http_host: str = Field("127.0.0.1", description="address the app listens on")
    http_port: int = Field(8080, ge=1, le=65535, description="port the app listens on")
    bot_url: str = Field("http://127.0.0.1:5005", description="where the bot process answers (never public)")
    bot_deadline: float = Field(1.5, gt=0, le=30, description="seconds the gateway waits for the bot")
    action_token: SecretStr = Field(
        SecretStr(""), description="shared secret of bot and action webhook; empty: loopback callers only"
    )
    rate_per_minute: int = Field(1_200, ge=1, description="messages a minute per conversation")
    rate_per_address: int = Field(12_000, ge=1, description="requests a minute per network address")
    trusted_proxies: int = Field(
        0, ge=0, description="reverse proxies in front whose X-Forwarded-For is believed"
    )
    conversation_days: int = Field(30, ge=1, description="days a conversation is kept after its last message")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @property
    def url(self) -> str:
        """The database URL in effect, with an async driver."""
        raw = self.database_url or f"sqlite:///{self.data_dir / 'suiwen.db'}"
        for plain, driver in (
            ("sqlite://", "sqlite+aiosqlite://"),
            ("postgresql://", "postgresql+psycopg://"),
            ("postgres://", "postgresql+psycopg://"),
        ):
            if raw.startswith(plain):
                return driver + raw[len(plain) :]
        return raw


@lru_cache
def settings() -> Settings:
    """The settings of this process (cached; tests clear the cache)."""
    return Settings()
