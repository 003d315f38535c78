"""Who sees a post: audiences × relations × places (R01, R20-R22, R32-R35, R50)."""

from __future__ import annotations

import pytest

from content.tests.kit import ids_of, publish
from graph.rows import AccountFacts
from graph.writes.close_friends import add_close_friend
from graph.writes.mutes import mute

MARK = "markerstring"


def facts(member):
    return AccountFacts(member.id, member.username, "", False, True)


def relate(viewer, author, relation):
    """Bring the viewer into a relation to the author."""
    match relation:
        case "stranger":
            return
        case "follower":
            viewer.follow(author)
        case "close_friend":
            viewer.follow(author)
            add_close_friend(facts(author), facts(viewer))
        case "blocked":
            author.block(viewer)
        case "blocker":
            viewer.block(author)
        case "scoped":
            viewer.follow(author)
            author.block(viewer, "posts")
        case "muter":
            viewer.follow(author)
            mute(facts(viewer), facts(author), posts=True, stories=True, notifications=True, expires_at=None)


# (audience, relation) → does the viewer see a public author's post by its id
SEES = {
    ("everyone", "stranger"): True,
    ("everyone", "follower"): True,
    ("everyone", "close_friend"): True,
    ("everyone", "blocked"): False,
    ("everyone", "blocker"): False,
    ("everyone", "scoped"): False,
    ("everyone", "muter"): True,
    ("followers", "stranger"): False,
    ("followers", "follower"): True,
    ("followers", "blocked"): False,
    ("followers", "scoped"): False,
    ("followers", "muter"): True,
    ("close_friends", "stranger"): False,
    ("close_friends", "follower"): False,
    ("close_friends", "close_friend"): True,
    ("close_friends", "blocked"): False,
}


@pytest.mark.parametrize(("audience", "relation", "sees"), [(*key, sees) for key, sees in SEES.items()])
def test_r01_r33_r35_every_place_gives_the_same_verdict(cast, audience, relation, sees):
    post = publish(cast.ada, audience=audience, caption=f"{MARK} #{MARK}", tagged=[cast.dan.id])
    public = audience == "everyone"
    if public:
        assert cast.cyd.api.put(f"/posts/{post['id']}/repost/").status_code == 201
    relate(cast.bob, cast.ada, relation)
    bob = cast.bob.api
    follows = relation in ("follower", "close_friend", "scoped", "muter")

    direct = bob.get(f"/posts/{post['id']}/")
    assert direct.status_code == (200 if sees else 404)
    for path in ("likes/", "comments/", "reposts/"):
        assert bob.get(f"/posts/{post['id']}/{path}").status_code == direct.status_code
    assert bob.put(f"/posts/{post['id']}/like/").status_code == (201 if sees else 404)
    answer = bob.post(f"/posts/{post['id']}/comments/", {"text": "hello"})
    assert answer.status_code == (201 if sees else 404)

    assert bob.get("/likes/", query={"post": post["id"]}).status_code == direct.status_code
    assert bob.put(f"/posts/{post['id']}/save/").status_code == (201 if sees else 404)
    assert bob.post(f"/posts/{post['id']}/share/").status_code == (201 if sees else 404)
    reposted = bob.put(f"/posts/{post['id']}/repost/")
    assert reposted.status_code == ((201 if public else 403) if sees else 404)

    shown = [post["id"]] if sees else []
    assert list(bob.get("/likes/batch/", query={"ids": post["id"]}).json()) == [str(id_) for id_ in shown]
    liked = bob.get("/likes/", query={"user": "bob"}).json()["results"]
    assert [like["post"]["id"] for like in liked] == shown
    assert ids_of(bob.get("/saved/")) == shown
    assert ids_of(bob.get("/users/dan/posts/", query={"tab": "tagged"})) == shown
    assert ids_of(bob.get("/users/cyd/posts/", query={"tab": "reposts"})) == (shown if public else [])
    # R34: what is muted is not put before one.
    assert ids_of(bob.get("/posts/popular/")) == ([] if relation == "muter" else shown)
    assert ids_of(bob.get("/posts/")) == shown
    assert ids_of(bob.get("/posts/", query={"author": "ada"})) == shown
    assert ids_of(bob.get("/posts/", query={"hashtag": MARK})) == shown
    assert ids_of(bob.get("/posts/", query={"search": MARK})) == shown
    grid = bob.get("/users/ada/posts/")
    if relation in ("blocked", "blocker"):
        assert grid.status_code == 404
    else:
        assert ids_of(grid) == shown
    # Home is for those whom one follows; R34: a mute empties it and nothing else.
    home = shown if follows and relation != "muter" else []
    assert ids_of(bob.get("/feed/")) == home
    assert ids_of(bob.get("/posts/", query={"feed": "home"})) == home


@pytest.mark.parametrize("audience", ["everyone", "followers", "close_friends"])
def test_signed_out_readers_see_only_what_is_for_everyone(cast, anonymous, audience):
    post = publish(cast.ada, audience=audience, caption=f"#{MARK}")
    shown = [post["id"]] if audience == "everyone" else []
    assert ids_of(anonymous.get("/posts/")) == shown
    assert ids_of(anonymous.get("/posts/", query={"hashtag": MARK})) == shown
    assert anonymous.get(f"/posts/{post['id']}/").status_code == (200 if shown else 404)
    assert anonymous.get("/feed/").status_code == 401
    assert anonymous.get("/posts/", query={"feed": "home"}).status_code == 401
    assert anonymous.put(f"/posts/{post['id']}/like/").status_code == 401


def test_r22_a_private_accounts_posts_are_404_by_id_and_403_as_a_list(cast, anonymous):
    post = publish(cast.ada)
    cast.bob.follow(cast.ada)
    cast.ada.go_private()
    assert cast.bob.api.get(f"/posts/{post['id']}/").status_code == 200
    assert ids_of(cast.bob.api.get("/users/ada/posts/")) == [post["id"]]
    assert cast.cyd.api.get(f"/posts/{post['id']}/").status_code == 404
    refused = cast.cyd.api.get("/users/ada/posts/")
    assert (refused.status_code, refused.json()["code"]) == (403, "private-account")
    assert ids_of(cast.cyd.api.get("/posts/")) == []
    assert anonymous.get(f"/posts/{post['id']}/").status_code == 404
    assert ids_of(anonymous.get("/posts/")) == []
    # R21: asking to follow opens nothing.
    cast.cyd.follow(cast.ada)
    assert cast.cyd.api.get(f"/posts/{post['id']}/").status_code == 404


def test_hidden_and_missing_are_one_answer(cast):
    post = publish(cast.ada, audience="followers")

    def answer(post_id):
        body = cast.bob.api.get(f"/posts/{post_id}/").json()
        return {key: value for key, value in body.items() if key != "request_id"}

    assert answer(post["id"]) == answer(987654321)
    assert cast.bob.api.get("/posts/9223372036854775807/").status_code == 404


@pytest.mark.parametrize("state", ["draft", "scheduled"])
def test_r50_what_is_not_published_is_for_its_owner_and_staff(cast, staff, state):
    times = {"publish_at": "2100-01-01T00:00:00Z"} if state == "scheduled" else {}
    post = publish(cast.ada, state=state, caption=f"#{MARK}", **times)
    cast.bob.follow(cast.ada)
    path = f"/posts/{post['id']}/"
    assert cast.bob.api.get(path).status_code == 404
    assert cast.ada.api.get(path).json()["state"] == state
    assert staff.api.get(path).status_code == 200
    for member in (cast.ada, cast.bob, staff):
        assert ids_of(member.api.get("/posts/")) == []
        assert ids_of(member.api.get("/posts/", query={"hashtag": MARK})) == []
        assert ids_of(member.api.get("/users/ada/posts/")) == []
    assert ids_of(cast.ada.api.get("/feed/")) == []
    assert ids_of(cast.ada.api.get("/posts/drafts/")) == [post["id"]]
    assert ids_of(cast.bob.api.get("/posts/drafts/")) == []
    refused = cast.ada.api.put(f"{path}like/")
    assert (refused.status_code, refused.json()["code"]) == (409, "post-not-published")


def test_r32_people_across_a_block_are_not_named_on_a_third_persons_post(cast):
    post = publish(cast.ada, caption="with @bob and @cyd", tagged=[cast.bob.id, cast.cyd.id])
    cast.bob.block(cast.cyd)

    def named(member):
        shown = member.api.get(f"/posts/{post['id']}/").json()
        return [account["id"] for account in shown["mentions"]], [a["id"] for a in shown["tagged"]]

    assert named(cast.bob) == ([cast.bob.id],) * 2
    assert named(cast.cyd) == ([cast.cyd.id],) * 2
    assert named(cast.ada) == ([cast.bob.id, cast.cyd.id],) * 2
    cast.bob.api.delete(f"/block/{cast.cyd.id}/")
    assert named(cast.cyd) == ([cast.bob.id, cast.cyd.id],) * 2


def test_r17_an_inactive_authors_posts_are_gone_at_once(cast):
    from social.models import Account, AccountState

    post = publish(cast.ada, caption=f"#{MARK}")
    cast.bob.follow(cast.ada)
    Account.objects.filter(pk=cast.ada.id).update(state=AccountState.DEACTIVATED)
    bob = cast.bob.api
    assert bob.get(f"/posts/{post['id']}/").status_code == 404
    assert ids_of(bob.get("/feed/")) == ids_of(bob.get("/posts/")) == []
    assert ids_of(bob.get("/posts/", query={"hashtag": MARK})) == []


def test_r35_posts_for_close_friends_leave_no_trace_in_the_count(cast):
    publish(cast.ada)
    publish(cast.ada, audience="close_friends")
    publish(cast.ada, state="draft")
    add_close_friend(facts(cast.ada), facts(cast.cyd))

    def count(member):
        return member.api.get("/profiles/ada/").json()["posts_count"]

    assert (count(cast.ada), count(cast.bob), count(cast.cyd)) == (2, 1, 2)
