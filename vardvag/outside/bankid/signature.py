"""The evidence the stand-in hands out: an XML signature shaped like the real one."""

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
BANKID = "http://www.bankid.com/signature/v1.0.0/types"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


class Signer:
    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    def sign(self, kind: str, body: dict[str, Any], ref: str) -> str:
        """Base64 of the signature's XML."""
        root = etree.Element(f"{{{DS}}}Signature", nsmap={"ds": DS})
        info = _add(root, DS, "SignedInfo")
        _add(info, DS, "CanonicalizationMethod", Algorithm=C14N)
        _add(info, DS, "SignatureMethod", Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")
        reference = _add(info, DS, "Reference", URI="#bidSignedData")
        _add(reference, DS, "DigestMethod", Algorithm="http://www.w3.org/2001/04/xmlenc#sha256")
        digest = _add(reference, DS, "DigestValue")
        value = _add(root, DS, "SignatureValue")
        data = etree.SubElement(
            _add(root, DS, "Object"),
            f"{{{BANKID}}}bankIdSignedData",
            nsmap={"bid": BANKID},
            Id="bidSignedData",
        )
        if body.get("userVisibleData"):
            _add(data, BANKID, "usrVisibleData", charset="UTF-8", visible="wysiwys").text = body[
                "userVisibleData"
            ]
        if body.get("userNonVisibleData"):
            _add(data, BANKID, "usrNonVisibleData").text = body["userNonVisibleData"]
        _add(data, BANKID, "srvInfo").text = ref
        client = _add(data, BANKID, "clientInfo")
        _add(client, BANKID, "funcId").text = "Identification" if kind == "auth" else "Signing"
        digest.text = _b64(hashlib.sha256(etree.tostring(data, method="c14n")).digest())
        signed = self._key.sign(etree.tostring(info, method="c14n"), ec.ECDSA(hashes.SHA256()))
        value.text = _b64(signed)
        return _b64(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add(parent: Any, namespace: str, name: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{namespace}}}{name}", attributes)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
