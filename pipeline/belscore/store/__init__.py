"""The store: calls with their transcripts and scorecards, and what people say of them, in a database.

`tables` has the schema, `database` opens one, `calls` writes and reads calls; the other modules do one thing each with
a connection that `database.Store` gives. SQL stands here and nowhere else.
"""
