"""The kit every app stands on: errors, viewer, pages, inputs, limits, idempotency, Redis. Imports no app."""
