"""A private certificate authority, for tests and small sites: {home}/tls/ca.pem vouches for {home}/tls/server.pem.

A site with certificates of its own sets ARENA_TLS_CERT and ARENA_TLS_KEY instead. `ca.pem` is copied beside the
credentials of our own services, where arena.bus and agent_kit look for it; agents elsewhere get a copy of it, or set
ARENA_CA. Without one they trust what the system trusts. Nothing ever connects unverified.
"""

import datetime
import ipaddress
import socket
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from arena.credentials.keyring import write_secret

FOLDER = "tls"
CA = "ca.pem"
BESIDE = ("creds", "bots")  # folders of credentials that our own processes use
CA_DAYS = 3650
SERVER_DAYS = 397  # what browsers accept at most
RENEW_DAYS = 30  # made anew this long before it ends


def ensure_tls(home: Path, hosts: Sequence[str] = ()) -> Path:
    """Make the authority and the server's certificate where they are missing or end soon; returns their folder.

    hosts: names and addresses under which the servers are reached, besides those of this machine. They count when a
    certificate is made; remove server.pem to have other ones.
    """
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / CA).exists():
        make_authority(folder)
    if not _lasts(folder / "server.pem"):
        make_server(folder, ("localhost", "127.0.0.1", "::1", socket.gethostname(), *hosts))
    for beside in BESIDE:
        write_secret(home / beside / CA, (folder / CA).read_text())
    return folder


def make_authority(folder: Path) -> None:
    """A new authority in `folder`: ca.pem and ca.key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Arena private CA")
    signed = (
        _begin(name, name, key, datetime.timedelta(days=CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder, "ca", signed, key)


def make_server(folder: Path, hosts: Sequence[str], lifetime: datetime.timedelta | None = None) -> None:
    """A certificate for servers of these names and addresses, signed by the authority in `folder`."""
    authority = x509.load_pem_x509_certificate((folder / CA).read_bytes())
    signer = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{folder / 'ca.key'} holds no key of ours: remove it and {CA}, and all are made anew")
    key = ec.generate_private_key(ec.SECP256R1())
    lifetime = datetime.timedelta(days=SERVER_DAYS) if lifetime is None else lifetime
    signed = (
        _begin(_name("Arena"), authority.subject, key, lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_host(host) for host in dict.fromkeys(hosts)]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write(folder, "server", signed, key)


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, lifetime: datetime.timedelta
) -> x509.CertificateBuilder:
    ends = datetime.datetime.now(datetime.UTC) + lifetime
    begins = min(ends, datetime.datetime.now(datetime.UTC)) - datetime.timedelta(hours=1)  # clocks differ
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(folder: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_secret(folder / f"{name}.key", private.decode())
    write_secret(folder / f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM).decode())


def _lasts(path: Path) -> bool:
    if not path.exists():
        return False
    ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    return ends > datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=RENEW_DAYS)
