"""What this app knows of accounts, batched for `social.registries.account_facts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Count, Q

from content.access import story_gate
from content.models import Post, PostAudience, PostState, Story
from project.kernel.clock import now
from project.kernel.viewer import Viewer
from social.models import AccountState
from social.visibility import STRANGER, Owner, Relation, Surface, may_know_of_close_friends, may_see

AccountId = int


def posts_count(
    ids: Sequence[AccountId], viewer: Viewer, relations: Mapping[AccountId, Relation]
) -> dict[AccountId, int]:
    """account id → number of published posts, one query; absent for none.

    The same for every viewer, except that posts for close friends leave no trace to others, counts included
    (R35)."""

    def insiders(private: bool) -> list[AccountId]:
        # Whether an account is private is known to the query alone: both verdicts are asked for.
        return [
            id_
            for id_ in ids
            if may_know_of_close_friends(
                Owner(id_, active=True, private=private), viewer, relations.get(id_, STRANGER)
            )
        ]

    rows = (
        Post.objects.filter(author_id__in=ids, state=PostState.PUBLISHED)
        .filter(
            ~Q(audience=PostAudience.CLOSE_FRIENDS)
            | Q(author_id__in=insiders(private=True))
            | Q(author_id__in=insiders(private=False), author__is_private=False)
        )
        .values_list("author_id")
        .annotate(number=Count("id"))
        .order_by()
    )
    return dict(rows)


def has_story(
    ids: Sequence[AccountId], viewer: Viewer, relations: Mapping[AccountId, Relation]
) -> dict[AccountId, bool]:
    """account id → True where it has a live story that the viewer may see, one query; absent where not.

    Judged as its list of stories is, so that no ring tells of what the list hides (R33, R35, R56)."""
    if not viewer.signed_in:
        return {}
    moment = now()
    rows = (
        Story.objects.filter(author_id__in=ids, expires_at__gt=moment)
        .order_by()
        .values_list("author_id", "author__state", "author__is_private", "audience", "expires_at")
    )
    found: dict[AccountId, bool] = {}
    for author_id, state, private, audience, expires_at in rows:
        gate = story_gate(Owner(author_id, state == AccountState.ACTIVE, private), audience, expires_at)
        relation = relations.get(author_id, STRANGER)
        if may_see(gate, viewer, relation, Surface.PROFILE, moment=moment):
            found[author_id] = True
    return found
