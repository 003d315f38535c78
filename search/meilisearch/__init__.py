"""The search engine on a Meilisearch server (tested with 1.50), chosen where MEILISEARCH_URL is set.

`engine` is the adapter; `declared` what its indexes are like; `requests` a search as Meilisearch queries;
`walks` their answers put in order; `writing` tasks; `server` the connection."""

from search.meilisearch.engine import MeilisearchEngine

__all__ = ["MeilisearchEngine"]
