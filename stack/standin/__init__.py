"""The catalogue stand-in: a test double for the OpenMetadata server.

It answers only the REST calls of the unpatched workflows of `openmetadata-ingestion`, and those with which a caller reads
their work back. Requests and responses are checked with the models of `metadata.generated`, so it runs in the environment
of `openmetadata-ingestion`. An unknown call is answered 404 and recorded. It is never part of an image. Run it with
`python -m stack.standin`; `settings` lists its environment variables.
"""
