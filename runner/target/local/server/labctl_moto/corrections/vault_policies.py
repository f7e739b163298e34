"""Access policies of backup vaults.

A vault has a policy of its own, which is stored and read back. What it denies to a caller that
caller cannot do: change or delete the policy, lock the vault, delete it:
https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultAccessPolicy.html
moto 5.2.1 knows neither the calls nor their addresses. Here denials are enforced on the calls that
change a vault, by principal (see resource_policies.py for what decides nothing).
"""

import json

from labctl_moto.corrections.trust_policies import names_principal, statements
from labctl_moto.patch import replace
from labctl_moto.resource_policies import caller, denies
from moto.backup.exceptions import BackupClientError, InvalidParameterValueException, ResourceNotFoundException
from moto.backup.models import Vault
from moto.backup.responses import BackupResponse
from moto.backup.urls import url_paths


class AccessDenied(BackupClientError):
    code = 403


def refuse_denied(response, vault: Vault, action: str, resource: str = "") -> None:
    """Raises where the vault's policy denies the caller the action."""
    who, resource = caller(response), resource or vault.backup_vault_arn
    if denies(vault.access_policy, who, action, resource):
        raise AccessDenied(
            "AccessDeniedException",
            f"User: {who.arn} is not authorized to perform: {action} on resource: {resource} "
            "with an explicit deny in a resource-based policy",
        )


def vault_of(response) -> Vault:
    return response.backup_backend.describe_backup_vault(response._get_param("backupVaultName"))


def put_backup_vault_access_policy(self):
    vault, policy = vault_of(self), self._get_param("Policy")
    try:
        valid = all(names_principal(s) for s in statements(policy))
    except ValueError:
        valid = False
    if not valid:
        raise InvalidParameterValueException("Policy document is malformed.")
    refuse_denied(self, vault, "backup:PutBackupVaultAccessPolicy")
    vault.access_policy = policy
    return "{}"


def get_backup_vault_access_policy(self):
    vault = vault_of(self)
    if not vault.access_policy:
        raise ResourceNotFoundException(f"Access policy of backup vault {vault.backup_vault_name} not found")
    return json.dumps(
        {
            "BackupVaultName": vault.backup_vault_name,
            "BackupVaultArn": vault.backup_vault_arn,
            "Policy": vault.access_policy,
        }
    )


def delete_backup_vault_access_policy(self):
    vault = vault_of(self)
    refuse_denied(self, vault, "backup:DeleteBackupVaultAccessPolicy")
    vault.access_policy = None
    return "{}"


def enforced(call: str, action: str) -> None:
    @replace(BackupResponse, call)
    def respond(original, self):
        vault = self.backup_backend.vaults.get(self._get_param("backupVaultName"))
        if vault:
            refuse_denied(self, vault, f"backup:{action}")
        return original(self)


def apply() -> None:
    Vault.access_policy = None
    for call in (put_backup_vault_access_policy, get_backup_vault_access_policy, delete_backup_vault_access_policy):
        setattr(BackupResponse, call.__name__, call)
    url_paths["{0}/backup-vaults/(?P<name>[^/]+)/access-policy$"] = BackupResponse.dispatch
    enforced("put_backup_vault_lock_configuration", "PutBackupVaultLockConfiguration")
    enforced("delete_backup_vault_lock_configuration", "DeleteBackupVaultLockConfiguration")
    enforced("delete_backup_vault", "DeleteBackupVault")
