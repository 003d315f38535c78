"""The follow graph: who follows, asks, blocks, mutes and trusts whom. See README.md."""
