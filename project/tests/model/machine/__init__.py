"""The state machine that plays stories against the API: `story` acts and compares, `drawing` says what is drawn, and
`account_steps`, `relationship_steps` and `content_steps` hold the steps, to be mixed into one machine."""
