"""The embedded engines: real PostgreSQL, Valkey and Neo4j servers, started from Python packages alone.

Lives here: fetching, starting and stopping those servers for `manage.py demo` and the tests. Does not live
here: what talks to the stores (the apps, by URL), Django, or the reading of environment variables. Production
runs its own servers and never imports this package.
"""
