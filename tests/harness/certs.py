"""A certificate authority for one test run, and server certificates from it."""
import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def _pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """makes certificates in a Workspace; ca_file is what a client trusts"""

    def __init__(self, workspace, name="test authority", days=7):
        """days: how long its certificates are good for"""
        self.workspace, self.days = workspace, days
        self.key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self.certificate = self._start(_name(name), self.key.public_key(), _name(name), days).add_extension(
            x509.BasicConstraints(True, 0), True).add_extension(usage, True).sign(self.key, hashes.SHA256())
        self.ca_file = workspace.file("ca.pem", self.certificate.public_bytes(serialization.Encoding.PEM).decode())

    @staticmethod
    def _start(subject, public_key, issuer, days):
        now = datetime.datetime.now(datetime.timezone.utc)
        return x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key).serial_number(
            x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=30)).not_valid_after(
            now + datetime.timedelta(days=days)).add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), False)

    def server(self, *names, days=None):
        """(certificate file, key file) for these host names and addresses"""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = []
        for n in names:
            try:
                alternatives.append(x509.IPAddress(ipaddress.ip_address(n)))
            except ValueError:
                alternatives.append(x509.DNSName(n))
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = self._start(_name(names[0]), key.public_key(), self.certificate.subject,
                                  self.days if days is None else days).add_extension(
            x509.SubjectAlternativeName(alternatives), False).add_extension(issuer, False).add_extension(
            x509.BasicConstraints(False, None), True).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False).sign(self.key, hashes.SHA256())
        stem = "server-%d" % certificate.serial_number
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        return self.workspace.file(stem + ".pem", pem), self.workspace.file(stem + ".key", _pem(key))
