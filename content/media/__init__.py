"""Files: what an upload is, how a picture or a video becomes its derived files, where they lie,
how they are linked and served.

Nothing here knows a table or who asks: rows are in `content.models.media`, decisions in
`content.services.media`.

- `sniffing`: type, size and pixels of an upload, by its bytes alone, before anything is decoded
- `pictures`: decoding, and the derived files of a picture (run in a worker)
- `videos`: the same of a video, whose bytes only `video_child` reads, in a process with limits
- `refusals`: the reasons why neither comes of it
- `files`: keys and the storage
- `presigning`: what lets a client put one file of one size into the storage itself
- `receiving`: where such a file comes in when the storage takes none by itself
- `links`: signed addresses that end within five minutes
- `serving`: the view behind them, where the storage does not serve by itself
- `generate`: deterministic pictures for demo data and tests
"""
