"""Files: what an upload is, how a picture becomes its derived files, where they lie, how they are linked and
served.

Nothing here knows a table or who asks: rows are in `content.models.media`, decisions in
`content.services.media`.

- `sniffing`: type, size and pixels of an upload, by its bytes alone, before anything is decoded
- `pictures`: decoding, and the derived files of a picture (run in a worker)
- `files`: keys and the storage
- `links`: signed addresses that end within five minutes
- `serving`: the view behind them, where the storage does not serve by itself
- `generate`: deterministic pictures for demo data and tests
"""
