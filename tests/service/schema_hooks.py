"""What Schemathesis cannot write by itself: JSON lines, which are plain text to the document."""

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_: schemathesis.SerializationContext, value: object) -> bytes:
    """A generated text as a body; what is to break the document's rule comes as its own text."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else repr(value)).encode(errors="surrogatepass")
