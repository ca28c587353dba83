import shlex
import ssl
from pathlib import Path

import certifi
import pytest
from mitmproxy.certs import CertStore

from panda_addon.cli import clients
from panda_addon.cli.clients import environment, write_bundle


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A CA as mitmproxy makes one."""
    folder = tmp_path_factory.mktemp("ca")
    CertStore.from_store(folder, "mitmproxy", 2048)
    return (folder / "mitmproxy-ca-cert.pem").read_bytes()


@pytest.fixture
def confdir(tmp_path, authority):
    """mitmproxy's folder, whose name needs quoting in a shell."""
    folder = tmp_path / "my conf"
    folder.mkdir()
    (folder / "mitmproxy-ca-cert.pem").write_bytes(authority)
    return folder


def authorities(path):
    """How many CA certificates a bundle holds, as OpenSSL reads it."""
    return ssl.create_default_context(cafile=str(path)).cert_store_stats()["x509_ca"]


def test_a_bundle_holds_the_proxys_ca_and_the_usual_ones(confdir, authority):
    """A client that trusts the bundle alone still reaches every other host."""
    bundle = write_bundle(confdir)
    assert bundle == confdir / "panda-ca-bundle.pem"
    assert bundle.read_bytes().endswith(authority)
    assert authorities(bundle) > 50


@pytest.mark.parametrize("ending", [b"", b"\n", b"\n\n"])
def test_the_systems_bundle_may_hold_any_bytes(confdir, tmp_path, monkeypatch, authority, ending):
    """Comments of any encoding and a missing line end do not spoil the bundle."""
    system = tmp_path / "system.crt"
    system.write_bytes(b"# Autorit\xe9\n" + authority.rstrip() + ending)
    monkeypatch.setattr(clients, "_SYSTEM_BUNDLES", (str(tmp_path / "none"), str(system)))
    bundle = write_bundle(confdir)
    assert bundle.read_bytes() == b"# Autorit\xe9\n" + authority.rstrip() + b"\n" + authority
    assert authorities(bundle) == 1


def test_without_a_system_bundle_there_is_certifis(confdir, monkeypatch, authority):
    """On a machine without a bundle of its own the one that comes with Python's clients is used."""
    monkeypatch.setattr(clients, "_SYSTEM_BUNDLES", ())
    assert write_bundle(confdir).read_bytes() == Path(certifi.where()).read_bytes().rstrip() + b"\n" + authority


def test_a_bundle_is_written_anew_only_if_it_changes(confdir):
    """A client that reads the bundle meanwhile never sees half of it, and a bundle that is right stays as it is."""
    bundle = write_bundle(confdir)
    before = bundle.stat().st_ino
    assert write_bundle(confdir).stat().st_ino == before
    content = bundle.read_bytes()
    bundle.write_bytes(b"outdated")
    with bundle.open("rb") as reader:
        write_bundle(confdir)
        assert reader.read() == b"outdated"
    assert bundle.read_bytes() == content
    assert sorted(file.name for file in confdir.iterdir()) == ["mitmproxy-ca-cert.pem", "panda-ca-bundle.pem"]


def test_a_ca_that_is_none_is_not_handed_out(confdir):
    """A file in the CA's place that OpenSSL cannot read is an error and leaves no bundle."""
    (confdir / "mitmproxy-ca-cert.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with pytest.raises(ssl.SSLError):
        write_bundle(confdir)
    assert not (confdir / "panda-ca-bundle.pem").exists()


def test_the_environment_can_be_pasted_into_a_shell(confdir):
    """Each line exports what one kind of client reads, quoted where a path needs it."""
    bundle = str(confdir / "panda-ca-bundle.pem")
    assert [shlex.split(line) for line in environment("http://127.0.0.1:8080", confdir)] == [
        ["export", "HTTPS_PROXY=http://127.0.0.1:8080"],
        ["export", f"SSL_CERT_FILE={bundle}"],
        ["export", f"REQUESTS_CA_BUNDLE={bundle}"],
        ["export", f"CURL_CA_BUNDLE={bundle}"],
        ["export", f"CODEX_CA_CERTIFICATE={bundle}"],
        ["export", f"NODE_EXTRA_CA_CERTS={confdir / 'mitmproxy-ca-cert.pem'}", "NODE_USE_ENV_PROXY=1"],
    ]
    assert Path(bundle).is_file()
