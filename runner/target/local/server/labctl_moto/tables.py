"""What a restored table of DynamoDB has of its source."""

import copy

KMS = "KMS"


def keep_settings(restored, source, billing: str | None = None, throughput: dict | None = None, sse: dict | None = None):
    """Gives the table billing mode, capacity and encryption of its source, or what was asked for instead.

    Tags, stream, time to live, deletion protection and recovery it has none, as on AWS:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html
    """
    restored.billing_mode = billing or source.billing_mode
    if throughput:
        restored.throughput = {**throughput, "NumberOfDecreasesToday": 0}
    restored.sse_specification = copy.deepcopy(source.sse_specification)
    if sse is not None:
        restored.sse_specification = encryption(restored, sse) if sse.get("Enabled") else None
    return restored


def encryption(table, asked: dict) -> dict:
    key = asked.get("KMSMasterKeyId") or table._get_default_encryption_key(table.account_id, table.region_name)
    return {"Enabled": True, "SSEType": KMS, "KMSMasterKeyId": key}
