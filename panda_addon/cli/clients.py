"""What a client needs to know: the proxy's address, and a CA bundle that holds the proxy's CA beside the usual ones.

`SSL_CERT_FILE` and its like replace a client's store. With the proxy's CA alone in it every host that passes through
undecrypted would fail, so the bundle holds both.
"""

import os
import shlex
import ssl
from pathlib import Path

import certifi

_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # Alpine, macOS
)


def write_bundle(confdir: Path) -> Path:
    """Write the combined CA bundle beside mitmproxy's own CA, which must be there, and return its path."""
    ours = (confdir / "mitmproxy-ca-cert.pem").read_bytes()
    system = next((path for path in map(Path, _SYSTEM_BUNDLES) if path.is_file()), Path(certifi.where()))
    bundle = confdir / "panda-ca-bundle.pem"
    both = system.read_bytes().rstrip() + b"\n" + ours
    ssl.create_default_context(cadata=ours.decode("ascii"))
    if not bundle.is_file() or bundle.read_bytes() != both:
        # Two proxies may start at once: each writes a file of its own, and the last one stays.
        fresh = bundle.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(both)
        fresh.replace(bundle)
    return bundle


def environment(proxy: str, confdir: Path) -> list[str]:
    """The shell lines that point the usual clients at the proxy."""
    bundle = shlex.quote(str(write_bundle(confdir)))
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "CODEX_CA_CERTIFICATE")
    return [
        f"export HTTPS_PROXY={proxy}",
        *(f"export {name}={bundle}" for name in names),
        f"export NODE_EXTRA_CA_CERTS={shlex.quote(str(confdir / 'mitmproxy-ca-cert.pem'))} NODE_USE_ENV_PROXY=1",
    ]
