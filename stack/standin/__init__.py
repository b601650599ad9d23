"""The catalogue stand-in: a test double for the OpenMetadata server.

It answers only the REST calls that the unpatched workflows of `openmetadata-ingestion` make, and those with which a
caller reads their work back. Bodies and answers are checked with the models of `metadata.generated`, so it runs in
the environment of `openmetadata-ingestion`; a call it does not know is answered 404 and written down. It is never
part of an image. Run it with `python -m stack.standin`; `settings` lists what it reads from the environment.
"""
