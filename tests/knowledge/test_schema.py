"""Rules of the schema: the migrations make what the models say, and can be taken back."""

from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

import knowledge.conversations.models
import knowledge.services.models  # noqa: F401
from knowledge.database import MIGRATIONS, Base


def _engine(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("sqlite+aiosqlite", "sqlite"))


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    engine = _engine(database_url)
    with engine.connect() as connection:
        differences: list[Any] = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert differences == []


def test_the_migrations_can_be_taken_back(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = database_url
    command.downgrade(config, "base")
    engine = _engine(database_url)
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
    command.upgrade(config, "head")
