"""Registering, logging in, privacy, leaving and coming back, time and the relay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from django.test import RequestFactory
from hypothesis.stateful import rule

from project.kernel.clock import now
from project.outbox.relay import drain
from project.testing.cast import PASSWORD
from project.tests.model import account_writes
from project.tests.model.account_writes import full_name
from project.tests.model.answers import Answer
from project.tests.model.machine.drawing import FIRST, LATER, by_name, couples, leavers, looks, people
from project.tests.model.machine.looks import Look
from project.tests.model.machine.stores import client
from project.tests.model.machine.story import Story
from project.tests.model.world import GRACE, NOBODY
from social.models import Account
from social.services.sessions import open_session
from social.tasks import purge_due_accounts

# Log-ins that fail are counted, and ten of an account lock it: another rule, proved elsewhere.
MOST_FAILURES = 6


class AccountSteps(Story):
    """What one does to one's own account."""

    def _register(self, name: str) -> None:
        predicted = account_writes.register(self.w, name)
        body = {
            "username": name,
            "email": f"{name}@example.org",
            "full_name": full_name(name),
            "password": PASSWORD,
        }
        answer = self.act(NOBODY, "POST", "/auth/register/?login=true", body, predicted)
        if predicted.status == 201:
            self.w.people[name].id = answer["id"]
            self.clients[name] = client(answer["access"])
            self.failures[name] = 0

    @rule(name=st.sampled_from([*LATER, *LATER, *FIRST]), looks=looks)
    def register(self, name: str, looks: list[Look]) -> None:
        self._register(name)
        self.look(looks)

    @rule(name=people, looks=looks)
    def log_in_again(self, name: str, looks: list[Look]) -> None:
        if self.failures[name] >= MOST_FAILURES:
            return
        predicted = account_writes.log_in(self.w, name)
        body = {"identifier": name, "password": PASSWORD}
        self._keep(name, predicted, self.act(NOBODY, "POST", "/auth/login/", body, predicted))
        self.look(looks)

    @rule(name=leavers, looks=looks)
    def restore(self, name: str, looks: list[Look]) -> None:
        if self.failures[name] >= MOST_FAILURES:
            return
        self.w.now = now()
        predicted = account_writes.restore(self.w, name)
        body = {"identifier": f"{name}@example.org", "password": PASSWORD}
        self._keep(name, predicted, self.act(NOBODY, "POST", "/restore-account/", body, predicted))
        self.look(looks)

    def _keep(self, name: str, predicted: Answer, tokens: dict[str, Any]) -> None:
        if predicted.status == 200:
            self.clients[name].access = tokens["access"]
        self.failures[name] = 0 if predicted.status == 200 else self.failures[name] + 1

    def _set_private(self, actor: str, private: bool, by_name: bool = False) -> None:
        predicted = account_writes.set_private(self.w, actor, private)
        path = f"/profiles/{self.ref(actor, by_name)}/"
        self.act(actor, "PATCH", path, {"is_private": private}, predicted)

    @rule(actor=people, private=st.booleans(), by_name=by_name, looks=looks)
    def set_private(self, actor: str, private: bool, by_name: bool, looks: list[Look]) -> None:
        self._set_private(actor, private, by_name)
        self.look(looks)

    @rule(actor=people, looks=looks)
    def deactivate(self, actor: str, looks: list[Look]) -> None:
        predicted = account_writes.deactivate(self.w, actor)
        self.act(actor, "POST", "/deactivate-account/", None, predicted)
        self.look(looks)

    @rule(pair=couples, own=st.booleans(), by_name=by_name, looks=looks)
    def delete_account(self, pair: tuple[str, str], own: bool, by_name: bool, looks: list[Look]) -> None:
        actor, other = pair
        other = actor if own else other
        path = f"/users/{self.ref(other, by_name)}/"
        self.w.now = now()
        predicted = account_writes.delete(self.w, actor, other)
        self.act(actor, "DELETE", path, {"password": PASSWORD}, predicted)
        self.look(looks)

    @rule(long=st.sampled_from([False, False, False, True]), looks=looks)
    def time_passes(self, long: bool, looks: list[Look]) -> None:
        """Two hours end mutes, a month the time in which the deleted can come back."""
        self.traveller.shift(GRACE + timedelta(days=1) if long else timedelta(hours=2))
        self.told.append("a month passes" if long else "two hours pass")
        self.w.now = now()
        if long:
            account_writes.purge(self.w)
            purge_due_accounts()
            self.w.settled = False
        for name in [name for name in self.w.people if self.w.active(name)]:
            # Access tokens live for minutes.
            account = Account.objects.get(pk=self.w.id_of(name))
            self.clients[name].access = open_session(RequestFactory().get("/"), account).access
        self.failures.clear()
        self.look(looks)

    @rule(looks=looks)
    def drain_outbox(self, looks: list[Look]) -> None:
        drained = drain()
        self.told.append(f"the relay drains {drained.done}")
        self.agree(0, drained.failed, "projections that failed")
        self.w.settled = True
        self.look(looks)
