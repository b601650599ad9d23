"""The catalogue server's own pair of JWT keys, in containers: ``python -m stack.jwt_keys FOLDER``.

The pair that the server ships is public: with it anybody can sign a token for any user, the administrator included.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dbt_lineage.core import commands

PRIVATE, PUBLIC = "private_key.der", "public_key.der"
_BITS = 2048


def make(folder: Path) -> bool:
    """Make the pair where there is none.

    Args:
        folder: where the server reads them, as DER.

    Returns:
        Whether it was made; False when it was there.

    Raises:
        OSError: the folder cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    # The public one is written last: without it the pair is not whole.
    if (folder / PUBLIC).exists():
        return False
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for name, content in ((PRIVATE, private), (PUBLIC, public)):
        new = folder / f".{name}"
        # The server is another user of another image; the volume is shared with nobody else.
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o444)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        new.replace(folder / name)
    return True


def main(arguments: Sequence[str]) -> None:
    """Make the pair, and say so."""
    if len(arguments) != 1:
        sys.exit("usage: python -m stack.jwt_keys FOLDER")
    folder = Path(arguments[0])
    print("JWT keys: made" if make(folder) else "JWT keys: those that are there stay")


if __name__ == "__main__":
    commands.run("JWT keys", lambda: main(sys.argv[1:]))
