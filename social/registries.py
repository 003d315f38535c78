"""What apps above add to the picture of an account, without this one importing them.

`account_facts` are batched loaders, registered in `AppConfig.ready()`: post counts, avatars, whether there is a
story. A loader gets many ids and answers for all of them in a fixed number of queries."""

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
