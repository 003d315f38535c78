"""The truth table: what every viewer gets from every GET operation, for every owner and audience (R01).

    viewers     signed out, self, stranger, follower, pending, blocked, blocker, blocked from posts, blocked from
                stories, muter, close friend, close friend who does not follow, staff, deactivated
  × owners      public, private, deactivated
  × audiences   everyone, followers, close friends, draft
  × operations  every GET of the OpenAPI document

Every text of every item holds a marker: a word that stands nowhere else. A cell is one request of one viewer;
its whole answer, headers too, is searched for every marker of the world, and each must be there or not as the
rules say. What is hidden must be answered to the letter as what never was.

* `rules` says the rules once more: pure functions over the names of viewers, owners, audiences and surfaces.
  It imports nothing of the product, and what is expected comes from nowhere else.
* `world` makes the people, what is between them, and calls the makers: first everybody is on good terms and
  public, then the relay runs, then come blocks, the mute, the switch to private or the leaving. After those
  the relay does not run: what closes, closes at once. So things that stand across a block are there, and
  indexes and caches are those of before.
* `things` has `Thing`, `Person`, and `Eye`, the world as one viewer may see it: `eye.sees(item, surface)`,
  `eye.finds(person)`, `eye.lists(person)`, `eye.profile(person)`.
* `entries` is the table, one module a noun, found by itself. `registry` has the decorators, `table` the walk.

**A new GET operation** is one function in the module of its noun. It yields a `Cell` for each question; it
need not care for who is kept out by `Who` (401, 403 for staff operations) or is deactivated:

    @operation("hashtags_posts_list", Who.PUBLIC)
    def hashtags_posts_list(eye, world):
        for post in world.all(Post):
            found = seen(eye, world, Surface.HASHTAG, lambda other, this=post: this.tag == other.tag)
            yield Cell(shown(eye, *found), path={"name": post.tag})

`shown(eye, *things)` expects each thing with what stands beside it, and nothing else; `markers=` adds single
words, `may=` things that might be there (a list that is free to leave some out), `count=2`,
`stats__posts=2` or `results__id=frozenset(...)` (in any order) facts of the body. `HIDDEN` is the 404 of what
never was, `PRIVATE` the 403 of a private account's lists, `FORBIDDEN` that of what is another's alone,
`behind(eye.lists(person), ...)` chooses; `by_id(eye, world, answer)` goes over all posts. An operation that
shows nothing of others is a line in `entries/plain.py` with the reason; it is asked and searched all the same.

**A new kind of content** is one new module in `entries`: a `Thing` (a `Gated` one where it has an owner and
an audience, with `what = Item.STORY` and so on) whose `shown` says what stands beside it, a `@makes` function
that puts some into the world over the API, and its operations. `entries.stories` is an example.

Makers run in the order of imports, so a module that hangs things on posts imports `entries.posts`. Something
that comes to stand beside what is there already (a repost's account on a post) is one more line in that
thing's `shown`; where a rule is new, it is a line in `rules`. `world.mark("what it is")` gives a marker,
`world.viewers[Viewer.FOLLOWER]` somebody who acts, `world.host` and `world.hermit` two others, one public and
followed by all, one private and followed by the owner alone. What only comes to be by the relay
(notifications) is there too: it runs once after all makers."""
