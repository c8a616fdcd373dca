"""Who may speak with a scheduler and its workers: whoever has the key, by TLS in both directions."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from distributed.security import Security

from initterm.theory.refusal import Refusal

FILES = {"ca_file": "ca.pem", "cert": "cert.pem", "key": "key.pem"}


def security_of(folder: str) -> Security | None:
    """By the certificates and the key in a folder, the same for all; None where no folder is named.

    Raises:
        Refusal: one of the files isn't there.
    """
    if not folder:
        return None
    paths = {name: Path(folder).expanduser() / file for name, file in FILES.items()}
    for path in paths.values():
        if not path.is_file():
            raise Refusal(f"{path} isn't there; a folder of keys has {', '.join(FILES.values())}.")
    ca, cert, key = (str(paths[name]) for name in FILES)
    ends = {f"tls_{end}_{name}": path for end in ENDS for name, path in (("cert", cert), ("key", key))}
    return Security(require_encryption=True, tls_ca_file=ca, **ends)


ENDS = ("client", "scheduler", "worker")


def security_of_this_machine() -> Security | None:
    """By keys that only this process and its workers have, in memory; None where there is nothing that makes them.

    Without, every user of this machine can have the workers do anything, as a scheduler obeys whoever reaches it.
    """
    return Security.temporary() if find_spec("cryptography") else None
