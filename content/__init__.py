"""What people publish: media, posts, likes, comments, feeds. See README.md in this folder."""
