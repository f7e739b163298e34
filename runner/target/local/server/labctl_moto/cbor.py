"""The part of CBOR (RFC 8949) that the Smithy RPC v2 protocol uses.

https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

import struct
from datetime import datetime, timezone

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)
INDEFINITE = 31
FALSE, TRUE, NULL, UNDEFINED = 20, 21, 22, 23
EPOCH = 1  # the tag of a point in time
BREAK = object()  # ends what has no length of its own


def decode(data: bytes):
    return Decoder(data).item()


class Decoder:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, length: int) -> bytes:
        part = self.data[self.at : self.at + length]
        if len(part) < length:
            raise ValueError("the CBOR data is cut off")
        self.at += length
        return part

    def item(self):
        major, info = divmod(self.take(1)[0], 32)
        if major == SIMPLE:
            return self.simple(info)
        value = None if info == INDEFINITE else info if info < 24 else int.from_bytes(self.take(1 << (info - 24)), "big")
        match major:
            case 0:
                return value
            case 1:
                return -1 - value
            case 2:
                return b"".join(self.items()) if value is None else self.take(value)
            case 3:
                return "".join(self.items()) if value is None else self.take(value).decode()
            case 4:
                return self.items(value)
            case 5:
                flat = self.items(None if value is None else 2 * value)
                return dict(zip(flat[::2], flat[1::2]))
        tagged = self.item()
        return datetime.fromtimestamp(tagged, timezone.utc) if value == EPOCH else tagged

    def items(self, count: int | None = None) -> list:
        if count is not None:
            return [self.item() for _ in range(count)]
        return list(iter(self.item, BREAK))

    def simple(self, info: int):
        floats = {25: ">e", 26: ">f", 27: ">d"}
        if info in floats:
            return struct.unpack(floats[info], self.take(1 << (info - 24)))[0]
        return {FALSE: False, TRUE: True, NULL: None, UNDEFINED: None, INDEFINITE: BREAK}[info]


def head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes([major * 32 + value])
    size = next(s for s in (0, 1, 2, 3) if value < 1 << (8 << s))
    return bytes([major * 32 + 24 + size]) + value.to_bytes(1 << size, "big")


def encode(value) -> bytes:
    match value:
        case None:
            return head(SIMPLE, NULL)
        case bool():
            return head(SIMPLE, TRUE if value else FALSE)
        case int():
            return head(UNSIGNED, value) if value >= 0 else head(NEGATIVE, -1 - value)
        case float():
            return bytes([SIMPLE * 32 + 27]) + struct.pack(">d", value)
        case bytes():
            return head(BYTES, len(value)) + value
        case str():
            return head(TEXT, len(value.encode())) + value.encode()
        case datetime():
            return head(TAG, EPOCH) + encode(value.timestamp())
        case dict():
            return head(MAP, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    return head(ARRAY, len(value)) + b"".join(encode(v) for v in value)
