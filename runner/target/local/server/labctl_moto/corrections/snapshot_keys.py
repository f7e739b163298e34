"""Keys and sizes of EBS snapshots.

A snapshot of an encrypted volume has the volume's key, and a volume made from it that of the
snapshot, unless another one is asked for; a snapshot keeps the size that its volume had:
https://docs.aws.amazon.com/ebs/latest/userguide/how-ebs-encryption-works.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html
moto 5.2.1 names no key on the snapshot, the default key on a volume that asks to be encrypted and
none on one that does not, and lets the size follow the volume.
"""

import copy

from labctl_moto.patch import replace
from moto.ec2.models.elastic_block_store import EBSBackend


def apply() -> None:
    @replace(EBSBackend, "create_snapshot")
    def create_snapshot(original, self, *args, **kwargs):
        snapshot = original(self, *args, **kwargs)
        snapshot.volume = copy.copy(snapshot.volume)
        snapshot.kms_key_id = snapshot.kms_key_id or snapshot.volume.kms_key_id
        return snapshot

    @replace(EBSBackend, "create_volume")
    def create_volume(original, self, size, zone_name, snapshot_id=None, encrypted=False, kms_key_id=None, **kwargs):
        snapshot = self.snapshots.get(snapshot_id)
        if snapshot and snapshot.encrypted:
            encrypted, kms_key_id = True, kms_key_id or snapshot.kms_key_id
        return original(self, size, zone_name, snapshot_id, encrypted, kms_key_id, **kwargs)

    @replace(EBSBackend, "copy_snapshot")
    def copy_snapshot(original, self, source_snapshot_id, source_region, description, kms_key_id):
        snapshot = original(self, source_snapshot_id, source_region, description, kms_key_id)
        if snapshot.encrypted and not snapshot.kms_key_id:
            snapshot.kms_key_id = self.default_kms_key_id or self._create_default_encryption_key()
        return snapshot
