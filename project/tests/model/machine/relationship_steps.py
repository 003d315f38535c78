"""Follows, requests, blocks, mutes, close friends, dismissed suggestions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from project.kernel.clock import now
from project.tests.model import relationship_writes, views
from project.tests.model.machine.drawing import by_name, couples, ends, looks, people, requests
from project.tests.model.machine.looks import Look
from project.tests.model.machine.story import Story


class RelationshipSteps(Story):
    """What one does about another."""

    @rule(pair=couples, by_name=by_name, looks=looks)
    def follow(self, pair: tuple[str, str], by_name: bool, looks: list[Look]) -> None:
        actor, other = pair
        self._follow(actor, other, by_name)
        self.look(looks)

    def _follow(self, actor: str, other: str, by_name: bool = False) -> None:
        predicted = relationship_writes.follow(self.w, actor, other)
        answer = self.act(actor, "POST", f"/follow/{self.ref(other, by_name)}/", None, predicted)
        if predicted.body is not None:
            state, request = predicted.body
            self.agree(state, answer["state"])
            if predicted.status == 201 and request is not None:
                request.request_id = answer["request_id"]
                self.w.request_ids.append(answer["request_id"])
            self.agree(request and request.request_id, answer["request_id"])

    @rule(
        pair=ends("follows", "requests"),
        by_name=by_name,
        path=st.sampled_from(["follow", "following"]),
        looks=looks,
    )
    def unfollow(self, pair: tuple[str, str], by_name: bool, path: str, looks: list[Look]) -> None:
        actor, other = pair
        predicted = relationship_writes.unfollow(self.w, actor, other)
        self.act(actor, "DELETE", f"/{path}/{self.ref(other, by_name)}/", None, predicted)
        self.look(looks)

    @rule(pair=ends("follows"), by_name=by_name, looks=looks)
    def remove_follower(self, pair: tuple[str, str], by_name: bool, looks: list[Look]) -> None:
        other, actor = pair
        predicted = relationship_writes.remove_follower(self.w, actor, other)
        self.act(actor, "DELETE", f"/followers/{self.ref(other, by_name)}/", None, predicted)
        self.look(looks)

    @precondition(lambda self: self.w.request_ids)
    @rule(actor=people, request_id=requests, rightly=st.sampled_from([True, True, False]), looks=looks)
    def accept(self, actor: str, request_id: int, rightly: bool, looks: list[Look]) -> None:
        actor = self._asked(request_id, actor) if rightly else actor
        predicted = relationship_writes.accept(self.w, actor, request_id)
        self.act(actor, "POST", f"/follow-request/{request_id}/", None, predicted, views.told_relationship)
        self.look(looks)

    @precondition(lambda self: self.w.request_ids)
    @rule(actor=people, request_id=requests, rightly=st.sampled_from([True, True, False]), looks=looks)
    def reject(self, actor: str, request_id: int, rightly: bool, looks: list[Look]) -> None:
        actor = self._asked(request_id, actor) if rightly else actor
        predicted = relationship_writes.reject(self.w, actor, request_id)
        self.act(actor, "DELETE", f"/follow-request/{request_id}/", None, predicted)
        self.look(looks)

    def _asked(self, request_id: int, otherwise: str) -> str:
        pairs = [*self.w.requests.items(), *self.w.follows.items()]
        return next((pair[1] for pair, edge in pairs if edge.request_id == request_id), otherwise)

    @rule(
        pair=couples,
        by_name=by_name,
        scope=st.sampled_from(["all", "posts", "stories"]),
        looks=looks,
    )
    def block(self, pair: tuple[str, str], by_name: bool, scope: str, looks: list[Look]) -> None:
        actor, other = pair
        predicted = relationship_writes.block(self.w, actor, other, scope)
        body = None if scope == "all" and by_name else {"scope": scope}
        path = f"/block/{self.ref(other, by_name)}/"
        self.act(actor, "POST", path, body, predicted, views.told_relationship)
        self.look(looks)

    @rule(
        pair=ends("blocks"),
        by_name=by_name,
        scope=st.sampled_from([None, None, "all", "posts", "stories"]),
        looks=looks,
    )
    def unblock(self, pair: tuple[str, str], by_name: bool, scope: str | None, looks: list[Look]) -> None:
        actor, other = pair
        predicted = relationship_writes.unblock(self.w, actor, other, scope)
        path = f"/block/{self.ref(other, by_name)}/" + (f"?scope={scope}" if scope else "")
        self.act(actor, "DELETE", path, None, predicted)
        self.look(looks)

    @rule(
        pair=couples,
        by_name=by_name,
        switches=st.tuples(st.booleans(), st.booleans(), st.booleans()),
        expires=st.booleans(),
        looks=looks,
    )
    def mute(
        self,
        pair: tuple[str, str],
        by_name: bool,
        switches: tuple[bool, bool, bool],
        expires: bool,
        looks: list[Look],
    ) -> None:
        actor, other = pair
        self.w.now = now()
        until = self.w.now + timedelta(hours=1) if expires else None
        predicted = relationship_writes.mute(self.w, actor, other, switches, until)
        body: dict[str, Any] = dict(zip(("posts", "stories", "notifications"), switches, strict=True))
        body["expires_at"] = until and until.isoformat()
        if all(switches):
            # Without any switch all three are on.
            body = {"expires_at": body["expires_at"]}
        path = f"/mute/{self.ref(other, by_name)}/"
        self.act(actor, "POST", path, body, predicted, views.told_relationship)
        self.look(looks)

    @rule(pair=ends("mutes"), by_name=by_name, looks=looks)
    def unmute(self, pair: tuple[str, str], by_name: bool, looks: list[Look]) -> None:
        actor, other = pair
        predicted = relationship_writes.unmute(self.w, actor, other)
        self.act(actor, "DELETE", f"/mute/{self.ref(other, by_name)}/", None, predicted)
        self.look(looks)

    @rule(pair=couples, by_name=by_name, looks=looks)
    def add_close_friend(self, pair: tuple[str, str], by_name: bool, looks: list[Look]) -> None:
        actor, other = pair
        self._add_close_friend(actor, other, by_name)
        self.look(looks)

    def _add_close_friend(self, actor: str, other: str, by_name: bool = False) -> None:
        predicted = relationship_writes.add_close_friend(self.w, actor, other)
        path = f"/close-friend/{self.ref(other, by_name)}/"
        self.act(actor, "POST", path, None, predicted, views.told_relationship)

    @rule(pair=ends("close_friends"), by_name=by_name, looks=looks)
    def remove_close_friend(self, pair: tuple[str, str], by_name: bool, looks: list[Look]) -> None:
        actor, other = pair
        predicted = relationship_writes.remove_close_friend(self.w, actor, other)
        self.act(actor, "DELETE", f"/close-friend/{self.ref(other, by_name)}/", None, predicted)
        self.look(looks)

    @rule(pair=couples, by_name=by_name, looks=looks)
    def dismiss(self, pair: tuple[str, str], by_name: bool, looks: list[Look]) -> None:
        actor, other = pair
        predicted = relationship_writes.dismiss(self.w, actor, other)
        self.act(actor, "DELETE", f"/explore/users/{self.ref(other, by_name)}/", None, predicted)
        self.look(looks)
