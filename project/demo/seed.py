"""Demo data: people, pictures, follows, likes, comments and stories; the same for the same seed.

Everything but the follows goes through the services that the API uses, so that what the demo shows is what the product
does. Each stage can be run again: an interrupted seeding is taken up where it stopped."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.hashers import make_password
from django.db import transaction

from content.media.generate import make_avatar, make_picture
from content.models import Comment, Like, Post, Story
from content.services import comments, likes, posts, stories
from content.services.media import create_media_of_bytes
from content.services.media_processing import claim, process
from graph.bulk import load_follows
from project.demo import words
from project.kernel.clock import now
from project.kernel.errors import AppError
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.relay import drain
from project.outbox.topics import Topic
from social.models import Account, Profile
from social.services.bulk_accounts import NewAccount, announce_accounts, ensure_accounts

DEMO_PASSWORD = "demo-password"  # noqa: S105 - meant to be known
ADMIN_PASSWORD = "admin-demo"  # noqa: S105 - meant to be known
# Pictures are what takes time: beyond these, more accounts only follow and like.
MOST_POSTS = 240
MOST_AVATARS = 120
MOST_STORIES = 30
DAYS = 14

# (stage, how many steps it has) → called after each step
Progress = Callable[[str, int], Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Person:
    """A demo account before it exists."""

    username: str
    full_name: str
    bio: str
    is_private: bool


def people(count: int, seed: int) -> list[Person]:
    """`count` different people of a seed; the first one is always public."""
    rng = random.Random(f"people {seed}")  # noqa: S311 - demo data
    found: dict[str, Person] = {}
    while len(found) < count:
        first, last = rng.choice(words.FIRST), rng.choice(words.LAST)
        name = f"{_ascii(first)}.{_ascii(last)}"
        if name in found or len(found) >= len(words.FIRST) * len(words.LAST) // 2:
            name = f"{name}{len(found)}"
        private = bool(found) and rng.random() < 1 / 6
        found.setdefault(name, Person(name, f"{first} {last}", rng.choice(words.BIOS), private))
    return list(found.values())


def first_username(seed: int) -> str:
    """Who the demo suggests to log in as."""
    return people(1, seed)[0].username


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
    return plain.lower()


def ensure_admin() -> None:
    """The demo's superuser; exists only where this is called."""
    if not Account.objects.filter(username="admin").exists():
        with transaction.atomic():
            admin = Account.objects.create_superuser(
                "admin", "admin@demo.invalid", ADMIN_PASSWORD, full_name="Demo Admin"
            )
            emit(Topic.ACCOUNT, admin.pk)


def seed_demo(count: int, seed: int, progress: Progress) -> None:
    """Make the demo data of `seed` with `count` accounts. Raises GraphUnavailable, StorageUnavailable."""
    rng = random.Random(f"content {seed}")  # noqa: S311 - demo data
    moment = now()
    crowd = people(count, seed)
    step = progress("accounts", count)
    password = make_password(DEMO_PASSWORD)
    ids_by_name = ensure_accounts(
        [
            NewAccount(p.username, f"{p.username}@demo.invalid", p.full_name, password, p.bio, p.is_private)
            for p in crowd
        ],
        progress=_many(step),
    )
    ids = [ids_by_name[p.username] for p in crowd]
    follows = list(_follows(ids, rng, moment))
    step = progress("follows", len(follows))
    load_follows(follows, progress=_many(step))
    _make_avatars(ids, rng, progress)
    made = _make_posts(ids, crowd, rng, moment, progress)
    _make_likes(ids, made, rng, progress)
    _make_comments(ids, made, rng, progress)
    _make_stories(ids, rng, moment, progress)
    announce_accounts(ids)
    step = progress("indexing", 1)
    drain()
    step()


def _many(step: Callable[[], None]) -> Callable[[int], None]:
    """`step` for progress that comes in batches."""

    def advance(count: int) -> None:
        for _ in range(count):
            step()

    return advance


def _follows(ids: Sequence[int], rng: random.Random, moment: datetime) -> list[tuple[int, int, datetime]]:
    """About eight a person; those who came first are followed most, as everywhere."""
    pairs: dict[tuple[int, int], datetime] = {}
    for follower in ids:
        for _ in range(rng.randint(4, 12)):
            target = ids[int(len(ids) * rng.random() ** 2)]
            if target != follower:
                pairs.setdefault((follower, target), moment - timedelta(minutes=rng.randint(1, 40_000)))
    return [(a, b, at) for (a, b), at in pairs.items()]


def _picture(owner_id: int, data: bytes, alt_text: str) -> int:
    media = create_media_of_bytes(owner_id=owner_id, data=data, alt_text=alt_text)
    if held := claim(media.pk):
        process(held)
    return int(media.pk)


def _make_avatars(ids: Sequence[int], rng: random.Random, progress: Progress) -> None:
    bare = set(Profile.objects.filter(pk__in=ids, avatar_media_id=None).values_list("pk", flat=True))
    chosen = [id_ for id_ in ids[:MOST_AVATARS] if rng.random() < 0.85]
    step = progress("avatars", len(chosen))
    for account_id in chosen:
        data = make_avatar(rng)
        if account_id in bare:
            media_id = _picture(account_id, data, "")
            Profile.objects.filter(pk=account_id).update(avatar_media_id=media_id)
        step()


def _make_posts(
    ids: Sequence[int], crowd: Sequence[Person], rng: random.Random, moment: datetime, progress: Progress
) -> list[int]:
    authors = sorted(
        (i for i in range(len(ids)) for _ in range(rng.randint(1, 4))), key=lambda _: rng.random()
    )
    authors = authors[:MOST_POSTS]
    known = set(Post.objects.filter(author_id__in=ids).values_list("author_id", flat=True))
    step = progress("posts", len(authors))
    made: list[int] = []
    for at in authors:
        friend = rng.choice(crowd)
        caption = rng.choice(words.CAPTIONS).format(friend=f"@{friend.username}")
        place, age = rng.choice(words.PLACES), rng.randint(5, DAYS * 24 * 60)
        pictures = [make_picture(rng) for _ in range(rng.choice((1, 1, 1, 1, 2, 3)))]
        if ids[at] not in known:
            media = [_picture(ids[at], data, "A generated picture") for data in pictures]
            draft = posts.PostDraft(caption=caption, location=place, media=media)
            post_id = posts.create_post(actor=Viewer(ids[at]), draft=draft)
            when = moment - timedelta(minutes=age)
            Post.objects.filter(pk=post_id).update(created_at=when, updated_at=when, published_at=when)
            made.append(post_id)
        step()
    return made


def _make_likes(ids: Sequence[int], made: Sequence[int], rng: random.Random, progress: Progress) -> None:
    pairs = [(rng.choice(ids), post_id) for post_id in made for _ in range(rng.randint(0, 9))]
    step = progress("likes", len(pairs))
    done = set(Like.objects.filter(account_id__in=ids).values_list("account_id", "post_id"))
    for account_id, post_id in pairs:
        if (account_id, post_id) not in done:
            _allowed(partial(likes.like_post, actor=Viewer(account_id), post_id=post_id))
        step()


def _make_comments(ids: Sequence[int], made: Sequence[int], rng: random.Random, progress: Progress) -> None:
    busy = set(Comment.objects.filter(author_id__in=ids).values_list("post_id", flat=True))
    step = progress("comments", len(made))
    for post_id in made:
        for _ in range(rng.randint(0, 3)):
            author, text = rng.choice(ids), rng.choice(words.COMMENTS)
            answer = rng.choice(words.REPLIES) if rng.random() < 0.3 else None
            if post_id in busy:
                continue
            comment_id = _allowed(
                partial(comments.create_comment, actor=Viewer(author), post_id=post_id, text=text)
            )
            if comment_id is not None and answer is not None:
                owner = Post.objects.values_list("author_id", flat=True).get(pk=post_id)
                comments.create_comment(
                    actor=Viewer(owner), post_id=post_id, text=answer, reply_to=comment_id
                )
        step()


def _make_stories(ids: Sequence[int], rng: random.Random, moment: datetime, progress: Progress) -> None:
    """A few stories of the last hours, seen by some; they are gone a day later, as stories are."""
    tellers = [i for i in ids[::3] for _ in range(rng.randint(1, 3))][:MOST_STORIES]
    known = set(Story.objects.filter(author_id__in=ids).values_list("author_id", flat=True))
    step = progress("stories", len(tellers))
    for author in tellers:
        data, minutes = make_picture(rng), rng.randint(1, 20 * 60)
        viewers = rng.sample(ids, min(len(ids), 4))
        if author not in known:
            draft = stories.StoryDraft(media=_picture(author, data, "A generated picture"))
            story_id = stories.create_story(actor=Viewer(author), draft=draft)
            when = moment - timedelta(minutes=minutes)
            Story.objects.filter(pk=story_id).update(created_at=when, expires_at=when + stories.LIFETIME)
            for viewer in viewers:
                _allowed(partial(stories.view_story, actor=Viewer(viewer), story_id=story_id))
        step()


def _allowed(act: Callable[[], int | object]) -> int | None:
    """What `act` answers, or None where the rules say no: a stranger neither likes nor comments what is private."""
    try:
        result = act()
    except AppError as error:
        if error.status >= 500:
            raise
        return None
    return result if isinstance(result, int) else None
