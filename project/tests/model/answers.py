"""What a write is answered with, and what all writes have in common: who is signed out gets 401, and nobody has an
edge to themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from project.tests.model.world import World

P = ParamSpec("P")


@dataclass(frozen=True)
class Answer:
    """The status, and where it is to be compared the body as in `views`."""

    status: int
    body: Any = None


Write = Callable[Concatenate[World, str, P], Answer]


def signed_in(write: Write[P]) -> Write[P]:
    """Sessions end with the account's leaving (R12), and none begins before it is back."""

    @wraps(write)
    def checked(w: World, actor: str, *args: P.args, **kwargs: P.kwargs) -> Answer:
        if not w.active(actor):
            return Answer(401)
        return write(w, actor, *args, **kwargs)

    return checked
