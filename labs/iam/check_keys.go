package iam

import (
	"context"
	"fmt"
	"slices"

	"labctl/checks"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

// usingKeys are the actions by which somebody reads what a key protects, or gives that ability away. Changing the key's
// policy is one of them: an administrator who can do that is a user in two steps.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators
func usingKeys() []string {
	return []string{
		"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
		"kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:CreateGrant", "kms:PutKeyPolicy",
	}
}

func administeringKeys() []string {
	return []string{
		"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:DisableKey", "kms:EnableKey",
		"kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:RevokeGrant", "kms:UpdateKeyDescription",
	}
}

func decideKMSDuties(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	all, err := a.kmsKeys(ctx)
	if err != nil {
		return nil, err
	}
	var administrators, users []string
	for _, k := range all {
		key := []string{k.Arn}
		for _, r := range a.roles {
			in := under(a.by(r), k.policy)
			if r.part == keyAdmin {
				refuse(o, each(in, usingKeys(), key), fmt.Sprintf("%s administers key %s and can use it, or let itself use it", r.Name, k), r.Arn, k.Arn)
				if granted(each(in, []string{"kms:DisableKey", "kms:ScheduleKeyDeletion"}, key)) {
					administrators = append(administrators, r.Name)
				}
			}
			if granted(each(in, []string{"kms:Decrypt", "kms:GenerateDataKey"}, key)) {
				users = append(users, r.Name)
				refuse(o, each(in, administeringKeys(), key), fmt.Sprintf("%s uses key %s and can administer it", r.Name, k), r.Arn, k.Arn)
			}
		}
	}
	slices.Sort(administrators)
	slices.Sort(users)
	if len(administrators) == 0 {
		o.Add("No key administrator can administer any key of the lab.")
	}
	if len(users) == 0 {
		o.Add("None of the lab's roles can use any key of the lab: the data cannot be read.")
	}
	return []string{fmt.Sprintf("%s administers %s and cannot use them; %s can, and cannot administer them.", say.And(slices.Compact(administrators)), typeset.Count(len(all), "key"), say.And(slices.Compact(users)))}, nil
}

func decideKMSRotation(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	all, err := a.kmsKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		switch {
		case k.KeyState != "Enabled":
			o.Add(fmt.Sprintf("Key %s is in state %s: what it encrypted cannot be read.", k, k.KeyState), k.Arn)
		case !k.KeyRotationEnabled:
			o.Add(fmt.Sprintf("Key %s does not rotate.", k), k.Arn)
		}
	}
	return []string{fmt.Sprintf("All %s rotate and are enabled.", typeset.Count(len(all), "key"))}, nil
}
