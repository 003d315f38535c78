"""Who may know of what: the rules R17, R20–R22, R32–R36, R40, R50, R52, R59 as predicates over the world. A viewer
who is signed out is `NOBODY`."""

from __future__ import annotations

from project.tests.model.world import Comment, Mute, Post, World


def blocks_fully(w: World, who: str, whom: str) -> bool:
    """R32."""
    block = w.blocks.get((who, whom))
    return block is not None and "all" in block.scopes


def severed(w: World, one: str, other: str) -> bool:
    """R32: a full block, whoever made it; neither finds a trace of the other."""
    return blocks_fully(w, one, other) or blocks_fully(w, other, one)


def hides_posts_from(w: World, owner: str, viewer: str) -> bool:
    """R33."""
    block = w.blocks.get((owner, viewer))
    return block is not None and "posts" in block.scopes


def live_mute(w: World, who: str, whom: str) -> Mute | None:
    """R34: whether a mute has expired is judged when it is read."""
    mute = w.mutes.get((who, whom))
    return mute if mute is not None and (mute.until is None or w.now < mute.until) else None


def follows(w: World, who: str, whom: str) -> bool:
    return (who, whom) in w.follows


def may_know_of(w: World, viewer: str, who: str) -> bool:
    """Whether the profile of `who` answers at all: to who blocks them too, though emptied (R17, R32)."""
    return w.active(who) and not blocks_fully(w, who, viewer)


def may_find(w: World, viewer: str, who: str) -> bool:
    """Whether `who` may appear in lists, threads, likers, search (R17, R32)."""
    return w.active(who) and not severed(w, viewer, who)


def may_open(w: World, viewer: str, who: str) -> int:
    """The status with which the lists of `who` open: 404 where they or their lists are hidden, 403 where they are
    private and the viewer does not follow (R22, R32)."""
    if not may_find(w, viewer, who):
        return 404
    return 200 if viewer == who or not w.private(who) or follows(w, viewer, who) else 403


def may_see_post(w: World, viewer: str, post: Post) -> bool:
    """By its id, on its author's grid, in general lists (R20, R21, R32, R33, R35, R50)."""
    author = post.author
    if not w.active(author):
        return False
    if viewer == author:
        return True
    if post.published is None or severed(w, viewer, author) or hides_posts_from(w, author, viewer):
        return False
    if w.private(author) and not follows(w, viewer, author):
        return False
    if post.audience == "followers":
        return follows(w, viewer, author)
    if post.audience == "close_friends":
        return (author, viewer) in w.close_friends
    return True


def on_home(w: World, viewer: str, post: Post) -> bool:
    """R34, R59."""
    if post.published is None or not may_see_post(w, viewer, post):
        return False
    if post.author == viewer:
        return True
    mute = live_mute(w, viewer, post.author)
    return follows(w, viewer, post.author) and not (mute is not None and mute.posts)


def in_search(w: World, viewer: str, post: Post) -> bool:
    """What anybody signed in could read, but for blocks; muting does not count (R21, R34)."""
    return (
        post.published is not None
        and post.audience == "everyone"
        and not w.private(post.author)
        and may_see_post(w, viewer, post)
    )


def leaves_trace(w: World, viewer: str, post: Post) -> bool:
    """Whether a published post is in the numbers that the viewer is told. They are the same for everybody (R36), but
    that what is for close friends leaves no trace to others: to who is not on the list, or may not see it (R35)."""
    if post.published is None:
        return False
    return post.audience != "close_friends" or may_see_post(w, viewer, post)


def may_see_comment(w: World, viewer: str, comment: Comment) -> bool:
    """A comment stands on a post that the viewer sees; its author, and that of the comment above it, may be found
    (R17, R22, R32)."""
    if not may_see_post(w, viewer, w.posts[comment.post]) or not may_find(w, viewer, comment.author):
        return False
    return comment.parent is None or may_find(w, viewer, w.comments[comment.parent].author)


def counts(w: World, comment: Comment) -> bool:
    """Whether a comment is in the counts: they are of active accounts (R36), and a thread goes with the one who
    began it (R17)."""
    if not w.active(comment.author):
        return False
    return comment.parent is None or w.active(w.comments[comment.parent].author)


def may_comment(w: World, who: str, post: Post) -> bool:
    """The author's policy, which never keeps them out themselves."""
    match post.policy:
        case _ if who == post.author:
            return True
        case "followers":
            return follows(w, who, post.author)
        case "following":
            return follows(w, post.author, who)
        case "nobody":
            return False
    return True
