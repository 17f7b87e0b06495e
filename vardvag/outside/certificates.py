"""A throw-away certificate authority for the stand-ins: real mutual TLS on one machine."""

import ipaddress
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vardvag.core.clock import now

LIFE = timedelta(days=365)
RENEW_BEFORE = timedelta(days=30)


class Authority:
    """Issues PEM files into `folder`: `<name>.pem` and `<name>.key` (mode 0600); clients pin `ca.pem`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._fresh("ca"):
            for old in folder.glob("*.pem"):  # what the old authority issued is worth nothing any more
                old.unlink()
            self._key, self._cert = self._make_ca()
        else:
            self._cert = x509.load_pem_x509_certificate(self.ca.read_bytes())
            key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            self._key = key

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def server(self, name: str = "server") -> tuple[Path, Path]:
        """Certificate and key for localhost and 127.0.0.1."""
        return self._issue(name, "localhost", ExtendedKeyUsageOID.SERVER_AUTH)

    def client(self, name: str, subject: str) -> tuple[Path, Path]:
        """Certificate and key of one relying party; `subject` becomes its common name."""
        return self._issue(name, subject, ExtendedKeyUsageOID.CLIENT_AUTH)

    def _issue(self, name: str, subject: str, use: x509.ObjectIdentifier) -> tuple[Path, Path]:
        paths = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        if self._fresh(name):
            return paths
        key = ec.generate_private_key(ec.SECP256R1())
        places: list[x509.GeneralName] = [x509.DNSName("localhost")]
        places += [x509.IPAddress(ipaddress.ip_address(a)) for a in ("127.0.0.1", "::1")]
        certificate = (
            _builder(subject, self._cert.subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
            .add_extension(x509.SubjectAlternativeName(places), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        self._write(name, key, certificate)
        return paths

    def _make_ca(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vårdväg throw-away CA")])
        certificate = (
            _builder("Vårdväg throw-away CA", name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(_signs_certificates(), critical=True)
            .sign(key, hashes.SHA256())
        )
        self._write("ca", key, certificate)
        return key, certificate

    def _write(self, name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        secret = self.folder / f"{name}.key"
        secret.touch(mode=0o600)
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        (self.folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _fresh(self, name: str) -> bool:
        """Both files are there, readable, and valid for a good while yet."""
        try:
            certificate = x509.load_pem_x509_certificate((self.folder / f"{name}.pem").read_bytes())
            serialization.load_pem_private_key((self.folder / f"{name}.key").read_bytes(), None)
        except (OSError, ValueError):
            return False
        return certificate.not_valid_before_utc <= now() < certificate.not_valid_after_utc - RENEW_BEFORE


def _builder(subject: str, issuer: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + LIFE)
    )


def _signs_certificates() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
