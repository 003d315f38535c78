"""A real edge list as accounts and follows; suggestions equal a brute-force computation."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from graph.bulk import relationship_totals
from project.testing.client import ApiClient
from social.models import Account
from social.services.graph_import import import_edges

EGO_FACEBOOK = Path(__file__).resolve().parents[3] / "shared" / "data" / "facebook_combined.txt"


def brute_force(followed, viewer):
    """account → how many of those whom `viewer` follows follow it, by counting."""
    counts = Counter(c for friend in followed[viewer] for c in followed[friend])
    return {c: n for c, n in counts.items() if c != viewer and c not in followed[viewer]}


def edges_of(path, prefix):
    ids = dict(Account.objects.filter(username__startswith=prefix).values_list("username", "id"))
    followed = defaultdict(set)
    for line in path.read_text().splitlines():
        a, b = (ids[prefix + name] for name in line.split())
        followed[a].add(b)
        followed[b].add(a)
    return followed


def check_suggestions(followed, viewer):
    account = Account.objects.get(pk=viewer)
    expected = brute_force(followed, viewer)
    best = sorted(expected.items(), key=lambda pair: (-pair[1], pair[0]))[:20]
    answer = ApiClient(account).get("/explore/users/", query={"limit": 20}).json()["results"]
    found = [
        (row["account"]["id"], row["mutual_count"]) for row in answer if row["reason"] == "mutual_follows"
    ]
    assert found == best
    for row in answer:
        for mutual in row["mutuals"]:
            assert mutual["id"] in followed[viewer]
            assert row["account"]["id"] in followed[mutual["id"]]


@pytest.fixture
def small(tmp_path):
    rng = random.Random(7)
    pairs = {tuple(sorted(rng.sample(range(40), 2))) for _ in range(120)}
    file = tmp_path / "edges.txt"
    file.write_text("# a comment\n" + "".join(f"{a} {b}\n" for a, b in sorted(pairs)))
    plain = tmp_path / "plain.txt"
    plain.write_text("".join(f"{a} {b}\n" for a, b in sorted(pairs)))
    return file, plain, pairs


def test_an_edge_list_becomes_accounts_and_follows_and_again_changes_nothing(db, graph, small, capsys):
    file, plain, pairs = small
    for _ in range(2):
        call_command("import_graph", str(file), prefix="p_")
        assert relationship_totals()["FOLLOWS"] == 2 * len(pairs)
        assert Account.objects.filter(username__startswith="p_").count() == len(
            {n for pair in pairs for n in pair}
        )
    followed = edges_of(plain, "p_")
    for viewer in list(followed)[:8]:
        check_suggestions(followed, viewer)


def test_one_way_edges_and_their_lists(db, graph, tmp_path, drain_outbox):
    file = tmp_path / "edges.txt"
    file.write_text("a b\nc b\n")
    import_edges(file, prefix="x_", both_ways=False)
    drain_outbox()
    viewer = ApiClient(Account.objects.get(username="x_a"))
    answer = viewer.get("/followers/x_b/").json()
    assert sorted(row["username"] for row in answer["results"]) == ["x_a", "x_c"]
    assert answer["count"] == 2
    assert [u["username"] for u in viewer.get("/search/users/?q=x_b").json()["results"]] == ["x_b"]


@pytest.mark.parametrize("content", ["1\n", "1 ' OR\n", "a b\n$ c\n"])
def test_a_malformed_line_is_named(db, graph, tmp_path, content):
    file = tmp_path / "edges.txt"
    file.write_text(content)
    with pytest.raises(CommandError, match=r"edges\.txt:\d"):
        call_command("import_graph", str(file))


@pytest.mark.slow
@pytest.mark.skipif(not EGO_FACEBOOK.exists(), reason="the data set is not here")
def test_ego_facebook_answers_as_brute_force_does(db, graph):
    """4,039 people and 88,234 friendships, followed both ways."""
    done = import_edges(EGO_FACEBOOK, prefix="fb_")
    assert (done.accounts, done.follows) == (4039, 176_468)
    followed = edges_of(EGO_FACEBOOK, "fb_")
    for viewer in random.Random(3).sample(sorted(followed), 12):
        check_suggestions(followed, viewer)
    busiest = max(followed, key=lambda a: len(followed[a]))
    client = ApiClient(Account.objects.get(pk=busiest))
    assert client.get(f"/followers/{busiest}/").json()["count"] == 1045
    assert len(client.pages(f"/followers/{busiest}/", limit=100)) == 1045
