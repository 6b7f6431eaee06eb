"""Alembic's entry: runs migrations over a synchronous connection of the same URL that the app uses."""

from alembic import context
from sqlalchemy import create_engine, pool

import knowledge.conversations.models
import knowledge.services.models  # noqa: F401
from knowledge.database import Base
from knowledge.settings import settings

SYNC = {"sqlite+aiosqlite": "sqlite"}


def run() -> None:
    """Applies the migrations in one transaction, so that a failure leaves the schema as it was."""
    url = context.config.attributes.get("url") or settings().url
    driver, _, rest = url.partition("://")
    engine = create_engine(f"{SYNC.get(driver, driver)}://{rest}", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
