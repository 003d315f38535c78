"""The list of an account's devices: its live sessions, as their owner sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from project.kernel.paging import Entry, PageOf, Position, read_page
from project.kernel.viewer import Viewer
from social.models import Session
from social.services.sessions import live_sessions


def read_sessions(viewer: Viewer, *, scope: str, cursor: str | None, limit: int) -> PageOf[dict[str, Any]]:
    """A page of the viewer's live sessions, the one used last first."""

    def skeleton(position: Position | None, n: int) -> Sequence[Entry[Session]]:
        rows = live_sessions(viewer.id)
        backwards = position is not None and position.backwards
        if position is not None:
            used, pk = position.key
            later = Q(last_used_at__gt=used) | Q(last_used_at=used, pk__gt=pk)
            earlier = Q(last_used_at__lt=used) | Q(last_used_at=used, pk__lt=pk)
            rows = rows.filter(later if backwards else earlier)
        order = ("last_used_at", "pk") if backwards else ("-last_used_at", "-pk")
        return [((row.last_used_at, row.pk), row) for row in rows.order_by(*order)[:n]]

    def keep(rows: Sequence[Session]) -> Sequence[dict[str, Any]]:
        return [present_session(row, viewer) for row in rows]

    return read_page(skeleton, keep, scope=scope, cursor=cursor, limit=limit)


def present_session(row: Session, viewer: Viewer) -> dict[str, Any]:
    """`SessionOut` of a session."""
    return {
        "id": row.pk,
        "current": row.pk == viewer.session_id,
        "device": row.device,
        "ip": row.ip,
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
    }
