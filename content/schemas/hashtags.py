"""Hashtags in answers."""

from __future__ import annotations

from project.kernel.inputs import Count, Out


class HashtagOut(Out):
    """A hashtag by its case-folded name, without `#`. `following` is the viewer's."""

    name: str
    post_count: Count
    following: bool
