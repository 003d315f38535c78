"""The relation to many accounts at once."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Router
from pydantic import Field

from project.kernel.errors import FieldProblem, Unprocessable
from project.kernel.inputs import INT64
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.auth import signed_in
from social.hydration import load_cards
from social.presenters import present_relationship
from social.schemas.accounts import Relationship
from social.visibility import load_relations, may_see_account

router = Router(tags=["relationships"])
MAX_BATCH = 100


def parse_ids(text: str) -> list[int]:
    """`1,2,3` → [1, 2, 3]. Raises Unprocessable."""
    parts = [part.strip() for part in text.split(",")]
    if not 1 <= len(parts) <= MAX_BATCH or any(
        not part.isascii() or not part.isdigit() or not 0 < int(part) <= INT64 for part in parts
    ):
        message = f"1 to {MAX_BATCH} account ids, separated by commas"
        raise Unprocessable(errors=[FieldProblem("query/users", "ids_expected", message)])
    return [int(part) for part in parts]


@router.get(
    "/",
    operation_id="relationships_list",
    summary="My relation to many accounts",
    auth=signed_in,
    response={200: Page[Relationship], 503: Problem},
)
def list_relationships(
    request: ViewerRequest,
    users: Annotated[
        str,
        Field(max_length=2100, examples=["2,3,5"]),
        Query(..., description="up to 100 account ids, separated by commas"),
    ],
) -> dict[str, Any]:
    """The relation to each account, in the order asked; unknown and hidden ones are left out. Not paged."""
    ids = list(dict.fromkeys(parse_ids(users)))
    cards = load_cards(ids)
    relations = load_relations(request.auth, cards)
    results = [
        present_relationship(id_, relations[id_])
        for id_ in ids
        if id_ in cards and may_see_account(cards[id_].owner, request.auth, relations[id_])
    ]
    return {"results": results, "next": None, "previous": None}
