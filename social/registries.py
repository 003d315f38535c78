"""What apps above add to the picture of an account, without this one importing them.

`account_facts` are batched loaders, registered in `AppConfig.ready()`: post counts, avatars, whether there is a
story. A loader gets many ids and answers for all of them in a fixed number of queries.

`relationship_listeners` hear what is so between two accounts after a relationship write; `interests` propose accounts
by what the viewer likes to look at.

`state_hooks` keep numbers true when an account leaves or comes back, `privacy_hooks` when it turns private or public;
`purge_steps` remove what apps above hold of an
account that is being purged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.rows import PairRow
from project.kernel.viewer import Viewer
from social.visibility import Relation

AccountId = int
Relations = Mapping[AccountId, Relation]
FactLoader = Callable[[Sequence[AccountId], Viewer, Relations], Mapping[AccountId, Any]]
# avatar media id → url of its small variant
AvatarLoader = Callable[[Sequence[int]], Mapping[int, str]]


@dataclass
class AccountFacts:
    """Named facts of accounts."""

    loaders: dict[str, FactLoader] = field(default_factory=dict)
    avatar_loader: AvatarLoader | None = None

    def register(self, name: str, loader: FactLoader) -> None:
        """Add a fact. Raises ValueError on a second one of the same name."""
        if name in self.loaders:
            raise ValueError(f"account fact {name!r} is registered twice")
        self.loaders[name] = loader

    def load(
        self, name: str, ids: Sequence[AccountId], viewer: Viewer, relations: Relations
    ) -> Mapping[AccountId, Any]:
        """account id → fact; empty where nobody registered it."""
        loader = self.loaders.get(name)
        return loader(ids, viewer, relations) if loader and ids else {}

    def avatars(self, media_ids: Sequence[int]) -> Mapping[int, str]:
        """media id → avatar url, of those that are ready."""
        return self.avatar_loader(media_ids) if self.avatar_loader and media_ids else {}


account_facts = AccountFacts()

StateHook = Callable[[AccountId], None]


@dataclass
class StateHooks:
    """What must happen together with a change of an account's state."""

    hooks: list[StateHook] = field(default_factory=list)

    def register(self, hook: StateHook) -> None:
        """Add a hook. It is called after the change, in its transaction, with the account's row locked; it reads the
        new state and may be called twice."""
        self.hooks.append(hook)

    def run(self, account_id: AccountId) -> None:
        for hook in self.hooks:
            hook(account_id)


state_hooks = StateHooks()
# The same, of a change of whether the account is private.
privacy_hooks = StateHooks()

# account id → how many rows (or files, keys) it removed in one bounded piece of work; 0 when nothing is left
PurgeStep = Callable[[AccountId], int]


@dataclass
class PurgeSteps:
    """Named steps of a purge, in the order in which they were registered."""

    steps: dict[str, PurgeStep] = field(default_factory=dict)

    def register(self, name: str, step: PurgeStep) -> None:
        """Add a step. It removes some and answers how many; it is called until it answers 0, and again from the start
        when a purge is resumed. Raises ValueError on a second one of the same name."""
        if name in self.steps:
            raise ValueError(f"purge step {name!r} is registered twice")
        self.steps[name] = step


purge_steps = PurgeSteps()

# (source id, target id) → what leads from the one to the other now, of some pairs between which something changed
RelationshipListener = Callable[[Mapping[tuple[AccountId, AccountId], PairRow]], None]
# account id → those of whom the listener holds that they follow, or asked to follow, this account
KnownSources = Callable[[AccountId], Iterable[AccountId]]


@dataclass
class RelationshipListeners:
    """Those who act on what becomes of follows, requests and blocks (R81): notifications, live events.

    A listener is told facts, not events: how the graph stands between two accounts, both directions, read after a
    write between them was answered, given up or lost in a crash. It is told the same facts any number of times and in
    any order of pairs, so it makes its own state agree with them: a follow that is there is announced once (by source,
    target and `following_since`), one that is not there is taken back. It may be told of pairs between which nothing
    happened. Followers whose requests an opening account accepted at one moment share `following_since`: one grouped
    notification (R21).

    What it raises puts the marks back: all listeners are told again later. Whether the accounts are active, muted, or
    may see each other it asks when it shows something, not here."""

    listeners: dict[str, RelationshipListener] = field(default_factory=dict)
    known_sources: dict[str, KnownSources] = field(default_factory=dict)

    def register(
        self, name: str, listener: RelationshipListener, known_sources: KnownSources | None = None
    ) -> None:
        """Add a listener. `known_sources` lets it hear, when an account opens, also of those whose requests it
        still remembers though the graph does not. Raises ValueError on a second one of the same name."""
        if name in self.listeners:
            raise ValueError(f"relationship listener {name!r} is registered twice")
        self.listeners[name] = listener
        if known_sources is not None:
            self.known_sources[name] = known_sources

    def tell(self, facts: Mapping[tuple[AccountId, AccountId], PairRow]) -> None:
        """Tell all of them. One that raises does not keep the others from hearing; the first error is raised at the
        end."""
        failed: Exception | None = None
        for listener in self.listeners.values():
            try:
                listener(facts)
            except Exception as error:
                failed = failed or error
        if failed is not None:
            raise failed


relationship_listeners = RelationshipListeners()

# viewer's id, how many at most → (account id, strength): strongest first, then by id; public accounts only
InterestFinder = Callable[[AccountId, int], Sequence[tuple[AccountId, int]]]


@dataclass
class Interests:
    """Who shares interests with a viewer: what the app that owns content knows."""

    finder: InterestFinder | None = None

    def find(self, viewer_id: AccountId, limit: int) -> Sequence[tuple[AccountId, int]]:
        """(account id, strength) of at most `limit` accounts; none where nobody registered."""
        return self.finder(viewer_id, limit) if self.finder else ()


interests = Interests()
