"""The suite's own kit: a pytest plugin with real engines, a fixed cast, and an HTTP client."""
