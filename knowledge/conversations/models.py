"""Tables of conversations. Texts are scrubbed before they come here; tokens are kept as hashes only."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base
from knowledge.services.models import now


class Conversation(Base):
    """A citizen's conversation on one channel. ``language``: the pinned language, or None for per message."""

    __tablename__ = "conversation"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(20))
    language: Mapped[str | None] = mapped_column(String(10))
    context: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    active_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, index=True)


class Turn(Base):
    """One message and its replies, scrubbed of personal data."""

    __tablename__ = "turn"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    trace_id: Mapped[str] = mapped_column(String(40), index=True)
    said: Mapped[str] = mapped_column(Text)
    replies: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    outcome: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(10))
    milliseconds: Mapped[int] = mapped_column(Integer)
    rating: Mapped[int | None] = mapped_column(Integer)
    rating_reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
