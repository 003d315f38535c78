"""What this app knows of accounts, batched for `social.registries.account_facts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Count, Q

from content.models import Post, PostAudience, PostState
from project.kernel.viewer import Viewer
from social.visibility import STRANGER, Owner, Relation, may_know_of_close_friends

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
