"""The rules once more, as plain Python: dictionaries, sets and loops, without stores or queries.

`world` holds what is so, `rules` says who may know of what. `relationship_writes`, `account_writes` and
`content_writes` say how every write is answered and what it changes, `views` how things look to a viewer, and
`surfaces` what each read operation must answer. None of these imports the product. `machine` plays random stories
against the API and compares it with all this, step by step; `project/tests/test_state_machine.py` runs it.

The sources are the rules (Rnn) and the contract; where those leave something to the operation, its description in the
OpenAPI document. Nothing here may be copied from the code that it is to check."""
