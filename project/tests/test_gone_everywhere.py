"""Who leaves is in no list and no count anywhere, and who comes back is back complete (R16, R17, R36).

The test walks every GET operation of the document with things of and around one account, whose texts all carry a
marker, for several viewers: before, while it is gone, and after it has come back."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest

from content.tests.kit import comment, publish, ready_media
from content.tests.stories_kit import tell, view
from project.api import api
from project.testing.cast import PASSWORD, make_member
from project.testing.client import ApiClient

MARKER = "zzmarker"
DOCUMENT = json.loads(json.dumps(api.get_openapi_schema()))
READS = [
    (op["operationId"], path.removeprefix("/api/v1"))
    for path, item in DOCUMENT["paths"].items()
    for method, op in item.items()
    # The one GET that acts is no list of anything.
    if method == "get" and op["operationId"] != "account_delete_confirm"
]
# Asked with each of these as well as without any.
QUERIES: dict[str, list[dict[str, Any]]] = {
    "search_all": [{"q": MARKER}, {"q": "sunset"}],
    "search_users": [{"q": MARKER}, {"q": MARKER[:5]}],
    "search_posts": [{"q": MARKER}, {"q": "sunset"}],
    "search_hashtags": [{"q": f"{MARKER}tag"}],
    "posts_list": [
        {"author": MARKER},
        {"hashtag": f"{MARKER}tag"},
        {"search": "sunset"},
        {"feed": "home"},
        {"ordering": "-likes"},
    ],
    "likes_list": [{"user": MARKER}],
    "posts_popular_list": [{"window": "day"}],
    "users_posts_list": [{"tab": "reposts"}, {"tab": "tagged"}],
    "follow_requests_list": [{"direction": "incoming"}, {"direction": "outgoing"}],
    "users_get": [{"include": "posts,likes"}],
    "users_list": [{"search": MARKER}, {"ordering": "likes_received"}],
}


class World:
    """One account that everybody has to do with, and what is between them."""

    def __init__(self, cast: Any, staff: Any) -> None:
        self.gone = make_member(MARKER, f"{MARKER} person")
        gone = self.gone
        gone.api.patch(f"/profiles/{gone.id}/", {"bio": f"{MARKER} bio", "website": f"https://{MARKER}.org"})
        gone.api.put(f"/profiles/{gone.id}/status/", {"text": f"{MARKER} status"})
        gone.api.put(f"/profiles/{gone.id}/avatar/", {"media": ready_media(gone.id)})
        for friend in (cast.ada, cast.cyd):
            friend.follow(gone)
            gone.follow(friend)
        cast.ada.follow(cast.cyd)
        cast.bob.go_private()
        gone.follow(cast.bob)
        cast.dan.block(gone, scope="posts")
        gone.block(cast.dan, scope="stories")
        self.theirs = publish(gone, caption=f"{MARKER} sunset #{MARKER}tag", title=f"{MARKER} title")
        self.adas = publish(cast.ada, caption="an evening", tagged=[gone.id])
        self.comments = [
            comment(cast.ada, self.theirs, "below theirs")["id"],
            (above := comment(gone, self.adas, f"{MARKER} comment"))["id"],
            comment(cast.ada, self.adas, "an answer to them", reply_to=above["id"])["id"],
            (mine := comment(cast.ada, self.adas, "by ada"))["id"],
            comment(gone, self.adas, f"{MARKER} reply", reply_to=mine["id"])["id"],
        ]
        for who, post in ((gone, self.adas), (cast.ada, self.theirs), (cast.cyd, self.adas)):
            assert who.api.put(f"/posts/{post['id']}/like/").status_code == 201
        for who, post in ((gone, self.adas), (cast.ada, self.theirs), (cast.cyd, self.theirs)):
            assert who.api.put(f"/posts/{post['id']}/repost/").status_code == 201
            assert who.api.put(f"/posts/{post['id']}/save/").status_code == 201
            assert who.api.post(f"/posts/{post['id']}/share/").status_code == 201
        self.likes = [
            like["id"]
            for post in (self.adas, self.theirs)
            for like in cast.ada.api.get("/likes/", query={"post": post["id"]}).json().get("results", [])
        ]
        self.stories = [tell(gone), tell(cast.ada), tell(gone, audience="close_friends")]
        for story in self.stories[:2]:
            view(cast.cyd, story)
            view(gone, story)
        self.viewers = {
            "ada": cast.ada.api,
            "bob": cast.bob.api,
            "cyd": cast.cyd.api,
            "dan": cast.dan.api,
            "nobody": ApiClient(),
            "staff": staff.api,
        }
        self.values: dict[str, list[Any]] = {
            "user": [MARKER, gone.id, cast.ada.id, cast.cyd.id],
            "post_id": [self.theirs["id"], self.adas["id"]],
            "comment_id": self.comments,
            "story_id": [story["id"] for story in self.stories],
            "like_id": self.likes or [1],
            "media_id": [
                *(m["id"] for post in (self.theirs, self.adas) for m in post["media"]),
                *(story["media"]["id"] for story in self.stories),
            ],
            "name": [f"{MARKER}tag"],
            "tag": [f"{MARKER}tag"],
        }

    def answers(self) -> dict[tuple[str, str], Any]:
        """(viewer, address) → status and body, without what differs from one moment to the next."""
        found = {}
        for name, path in READS:
            for target in self._targets(path):
                for query in [{}, *QUERIES.get(name, []), *self._ids(name)]:
                    for viewer, client in self.viewers.items():
                        answer = client.get(target, query=query)
                        body = _steady(answer.json()) if "json" in answer.get("Content-Type", "") else None
                        if name == "users_list" and body and answer.status_code == 200:
                            # By last activity, which goes on while the walk takes longer than a minute.
                            body["results"].sort(key=lambda row: row["id"])
                        found[viewer, f"{target}?{json.dumps(query)}"] = (answer.status_code, body)
        return found

    def _targets(self, path: str) -> list[str]:
        names = re.findall(r"{(\w+)}", path)
        choices = [self.values.get(name, [1]) for name in names]
        template = re.sub(r"{\w+}", "{}", path)
        return [template.format(*values) for values in itertools.product(*choices)]

    def _ids(self, name: str) -> list[dict[str, Any]]:
        if name == "relationships_list":
            return [{"users": ",".join(str(id_) for id_ in self.values["user"][1:])}]
        if name == "posts_list":
            return [{"author": self.gone.id}]
        if name == "likes_list":
            return [
                {"post": self.adas["id"]},
                {"user": self.gone.id},
                {"post": self.adas["id"], "user": self.gone.id},
            ]
        if name == "likes_batch":
            return [{"ids": ",".join(str(id_) for id_ in self.values["post_id"])}]
        return []


def _steady(value: Any) -> Any:
    """The answer without signatures, times of measurement and request ids."""
    if isinstance(value, dict):
        return {
            k: (v is not None) if k in ("next", "previous") else _steady(v)
            for k, v in value.items()
            if k not in ("request_id", "last_activity_at", "seconds", "checks", "views", "reach")
        }
    if isinstance(value, list):
        return [_steady(v) for v in value]
    if isinstance(value, str) and "/media/" in value:
        return re.sub(r"\?.*|/files/.*", "", value)
    return value


@pytest.fixture
def world(threaded_cast, drain_outbox):
    world = World(threaded_cast, make_member("sam", "Sam Staff", is_staff=True))
    drain_outbox()
    return world


def leave_by_deactivation(world):
    assert world.gone.api.post("/deactivate-account/").status_code == 204


def leave_by_deletion(world):
    answer = world.gone.api.delete(f"/users/{world.gone.id}/", {"password": PASSWORD})
    assert answer.status_code == 204


@pytest.mark.parametrize(
    "go", [leave_by_deactivation, pytest.param(leave_by_deletion, marks=pytest.mark.slow)]
)
def test_r17_who_leaves_is_nowhere_and_r16_comes_back_complete(world, drain_outbox, go):
    before = world.answers()
    seen = {address for (_, address), (_, body) in before.items() if MARKER in json.dumps(body)}
    assert len(seen) > 20, "the account is hardly anywhere to begin with"

    go(world)
    # At once, whatever the relay does later.
    for _ in range(2):
        for (viewer, address), (status, body) in world.answers().items():
            assert status < 500, (viewer, address)
            echoed = address.split("?")[0].endswith(f"/{MARKER}tag/") and body.get("post_count") == 0
            assert MARKER not in json.dumps(body) or echoed, (viewer, address, body)
            assert str(world.gone.id) not in re.findall(r'"(?:id|account_id)": (\d+)', _accounts(body))
        numbers(world, likes=1, comments=1, followers=0, following=1)
        drain_outbox()

    restored = ApiClient().post("/restore-account/", {"identifier": MARKER, "password": PASSWORD})
    assert restored.status_code == 200, restored.content
    assert restored.json()["account"]["id"] == world.gone.id
    numbers(world, likes=2, comments=4, followers=1, following=2)
    drain_outbox()
    after = world.answers()
    assert after.keys() == before.keys()
    for where, answer in before.items():
        assert after[where] == answer, where


def _accounts(body: Any) -> str:
    """The accounts in a body, as JSON: whatever has a username."""
    found: list[Any] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "username" in value:
                found.append({"id": value["id"]})
            for part in value.values():
                walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)

    walk(body)
    return json.dumps(found)


def numbers(world, *, likes, comments, followers, following):
    """Ada's numbers, as everybody sees them."""
    for viewer in ("cyd", "dan", "staff"):
        client = world.viewers[viewer]
        post = client.get(f"/posts/{world.adas['id']}/").json()
        assert (post["like_count"], post["comment_count"]) == (likes, comments), viewer
        profile = client.get("/profiles/ada/").json()
        assert (profile["followers_count"], profile["following_count"]) == (followers, following), viewer
    told = world.viewers["ada"].get(f"/stories/{world.stories[1]['id']}/").json()
    assert told["viewer_count"] == likes
    if followers == 0:
        assert world.viewers["ada"].get("/followers/ada/").json()["count"] == 0
        assert world.viewers["bob"].get("/follow-requests/").json()["results"] == []
