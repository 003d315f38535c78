"""Blocks: whom I block, blocking and unblocking."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from graph.queries import lists
from project.kernel.idempotency import Claim, Done
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.access import relation_after
from social.auth import signed_in
from social.lists import edge_skeleton, read_accounts
from social.presenters import present_relationship
from social.schemas.accounts import Relationship
from social.schemas.relationships import BlockIn, BlockOut
from social.services import relationships as service

router = Router(tags=["relationships"])


@router.get(
    "/",
    operation_id="blocks_list",
    summary="Accounts that I block",
    auth=signed_in,
    response={200: Page[BlockOut], 503: Problem},
)
def list_blocks(request: ViewerRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """Whom I block and how far, newest first."""

    def present(row: Any, brief: dict[str, Any]) -> dict[str, Any]:
        scopes = {"all": row.block.all, "posts": row.block.posts, "stories": row.block.stories}
        return {"account": brief, "blocking": scopes, "since": row.since}

    def own_blocks(owner_id: int, **options: Any) -> Any:
        # The viewer's blocks must not hide the list of them.
        return lists.blocks(owner_id, **{**options, "hide_for": None})

    result = read_accounts(
        edge_skeleton(own_blocks, request.auth.id, viewer=request.auth),
        request.auth,
        scope=scope_of("blocks_list", [request.auth.id]),
        cursor=page.cursor,
        limit=page.limit,
        present=present,
        blocked_too=True,
    )
    add_links(request, response, result)
    return result.as_dict()


@router.post(
    "/{user}/",
    operation_id="blocks_create",
    summary="Block",
    auth=signed_in,
    response={200: Relationship, 201: Relationship, 409: Problem, 503: Problem},
)
def create_block(request: ViewerRequest, user: str, payload: BlockIn | None = None) -> Status[dict[str, Any]]:
    """Block an account: wholly (default), which ends follows and requests both ways, or only my `posts` or `stories`
    for them, which ends nothing. 201 where there was no block before, else 200. The blocked one is not told."""
    body = payload or BlockIn()
    claim = Claim(request, account_id=request.auth.id, operation="blocks_create", body=body.model_dump_json())
    replayed = done = claim.replay()
    if done is None:
        card_id, created = service.block_account(actor=request.auth, ref=user, scope=body.scope, claim=claim)
        done = Done(201 if created else 200, card_id)
        claim.finish(done)
    relation = relation_after(request.auth, done.reference, replayed=replayed is not None)
    return Status(done.status, present_relationship(done.reference, relation))


@router.delete(
    "/{user}/",
    operation_id="blocks_delete",
    summary="Unblock",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_block(
    request: ViewerRequest,
    user: str,
    scope: Annotated[
        str | None,
        Query(None, pattern="^(all|posts|stories)$", description="one scope; without it all of the block"),
    ] = None,
) -> Status[None]:
    """Take back a block, or one scope of it. What it had ended stays ended. 204 also when there was none."""
    service.unblock_account(actor=request.auth, ref=user, scope=scope)  # type: ignore[arg-type]
    return Status(204, None)
