"""What can change, and who follows it. A topic's key is a string; the comment says of what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum


class Topic(StrEnum):
    ACCOUNT = "account"  # account id
    OPENING = "opening"  # account id
    RELATIONSHIP = "relationship"  # "source:target" account ids
    MEDIA = "media"  # media id
    POST = "post"  # post id
    COMMENT = "comment"  # comment id
    QUEUED_COMMENT = "queued_comment"  # comment id
    LIKE = "like"  # post id
    SHARE = "share"  # post id
    HASHTAG = "hashtag"  # hashtag name
    STORY = "story"  # story id


@dataclass(frozen=True)
class Projection:
    """One consumer of the outbox.

    `handle(topic, keys)` re-reads the truth of each key and upserts or deletes: twice is once, order does not
    matter. `all_keys()` yields every key in batches by topic for a rebuild; `reset()` drops what no key would
    correct. `rebuilding()` surrounds a rebuild where more belongs to it, and gives the handler that fills; `handle`
    goes on serving what changes meanwhile. `group` is a name under which several projections are rebuilt together."""

    name: str
    topics: tuple[Topic, ...]
    handle: Callable[[Topic, Sequence[str]], None]
    all_keys: Callable[[], Iterable[tuple[Topic, Sequence[str]]]] | None = None
    reset: Callable[[], None] | None = None
    rebuilding: Callable[[], AbstractContextManager[Callable[[Topic, Sequence[str]], None]]] | None = None
    batch: int = 200
    group: str = ""


@dataclass
class Registry:
    """The projections, filled once at start-up."""

    projections: dict[str, Projection] = field(default_factory=dict)
    by_topic: dict[Topic, list[str]] = field(default_factory=dict)

    def register(self, projection: Projection) -> None:
        """Add a projection. Raises ValueError on a second one of the same name."""
        if projection.name in self.projections:
            raise ValueError(f"projection {projection.name!r} is registered twice")
        self.projections[projection.name] = projection
        for topic in projection.topics:
            self.by_topic.setdefault(topic, []).append(projection.name)

    def consumers(self, topic: Topic) -> list[str]:
        return self.by_topic.get(topic, [])


registry = Registry()
