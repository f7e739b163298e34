package iam

import (
	"strings"

	"labctl/checks/inventory"
)

// mutations change a fixture as the fault with the same id changes the live lab.
func mutations() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"boundary-dropped": func(f *fixture) { f.role(auditor).Boundary = nil },
		"boundary-optional": func(f *fixture) {
			f.sid(f.permissions(teamAdmin), "MakeRolesWithTheBoundary", func(s statement) { delete(s, "Condition") })
		},
		"boundary-editable": func(f *fixture) {
			f.sid(f.permissions(teamAdmin), "NobodyEditsTheBoundary", func(s statement) { s.without("iam:CreatePolicyVersion") })
		},
		"boundary-removable": func(f *fixture) {
			f.sid(f.permissions(teamAdmin), "NobodyTakesTheBoundaryOff", func(s statement) {
				s["Condition"] = map[string]any{"BoolIfExists": map[string]any{"aws:MultiFactorAuthPresent": "false"}}
			})
			f.add(f.permissions(teamAdmin), `{"Effect":"Allow","Action":"iam:DeleteRolePermissionsBoundary","Resource":"TEAM_ROLES"}`)
		},
		"privesc-version": func(f *fixture) {
			f.add(f.permissions(teamAdmin), `{"Effect":"Allow","Action":"iam:SetDefaultPolicyVersion","Resource":"*"}`)
		},
		"privesc-trust": func(f *fixture) {
			f.add(f.permissions(teamAdmin), `{"Effect":"Allow","Action":"iam:UpdateAssumeRolePolicy","Resource":"*"}`)
		},
		"passrole-any": func(f *fixture) {
			f.sid(f.permissions(developer), "PassTeamRolesToLambda", func(s statement) { s["Resource"] = "*" })
		},
		"external-id-optional": func(f *fixture) {
			trust := &f.role(vendor).TrustPolicy
			*trust = strings.ReplaceAll(*trust, "StringEquals", "StringEqualsIfExists")
		},
		"deputy-open": func(f *fixture) {
			f.rewrite(&f.role("app").TrustPolicy, func(s statement) { delete(s, "Condition") })
		},
		"trust-anyone": func(f *fixture) {
			f.rewrite(&f.role(auditor).TrustPolicy, func(s statement) { s["Principal"] = "*" })
		},
		"org-no-services": func(f *fixture) {
			f.sid(&f.guard(data).Policy, "OwnOrganizationOnly", func(s statement) { s.uncondition("aws:PrincipalIsAWSService") })
		},
		"log-delivery-denied": func(f *fixture) {
			f.sid(&f.guard(logs).Policy, "OwnOrganizationOnly", func(s statement) { s.uncondition("aws:PrincipalIsAWSService") })
		},
		"abac-retag": func(f *fixture) {
			f.sid(f.permissions(developer), "NobodyRetags", func(s statement) { s.without("iam:TagRole") })
			f.add(f.permissions(developer), `{"Effect":"Allow","Action":"iam:TagRole","Resource":"ROLE_developer"}`)
		},
		"abac-untagged": func(f *fixture) {
			f.sid(f.permissions(developer), "WorkOnTheOwnProjectsFunctions", func(s statement) {
				s["Condition"] = map[string]any{"ForAllValues:StringEquals": map[string]any{resourceProject: "${aws:PrincipalTag/project}"}}
			})
		},
		"tls-objects-only": func(f *fixture) {
			f.sid(&f.guard(data).Policy, "TLSOnly", func(s statement) { s["Resource"] = f.filled("DATA_BUCKET/*") })
		},
		"sse-algorithm-only": func(f *fixture) {
			f.drop(&f.guard(data).Policy, "NoEncryptionWithoutTheKey")
			f.sid(&f.guard(data).Policy, "NoOtherKey", func(s statement) {
				s["Condition"] = map[string]any{"Null": map[string]any{sseHeader: "false"}, "StringNotEquals": map[string]any{sseHeader: "aws:kms"}}
			})
		},
		"kms-admin-all": func(f *fixture) {
			f.sid(&f.key(data).Policy, "KeyAdminAdministers", func(s statement) { s["Action"] = "kms:*" })
		},
		"rotation-off":           func(f *fixture) { f.key(data).KeyRotationEnabled = false },
		"public-access-half":     func(f *fixture) { f.guard(data).PublicAccessBlock.RestrictPublicBuckets = false },
		"trail-stopped":          func(f *fixture) { f.Trails[0].IsLogging = false },
		"trail-unvalidated":      func(f *fixture) { f.Trails[0].LogFileValidationEnabled = false },
		"logs-deletable":         exemptOperations,
		"data-events-write-only": func(f *fixture) { f.Trails[0].EventSelectors = writesOnlySelectors(f.Trails[0].EventSelectors) },
		"tamper-typo": func(f *fixture) {
			for n := range f.MetricFilters {
				f.MetricFilters[n].FilterPattern = strings.ReplaceAll(f.MetricFilters[n].FilterPattern, "StopLogging", "StopLoging")
			}
		},
		"user-with-key": func(f *fixture) {
			f.Identities.Users = append(f.Identities.Users, inventory.Identity{Name: prefix + "-report", Arn: "arn:aws:iam::" + account + ":user/" + prefix + "-report", Tags: map[string]string{"labctl:run": "t1"}})
			f.AccessKeys = append(f.AccessKeys, inventory.AccessKey{UserName: prefix + "-report", AccessKeyId: "AKIAIOSFODNN7EXAMPLE", Status: "Inactive"})
		},
		"analyzer-deleted": func(f *fixture) { f.Analyzers = nil },
	}
}

func exemptOperations(f *fixture) {
	f.sid(&f.guard(logs).Policy, "OnlyBreakGlassDeletes", func(s statement) { s.exempt(f.role(teamAdmin).Arn) })
	f.add(&f.guard(logs).Policy, `{"Effect":"Allow","Principal":{"AWS":"ROLE_team-admin"},"Action":"s3:DeleteObjectVersion","Resource":"LOGS_BUCKET/*"}`)
}

func writesOnlySelectors(selectors []inventory.EventSelector) []inventory.EventSelector {
	management, writes := selectors[0], selectors[0]
	management.DataResources = nil
	writes.IncludeManagementEvents, writes.ReadWriteType = false, "WriteOnly"
	return []inventory.EventSelector{management, writes}
}
