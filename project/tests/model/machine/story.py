"""Acting, reading and comparing: what every step of a story does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import time_machine
from hypothesis.stateful import RuleBasedStateMachine

from project.kernel.clock import now
from project.testing.client import ApiClient
from project.tests.model.answers import Answer
from project.tests.model.machine.looks import PERSONAL, Look
from project.tests.model.machine.stores import client, wipe
from project.tests.model.surfaces import BY_NAME, Surface, expected
from project.tests.model.world import NOBODY, Comment, Post, World

# What was done in this process, for the figures at the end.
done: Counter[str] = Counter()


class Story(RuleBasedStateMachine):
    """People who follow, block, publish, leave and come back; the model says what becomes of it."""

    def __init__(self) -> None:
        super().__init__()
        wipe()
        self.w = World()
        self.clients: dict[str, ApiClient] = {NOBODY: client()}
        self.failures: Counter[str] = Counter()
        self.told: list[str] = []
        # Who acted last, and on whom or whose.
        self.involved = (NOBODY, NOBODY)
        self.clock = time_machine.travel(now(), tick=True)
        self.traveller = self.clock.start()
        done["runs"] += 1

    def teardown(self) -> None:
        self.clock.stop()

    # ---- acting and comparing

    def act(
        self, actor: str, method: str, path: str, body: Any, predicted: Answer, shape: Any = None
    ) -> dict[str, Any]:
        """One write. Its status must be the predicted one, and its body in `shape` the predicted body."""
        self.w.settled = False
        if actor != NOBODY:
            self.involved = (actor, self.other_in(path, actor))
        response = self.clients[actor].call(method, path, body)
        self.told.append(f"{actor}: {method} {self.readable(path)} {body or ''} → {response.status_code}")
        done["steps"] += 1
        self.agree(predicted.status, response.status_code)
        answer: dict[str, Any] = response.json() if response.content else {}
        if shape is not None and predicted.body is not None and response.status_code < 300:
            self.agree(predicted.body, shape(self.w, answer))
        return answer

    def agree(self, model: Any, product: Any, where: str = "") -> None:
        """Both say the same, or the story ends here."""
        done["comparisons"] += 1
        if model != product:
            lines = [f"{number:3}. {line}" for number, line in enumerate(self.told, 1)]
            verdicts = [f"     the model says   {model}", f"     the service says {product}"]
            raise AssertionError("\n".join(["", *lines, f"     {where}", *verdicts]))

    def look(self, looks: list[Look]) -> None:
        for look in looks:
            self.read(look.of(*self.involved))

    def read(self, look: Look) -> None:
        """One surface as one viewer sees it, walked to its end."""
        w, surface = self.w, BY_NAME[look.surface]
        query: dict[str, Any] = dict(surface.query)
        path = surface.path
        if surface.about == "everybody":
            query["users"] = ",".join(str(person.id) for person in w.people.values())
        elif surface.about == "author":
            query["author"] = w.id_of(look.subject)
        elif surface.about:
            path = path.format(self.id_of(surface, look.subject))
        if surface.listed and look.limit:
            query["limit"] = look.limit
        w.now = now()
        status, body = self.get(look.viewer, path, query)
        wanted, predicted = expected(surface, w, look.viewer, look.subject)
        self.agree(wanted, status, str(look))
        if status == 200:
            self.agree(predicted, surface.told(w, look.viewer, body), str(look))

    def get(self, viewer: str, path: str, query: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and the body, a list's pages put together."""
        response = self.clients[viewer].get(path, query=query)
        body = dict(response.json())
        following = body.get("next") if response.status_code == 200 else None
        while following:
            response = self.clients[viewer].get(path, query={**query, "cursor": following})
            assert response.status_code == 200
            body["results"] += response.json()["results"]
            following = response.json()["next"]
        return response.status_code, body

    # ---- what there is

    def some(self, ids: dict[str, int], living: dict[str, Any]) -> list[str]:
        """Labels of what is there, and of two things that are gone."""
        return [*living, *[label for label in ids if label not in living][-2:]]

    def subjects(self, surface: Surface) -> list[str]:
        match surface.about:
            case about if about in PERSONAL:
                return list(self.w.people)
            case "post":
                return self.some(self.w.post_ids, self.w.posts)
            case "comment":
                return self.some(self.w.comment_ids, self.w.comments)
        return [""]

    def id_of(self, surface: Surface, subject: str) -> int:
        ids = {"post": self.w.post_ids, "comment": self.w.comment_ids}.get(surface.about)
        return ids[subject] if ids is not None else self.w.id_of(subject)

    def readable(self, path: str) -> str:
        """The path with a name or label for the id in it; requests go by their id."""
        _, first, *rest = path.split("/")
        told: dict[str, Callable[[int], str]] = {
            "posts": self.w.post_of,
            "comments": self.w.comment_of,
            "follow-request": str,
        }
        named = [told.get(first, self.w.name_of)(int(part)) if part.isdigit() else part for part in rest]
        return "/".join(["", first, *named])

    def other_in(self, path: str, actor: str) -> str:
        """Whom a path is about: an account, or the author of what it names; else the actor."""
        items: dict[str, Post | Comment] = {**self.w.posts, **self.w.comments}
        for part in self.readable(path).split("/"):
            if part in self.w.people:
                return part
            if part in items:
                return items[part].author
        return actor

    def ref(self, name: str, by_name: bool) -> str:
        """An account as a path names it."""
        return name if by_name else str(self.w.id_of(name))
