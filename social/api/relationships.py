"""Follows, follower lists, blocks, and the relation to many accounts at once."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from graph.queries import lists
from graph.queries.counts import load_counts
from project.kernel.errors import FieldProblem, NotFound, Unprocessable
from project.kernel.idempotency import Claim, Done
from project.kernel.inputs import INT64, Line
from project.kernel.paging import PageOf, PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.access import SeenAccount, access_account, access_lists
from social.auth import signed_in
from social.errors import ListHidden
from social.hydration import load_cards
from social.lists import edge_skeleton, read_accounts
from social.models import Profile
from social.presenters import present_relationship
from social.schemas.accounts import CountedAccountPage, Relationship
from social.schemas.relationships import BlockIn, BlockOut, FollowOut
from social.services import relationships as service
from social.visibility import load_relations, may_see_account

TAG = ["relationships"]
follow = Router(tags=TAG)
followers = Router(tags=TAG)
following = Router(tags=TAG)
blocks = Router(tags=TAG)
relationships = Router(tags=TAG)

Search = Annotated[Line | None, Query(None, max_length=100, description="part of a username or full name")]
MAX_BATCH = 100


@follow.post(
    "/{user}/",
    operation_id="follow_create",
    summary="Follow",
    auth=signed_in,
    response={200: FollowOut, 201: FollowOut, 409: Problem, 503: Problem},
)
def create_follow(request: ViewerRequest, user: str) -> Status[dict[str, Any]]:
    """Follow an account, or ask to where it is private. 201 the first time, 200 when it is so already.

    409 `blocking` where the viewer blocks the account; 422 `self-relationship` for oneself."""
    claim = Claim(request, account_id=request.auth.id, operation="follow_create")
    done = claim.replay()
    if done is None:
        followed = service.follow_account(actor=request.auth, ref=user, claim=claim)
        body = {"state": followed.state, "request_id": followed.request_id}
        claim.finish(Done(201 if followed.created else 200, followed.account_id))
        return Status(201 if followed.created else 200, body)
    # A repeat tells what is so now, or that there is nothing any more.
    relation = access_account(request.auth, str(done.reference)).relation
    if not relation.following and relation.requested is None:
        raise NotFound
    state = "following" if relation.following else "requested"
    return Status(
        done.status, {"state": state, "request_id": None if relation.following else relation.requested}
    )


@follow.delete(
    "/{user}/",
    operation_id="follow_delete",
    summary="Unfollow, or cancel the request",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_follow(request: ViewerRequest, user: str) -> Status[None]:
    """Stop following, or take a pending request back. 204 also when there was neither."""
    service.unfollow_account(actor=request.auth, ref=user)
    return Status(204, None)


def _shown_list(request: ViewerRequest, user: str, switch: str) -> SeenAccount:
    seen = access_lists(request.auth, user)
    if not seen.relation.is_self and not request.auth.is_staff:
        shown = Profile.objects.filter(pk=seen.id).values_list(switch, flat=True).first()
        if not shown:
            raise ListHidden
    return seen


def _answer(request: ViewerRequest, response: HttpResponse, page: PageOf[Any], count: int) -> dict[str, Any]:
    add_links(request, response, page)
    return page.as_dict(count=count)


@followers.get(
    "/{user}/",
    operation_id="followers_list",
    summary="Followers of an account",
    auth=signed_in,
    response={200: CountedAccountPage, 503: Problem},
)
def list_followers(
    request: ViewerRequest,
    response: HttpResponse,
    user: str,
    page: Query[PageQuery],
    search: Search = None,
) -> dict[str, Any]:
    """Who follows {user}, newest first. `count` is the same for every viewer, whoever of them is hidden here.

    403 `private-account` for a private account that the viewer does not follow."""
    seen = _shown_list(request, user, "show_followers")
    result = read_accounts(
        edge_skeleton(lists.followers, seen.id, viewer=request.auth, search=search),
        request.auth,
        scope=scope_of("followers_list", [seen.id, search]),
        cursor=page.cursor,
        limit=page.limit,
    )
    return _answer(request, response, result, load_counts([seen.id])[seen.id].followers)


@followers.delete(
    "/{user}/",
    operation_id="followers_remove",
    summary="Remove a follower",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_follower(request: ViewerRequest, user: str) -> Status[None]:
    """Make {user} stop following me, silently. 204 also when they did not."""
    service.remove_follower(actor=request.auth, ref=user)
    return Status(204, None)


@following.get(
    "/{user}/",
    operation_id="following_list",
    summary="Accounts that an account follows",
    auth=signed_in,
    response={200: CountedAccountPage, 503: Problem},
)
def list_following(
    request: ViewerRequest,
    response: HttpResponse,
    user: str,
    page: Query[PageQuery],
    search: Search = None,
) -> dict[str, Any]:
    """Whom {user} follows, newest first. `count` is the same for every viewer, whoever of them is hidden here.

    403 `private-account` for a private account that the viewer does not follow."""
    seen = _shown_list(request, user, "show_following")
    result = read_accounts(
        edge_skeleton(lists.following, seen.id, viewer=request.auth, search=search),
        request.auth,
        scope=scope_of("following_list", [seen.id, search]),
        cursor=page.cursor,
        limit=page.limit,
    )
    return _answer(request, response, result, load_counts([seen.id])[seen.id].following)


@following.delete(
    "/{user}/",
    operation_id="following_remove",
    summary="Unfollow",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_following(request: ViewerRequest, user: str) -> Status[None]:
    """Stop following {user}. 204 also when I did not."""
    service.unfollow_account(actor=request.auth, ref=user)
    return Status(204, None)


@blocks.get(
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


@blocks.post(
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
    done = claim.replay()
    if done is None:
        card_id, created = service.block_account(actor=request.auth, ref=user, scope=body.scope, claim=claim)
        done = Done(201 if created else 200, card_id)
        claim.finish(done)
    relation = access_account(request.auth, str(done.reference)).relation
    return Status(done.status, present_relationship(done.reference, relation))


@blocks.delete(
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


def parse_ids(text: str) -> list[int]:
    """`1,2,3` → [1, 2, 3]. Raises Unprocessable."""
    parts = [part.strip() for part in text.split(",")]
    if not 1 <= len(parts) <= MAX_BATCH or any(
        not part.isascii() or not part.isdigit() or not 0 < int(part) <= INT64 for part in parts
    ):
        message = f"1 to {MAX_BATCH} account ids, separated by commas"
        raise Unprocessable(errors=[FieldProblem("query/users", "ids_expected", message)])
    return [int(part) for part in parts]


@relationships.get(
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
