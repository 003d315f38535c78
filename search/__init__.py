"""Finding accounts, posts and hashtags through a port with two engines. See README.md in this folder."""
