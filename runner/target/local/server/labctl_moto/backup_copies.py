"""What a recovery point holds: a copy of a table, a volume or a bucket, out of which it can be made again.

Each kind takes a copy, moves it to another account or region, restores it and deletes it. What
cannot be done raises Failure, with which the job ends.
"""

import copy
import json
from collections.abc import Iterator

from labctl_moto.tables import KMS, keep_settings
from moto.core.exceptions import ServiceException
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Backup, RestoredTable
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.utils import random_snapshot_id
from moto.moto_api._internal import mock_random
from moto.s3.models import FakeKey, s3_backends


class Failure(Exception):
    """Why a job failed."""


def kind_of(resource_arn: str):
    """The kind that a resource is of, or None for one of which no copies are made here."""
    service, name = resource_arn.split(":")[2], resource_arn.split(":")[-1]
    match service:
        case "dynamodb" if name.startswith("table/"):
            return TableCopy
        case "ec2" if name.startswith("volume/"):
            return VolumeCopy
        case "s3":
            return BucketCopy
    return None


def point_arn(account: str, region: str) -> str:
    return f"arn:aws:backup:{region}:{account}:recovery-point:{mock_random.uuid4()}"


class TableCopy:
    """A table, as AWS Backup keeps it with its advanced features: encrypted with the vault's key.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html
    """

    type = "DynamoDB"
    required = ("targetTableName",)

    def __init__(self, account: str, region: str, backup: Backup, tags: dict[str, str], vault_key: str) -> None:
        self.arn, self.backup, self.tags, self.key = point_arn(account, region), backup, tags, vault_key
        self.name, self.size = backup.table.name, sum(i.size() for i in backup.table.all_items())

    @classmethod
    def take(cls, account: str, region: str, resource_arn: str, vault_key: str):
        table = dynamodb_backends[account][region].tables.get(resource_arn.split("/")[-1])
        if table is None:
            return None
        tags = {t["Key"]: t["Value"] for t in table.tags}
        return cls(account, region, Backup(account, region, "AWSBackup", table), tags, vault_key)

    def move(self, account: str, region: str, vault_key: str):
        return TableCopy(account, region, self.backup, self.tags, vault_key)

    def restore_metadata(self) -> dict[str, str]:
        sse = self.backup.table.sse_specification or {}
        key = sse.get("KMSMasterKeyId") if sse.get("Enabled") else None
        return {"encryptionType": KMS, "kmsMasterKeyArn": key} if key else {"encryptionType": "Default"}

    def restore(self, account: str, region: str, asked: dict[str, str], tags: dict[str, str]) -> str:
        tables, name = dynamodb_backends[account][region].tables, asked["targetTableName"]
        if name in tables:
            raise Failure(f"Table already exists: {name}")
        sse = {"Enabled": asked["encryptionType"] == KMS} if "encryptionType" in asked else None
        if sse and asked.get("kmsMasterKeyArn"):
            sse["KMSMasterKeyId"] = asked["kmsMasterKeyArn"]
        table = RestoredTable(name, account_id=account, region=region, backup=self.backup)
        keep_settings(table, self.backup.table, sse=sse)
        table.tags = [{"Key": k, "Value": v} for k, v in tags.items()]
        tables[name] = table
        return table.table_arn

    def delete(self) -> None:
        """Nothing else holds it."""


class VolumeCopy:
    """A snapshot of a volume, which is listed among the others but only AWS Backup deletes."""

    type = "EBS"
    required = ("availabilityZone",)

    def __init__(self, account: str, region: str, volume, key: str | None, tags: dict[str, str]) -> None:
        self.backend, self.tags, self.key = ec2_backends[account][region], tags, key
        self.snapshot = Snapshot(
            self.backend,
            random_snapshot_id(),
            volume=volume,
            description="This snapshot is created by the AWS Backup service.",
            encrypted=volume.encrypted,
            kms_key_id=key,
        )
        self.snapshot.of_backup = True
        self.backend.snapshots[self.snapshot.id] = self.snapshot
        self.snapshot.add_tags(tags)
        self.arn = f"arn:aws:ec2:{region}::snapshot/{self.snapshot.id}"
        self.name, self.size = volume.id, volume.size * 2**30

    @classmethod
    def take(cls, account: str, region: str, resource_arn: str, _vault_key: str):
        volume = ec2_backends[account][region].volumes.get(resource_arn.split("/")[-1])
        if volume is None:
            return None
        tags = {t["key"]: t["value"] for t in volume.get_tags()}
        return cls(account, region, copy.copy(volume), volume.kms_key_id, tags)

    def move(self, account: str, region: str, vault_key: str):
        return VolumeCopy(account, region, self.snapshot.volume, vault_key if self.snapshot.encrypted else None, self.tags)

    def restore_metadata(self) -> dict[str, str]:
        volume = self.snapshot.volume
        return {
            "volumeId": volume.id,
            "availabilityZone": volume.availability_zone,
            "volumeType": volume.volume_type,
            "encrypted": str(volume.encrypted).lower(),
        }

    def restore(self, account: str, region: str, asked: dict[str, str], tags: dict[str, str]) -> str:
        encrypted = asked.get("encrypted") == "true" or self.snapshot.encrypted
        try:
            volume = self.backend.create_volume(
                size=int(asked["volumeSize"]) if "volumeSize" in asked else None,
                zone_name=asked["availabilityZone"],
                snapshot_id=self.snapshot.id,
                encrypted=encrypted,
                kms_key_id=asked.get("kmsKeyId") or self.key if encrypted else None,
                volume_type=asked.get("volumeType") or self.snapshot.volume.volume_type,
                iops=int(asked["iops"]) if "iops" in asked else None,
                throughput=int(asked["throughput"]) if "throughput" in asked else None,
            )
        except ServiceException as error:
            raise Failure(error.message) from error
        volume.add_tags(tags)
        return f"arn:aws:ec2:{region}:{account}:volume/{volume.id}"

    def delete(self) -> None:
        self.backend.snapshots.pop(self.snapshot.id, None)


class BucketCopy:
    """The current version of each object of a bucket that keeps versions."""

    type = "S3"
    required = ("DestinationBucketName",)

    def __init__(self, account: str, region: str, name: str, objects: list, tags: dict[str, str], vault_key: str) -> None:
        self.arn, self.name, self.objects = point_arn(account, region), name, objects
        self.tags, self.key = tags, vault_key
        self.size = sum(len(value) for _, value, _, _ in objects)

    @classmethod
    def take(cls, account: str, region: str, resource_arn: str, vault_key: str):
        backend, name = s3_backends[account]["aws"], resource_arn.split(":")[-1]
        bucket = backend.buckets.get(name)
        if bucket is None:
            return None
        if not bucket.is_versioned:
            raise Failure(f"Bucket {name} does not have versioning enabled.")
        objects = [(k.name, k.value, dict(k.metadata), backend.tagger.get_tag_dict_for_resource(k.arn)) for k in current(bucket)]
        return cls(account, region, name, objects, backend.tagger.get_tag_dict_for_resource(bucket.arn), vault_key)

    def move(self, account: str, region: str, vault_key: str):
        return BucketCopy(account, region, self.name, self.objects, self.tags, vault_key)

    def restore_metadata(self) -> dict[str, str]:
        return {"DestinationBucketName": self.name, "NewBucket": "false", "EncryptionType": "original"}

    def restore(self, account: str, region: str, asked: dict[str, str], tags: dict[str, str]) -> str:
        backend, name = s3_backends[account]["aws"], asked["DestinationBucketName"]
        try:
            if asked.get("NewBucket") == "true":
                backend.create_bucket(name, region).versioning_status = "Enabled"
                backend.put_bucket_tagging(name, tags)
            bucket = backend.get_bucket(name)
        except ServiceException as error:
            raise Failure(error.message) from error
        lock = {"lock_mode": bucket.default_lock_mode, "lock_until": bucket.default_retention()} if bucket.has_default_lock else {}
        wanted = json.loads(asked.get("ItemsToRestore", "null")) or [o[0] for o in self.objects]
        for key, value, metadata, marks in self.objects:
            if key in wanted:
                restored = backend.put_object(name, key, value, **lock, **encryption(asked))
                restored.set_metadata(dict(metadata), replace=True)
                backend.tagger.tag_resource(restored.arn, [{"Key": k, "Value": v} for k, v in marks.items()])
        return f"arn:aws:s3:::{name}"

    def delete(self) -> None:
        """Nothing else holds it."""


def current(bucket) -> Iterator[FakeKey]:
    """The objects that a listing shows: a deleted one ends with a marker, not with a version."""
    for name in bucket.keys:
        newest = bucket.keys.getlist(name)[-1]
        if isinstance(newest, FakeKey):
            yield newest


def encryption(asked: dict[str, str]) -> dict[str, str]:
    match asked.get("EncryptionType"):
        case "SSE-S3":
            return {"encryption": "AES256"}
        case "SSE-KMS":
            return {"encryption": "aws:kms", "kms_key_id": asked.get("KMSKey")}
    return {}
