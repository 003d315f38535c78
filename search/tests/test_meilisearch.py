"""The Meilisearch engine's own promises: declared indexes, checked tasks, rebuilds without a gap, and what happens
where the server or its key is not there. Skipped where MEILISEARCH_URL is not set, but for the last ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import connection

from project import doctor
from project.kernel.clock import now
from project.outbox.emit import emit
from project.outbox.models import OutboxRow
from project.outbox.relay import drain
from project.outbox.topics import Topic
from project.testing.cast import Cast, make_member
from search.documents import PostDocument, UserDocument
from search.drift import measure_drift
from search.engine import Index, Search
from search.engines import get_engine
from search.errors import DocumentsRefused, SearchUnavailable
from search.meilisearch import MeilisearchEngine, declared
from search.meilisearch import engine as engine_module
from search.meilisearch.server import KeyRefused
from search.tests.conftest import meilisearch_engine
from search.tests.publishing import publish
from social.models import Account

Drain = Callable[[], int]


@pytest.fixture
def meilisearch(_indexes: None) -> Iterator[MeilisearchEngine]:
    """The engine, without any index."""
    engine = meilisearch_engine()
    engine.remove()
    yield engine
    engine.remove()


@pytest.fixture
def in_use(meilisearch: MeilisearchEngine, settings: Any) -> MeilisearchEngine:
    """The engine, used by the service."""
    settings.MEILISEARCH_URL = settings.TEST_MEILISEARCH_URL
    return meilisearch


def names(engine: MeilisearchEngine) -> set[str]:
    """The indexes there are of this prefix."""
    found = engine.server.get("indexes?limit=1000")["results"]
    return {row["uid"] for row in found if row["uid"].startswith(f"{engine.prefix}_")}


def users(count: int, start: int = 1) -> list[UserDocument]:
    return [UserDocument(n, f"singer{n}", "", n % 5) for n in range(start, start + count)]


def ids(engine: MeilisearchEngine, query: str) -> list[int]:
    return [hit.id for hit in engine.search(Index.USERS, query, limit=50)]


# ---- indexes


def test_a_search_before_anything_was_written_finds_nothing_and_makes_the_indexes_as_declared(
    meilisearch: MeilisearchEngine,
) -> None:
    assert meilisearch.search(Index.USERS, "john", limit=5) == []
    assert meilisearch.outdated() == {}
    held = meilisearch.server.get(f"indexes/{meilisearch.uid(Index.POSTS)}/settings")
    assert declared.differences(held) == []
    assert held["typoTolerance"]["minWordSizeForTypos"] == {"oneTypo": 4, "twoTypos": 9}


def test_prefixes_keep_installations_on_one_server_apart(meilisearch: MeilisearchEngine) -> None:
    other = MeilisearchEngine(meilisearch.server.url, configured.MEILISEARCH_KEY, f"{meilisearch.prefix}x")
    try:
        meilisearch.upsert_users([UserDocument(1, "john", "", 0)])
        assert other.search(Index.USERS, "john", limit=5) == []
        other.reset(Index.USERS)
        assert ids(meilisearch, "john") == [1]
    finally:
        other.remove()


def test_changed_settings_are_noticed_by_doctor_and_mended_by_a_rebuild(
    cast: Cast, in_use: MeilisearchEngine, drain_outbox: Drain
) -> None:
    call_command("rebuild", "search")
    assert doctor.CHECKS["search"]().level == "ok"
    assert "Meilisearch 1." in doctor.CHECKS["search"]().message
    uid = in_use.uid(Index.USERS)
    in_use.server.finish(in_use.server.patch(f"indexes/{uid}/settings", {"prefixSearch": "indexingTime"}))
    finding = doctor.CHECKS["search"]()
    assert finding.level == "warn"
    assert "users: other settings: prefixSearch" in finding.message
    assert "rebuild search" in finding.advice
    call_command("rebuild", "search-users")
    assert doctor.CHECKS["search"]().level == "ok"
    assert ids(in_use, "lovelace") == [cast.ada.id]


def test_a_changed_declaration_is_noticed_by_doctor_and_applied_by_a_rebuild(
    cast: Cast, in_use: MeilisearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("rebuild", "search")
    monkeypatch.setattr(engine_module, "VERSION", "99-other")
    assert set(in_use.outdated()) == set(Index)
    call_command("rebuild", "search")
    assert in_use.outdated() == {}


def test_a_setting_that_search_needs_missing_makes_search_unavailable_and_says_why(
    meilisearch: MeilisearchEngine, caplog: pytest.LogCaptureFixture
) -> None:
    meilisearch.upsert_users(users(1))
    uid = meilisearch.uid(Index.USERS)
    meilisearch.server.finish(
        meilisearch.server.patch(f"indexes/{uid}/settings", {"filterableAttributes": []})
    )
    with pytest.raises(SearchUnavailable, match="not filterable"):
        meilisearch.search(Index.USERS, "singer", limit=5)
    meilisearch.repair(Index.USERS)
    assert ids(meilisearch, "singer") == [1]


# ---- writing


def test_a_document_that_cannot_be_held_does_not_keep_its_batch_out(meilisearch: MeilisearchEngine) -> None:
    bad = UserDocument("no id!", "singer", "", 0)  # type: ignore[arg-type]
    with pytest.raises(DocumentsRefused) as refused:
        meilisearch.upsert_users([*users(30), bad, *users(30, 31)])
    assert refused.value.ids == ("no id!",)
    assert meilisearch.count(Index.USERS) == 60
    assert ids(meilisearch, "singer45")[0] == 45


def test_threads_that_write_and_search_at_once_get_their_own_answers(meilisearch: MeilisearchEngine) -> None:
    def work(number: int) -> list[list[int]]:
        meilisearch.upsert_users([UserDocument(number, f"voice{number}x", "", 0)])
        return [ids(meilisearch, f"voice{number}x")[:1] for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(10, 26)))
    assert found == [[[number]] * 20 for number in range(10, 26)]


def test_pages_go_on_behind_the_thousandth_hit(meilisearch: MeilisearchEngine) -> None:
    """R58"""
    meilisearch.upsert_users(users(1234))
    walked = meilisearch.search(Index.USERS, "singer", limit=400)
    while step := meilisearch.search(Index.USERS, "singer", limit=400, after=walked[-1].key):
        walked += step
    assert len({hit.id for hit in walked}) == len(walked) == 1234
    assert [hit.key for hit in walked] == sorted((h.key for h in walked), key=lambda k: (k[0], -k[1], k[2]))
    assert list(meilisearch.document_ids(Index.USERS)) == list(range(1, 1235))


def test_what_meilisearch_forgives_beyond_the_rules_is_left_out(meilisearch: MeilisearchEngine) -> None:
    when = now()
    meilisearch.upsert_posts(
        [
            PostDocument(1, "", "the sun set", (), when),  # Meilisearch splits words
            PostDocument(2, "", "harbourlights", (), when),  # and joins them
            PostDocument(3, "", "olexandria", (), when),  # and takes a wrong first letter for two typos
        ]
    )
    for query in ("sunset", "harbour lights", "alexandria"):
        assert meilisearch.search(Index.POSTS, query, limit=5) == [], query


def test_hits_are_still_found_behind_many_that_are_refused(meilisearch: MeilisearchEngine) -> None:
    when = now()
    refused = [PostDocument(n, "", "alexamdria", (), when) for n in range(1, 201)]
    for document in refused:
        object.__setattr__(document, "caption", "olexandria")
    meilisearch.upsert_posts([*refused, PostDocument(900, "", "alexandrea", (), when)])
    assert [hit.id for hit in meilisearch.search(Index.POSTS, "alexandria", limit=5)] == [900]


def test_searching_for_everything_is_one_round_trip(
    cast: Cast, in_use: MeilisearchEngine, drain_outbox: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        make_member(f"harbour{n}")
        publish(cast.ada, f"harbour {n} #harbour{n}")
    drain_outbox()
    engine = get_engine()
    assert isinstance(engine, MeilisearchEngine)
    asked: list[int] = []
    plain = engine._multi_search

    def counting(queries: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        asked.append(len(queries))
        return plain(queries)

    monkeypatch.setattr(engine, "_multi_search", counting)
    body = cast.bob.api.get("/search/", query={"q": "harbour", "limit": 2}).json()
    assert {name: len(found) for name, found in body.items()} == {"users": 2, "posts": 2, "hashtags": 2}
    assert asked == [6]
    asked.clear()
    hits = engine.search_many([Search(index, "hrabour", 2) for index in Index])
    assert [len(found) for found in hits] == [0, 2, 0]
    assert len(asked) == 2


# ---- rebuilding


def test_during_a_rebuild_search_answers_from_the_old_index_and_nothing_written_meanwhile_is_lost(
    threaded_cast: Cast, in_use: MeilisearchEngine, drain_outbox: Drain
) -> None:
    """R80: writers, readers and a relay of its own while the index is made anew, again and again."""
    members = [make_member(f"singer{n:02}") for n in range(20)]
    drain_outbox()
    stop = threading.Event()
    gaps: list[int] = []

    def guarded(work: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                while not stop.is_set():
                    work()
            finally:
                connection.close()

        return run

    def read() -> None:
        found = len(in_use.search(Index.USERS, "singer", limit=50))
        if found != len(members):
            gaps.append(found)

    renamed: dict[int, int] = {}

    def write() -> None:
        member = members[sum(renamed.values()) % len(members)]
        renamed[member.id] = renamed.get(member.id, 0) + 1
        Account.objects.filter(pk=member.id).update(full_name=f"round {renamed[member.id]}")
        emit(Topic.ACCOUNT, member.id)

    threads = [
        threading.Thread(target=guarded(work)) for work in (read, write, lambda: drain(["search-users"]))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            call_command("rebuild", "search-users")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    drain_outbox()
    assert gaps == []
    assert not OutboxRow.objects.filter(consumer="search-users").exists()
    assert renamed
    for member_id, times in renamed.items():
        hits = in_use.search(Index.USERS, f"round {times}", limit=50)
        assert member_id in [hit.id for hit in hits if hit.tier == 0], (member_id, times)
    assert measure_drift(Index.USERS).clean
    assert in_use.next_uid(Index.USERS) not in names(in_use)


def test_what_falls_due_in_a_rebuild_is_in_the_old_index_at_once_and_in_the_new_one_after(
    cast: Cast, in_use: MeilisearchEngine, drain_outbox: Drain
) -> None:
    from search.projections import index_users

    drain_outbox()
    index_users([cast.ada.id, cast.bob.id])
    with in_use.rebuilding(Index.USERS) as writer:
        index_users([cast.ada.id, cast.bob.id], writer)
        Account.objects.filter(pk=cast.bob.id).update(full_name="Robert Kahn")
        Account.objects.filter(pk=cast.ada.id).delete()
        in_use.upsert_users([UserDocument(cast.bob.id, "bob", "Robert Kahn", 0)])
        in_use.delete(Index.USERS, [cast.ada.id])
        assert ids(in_use, "robert") == [cast.bob.id]
        assert ids(in_use, "ada") == []
    assert ids(in_use, "robert") == [cast.bob.id]
    assert ids(in_use, "ada") == []


def test_a_rebuild_that_fails_or_is_killed_leaves_the_old_index_and_the_next_one_clears_up(
    meilisearch: MeilisearchEngine,
) -> None:
    meilisearch.upsert_users(users(3))

    def fail() -> None:
        with meilisearch.rebuilding(Index.USERS) as writer:
            writer.upsert_users(users(1, 77))
            raise RuntimeError("away")

    with pytest.raises(RuntimeError):
        fail()
    assert ids(meilisearch, "singer") == [3, 2, 1]
    assert meilisearch.next_uid(Index.USERS) not in names(meilisearch)
    # Killed: nobody has cleared up.
    left = meilisearch.next_uid(Index.USERS)
    meilisearch._make(left)
    meilisearch.server.finish(
        meilisearch.server.post(f"indexes/{left}/documents", [{"id": 88, "words": ["ghost"]}])
    )
    with meilisearch.rebuilding(Index.USERS) as writer:
        writer.upsert_users(users(2))
    assert ids(meilisearch, "singer") == [2, 1]
    assert ids(meilisearch, "ghost") == []


def test_a_bad_document_does_not_keep_a_rebuild_from_its_end(meilisearch: MeilisearchEngine) -> None:
    bad = UserDocument("no id!", "singer", "", 0)  # type: ignore[arg-type]
    with meilisearch.rebuilding(Index.USERS) as writer:
        writer.upsert_users([*users(5), bad])
    assert meilisearch.count(Index.USERS) == 5


# ---- where it is not there


def test_a_refused_key_is_unavailable_to_members_and_named_to_operators(
    cast: Cast, meilisearch: MeilisearchEngine, settings: Any
) -> None:
    settings.MEILISEARCH_URL = settings.TEST_MEILISEARCH_URL
    settings.MEILISEARCH_KEY = "not the key"
    response = cast.ada.api.get("/search/users/", query={"q": "bob"})
    assert (response.status_code, response.json()["code"]) == (503, "search-unavailable")
    assert "MEILISEARCH_KEY" not in str(response.json())
    with pytest.raises(KeyRefused, match="MEILISEARCH_KEY"):
        get_engine().describe()
    (finding,) = [finding for finding in doctor.examine() if finding.name == "search"]
    assert finding.level == "fail"
    assert "refuses MEILISEARCH_KEY" in finding.message


def test_without_the_server_search_alone_is_unavailable_and_writes_wait_in_the_outbox(
    cast: Cast, settings: Any, drain_outbox: Drain
) -> None:
    """R80"""
    settings.MEILISEARCH_URL = "http://127.0.0.1:1"
    for path in ("/search/", "/search/users/", "/search/posts/", "/search/hashtags/"):
        response = cast.ada.api.get(path, query={"q": "bob"})
        assert (response.status_code, response.json()["code"]) == (503, "search-unavailable"), path
        assert int(response["Retry-After"]) >= 1
    assert cast.ada.api.get(f"/profiles/{cast.bob.id}/").status_code == 200
    publish(cast.ada, "harbour #harbour")
    drained = drain()
    assert drained.failed == 2
    waiting = OutboxRow.objects.filter(consumer__startswith="search-").values_list("consumer", flat=True)
    assert sorted(waiting) == ["search-hashtags", "search-posts"]
    settings.MEILISEARCH_URL = None
    OutboxRow.objects.update(due_at=now())
    drain_outbox()
    assert [post["caption"] for post in found_posts(cast)] == ["harbour #harbour"]


def found_posts(cast: Cast) -> list[dict[str, Any]]:
    answer = cast.bob.api.get("/search/posts/", query={"q": "harbour"})
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_doctor_says_where_the_server_is_looked_for(cast: Cast, settings: Any) -> None:
    settings.MEILISEARCH_URL = "http://127.0.0.1:1"
    (finding,) = [finding for finding in doctor.examine() if finding.name == "search"]
    assert finding.level == "fail"
    assert "MEILISEARCH_URL" in finding.advice
