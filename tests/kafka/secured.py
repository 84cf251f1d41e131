"""A listener that encrypts and wants a password: SASL_SSL with SCRAM-SHA-512, the certificate made on the spot."""

import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SETTINGS = """\
listener.name.sasl_ssl.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\\
    org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.ssl.keystore.type=PKCS12
listener.name.sasl_ssl.ssl.keystore.location={keystore}
listener.name.sasl_ssl.ssl.keystore.password={password}
listener.name.sasl_ssl.ssl.key.password={password}
"""


@dataclass(frozen=True, slots=True)
class Secured:
    """What a client needs to get in, and what the broker needs to let it in."""

    address: str
    user: str
    password: str
    ca_file: Path
    settings: str
    """Lines for server.properties."""

    mechanism = "SCRAM-SHA-512"

    @property
    def scram(self) -> str:
        """The user as StorageTool takes it."""
        return f"{self.mechanism}=[name={self.user},password={self.password}]"

    @classmethod
    def make(cls, folder: Path, address: str) -> Self:
        """A new certificate for 127.0.0.1, which signs itself, and a user with a random password."""
        keystore, ca_file, password = folder / "keystore.p12", folder / "ca.pem", secrets.token_hex(12)
        store = ["-keystore", keystore, "-storepass", password, "-storetype", "PKCS12", "-alias", "broker"]
        key = ["-genkeypair", "-keyalg", "EC", "-dname", "CN=127.0.0.1", "-validity", "2"]
        names = ["-ext", "SAN=IP:127.0.0.1,DNS:localhost", "-ext", "BC:critical=ca:true"]
        _keytool(*key, *names, *store)
        _keytool("-exportcert", "-rfc", "-file", ca_file, *store)
        return cls(address, "storywire", password, ca_file, SETTINGS.format(keystore=keystore, password=password))


def _keytool(*arguments: str | Path) -> None:
    """Java's own tool for certificates, there where a broker can run."""
    command = ["keytool", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"keytool could not make the broker's certificate:\n{done.stdout}")
