"""What apps above add to the picture of an account, without this one importing them.

`account_facts` are batched loaders, registered in `AppConfig.ready()`: post counts, avatars, whether there is a
story. A loader gets many ids and answers for all of them in a fixed number of queries.

`state_hooks` keep numbers true when an account leaves or comes back, `privacy_hooks` when it turns private or public;
`purge_steps` remove what apps above hold of an
account that is being purged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
