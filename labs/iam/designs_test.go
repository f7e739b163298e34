package iam

import (
	"strings"

	"labctl/checks/inventory"
)

// designs are correct: the reference, and others that look different and must pass as well.
func designs() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"the reference":                 func(*fixture) {},
		"denies instead of conditions":  denies,
		"scalars, short lists, no path": terse,
		"a key that was made anew":      remade,
	}
}

// remade is what an interrupted `up` leaves on AWS: the key that it had made waits for its deletion, without an alias.
func remade(f *fixture) {
	old := *f.key(data)
	old.KeyId, old.Arn, old.KeyState, old.Aliases = "00000000-1111-2222-3333-444444444444", "arn:aws:kms:us-east-1:"+account+":key/00000000-1111-2222-3333-444444444444", "PendingDeletion", nil
	f.Keys = append(f.Keys, old)
}

// denies allows broadly and forbids what must not be; its account is in an organization.
func denies(f *fixture) {
	f.Organization = inventory.Organization{Id: "o-a1b2c3d4e5", MasterAccountId: "210987654321"}

	*f.permissions(teamAdmin) = f.document(
		`{"Effect":"Allow","Action":["iam:CreateRole","iam:PutRolePolicy","iam:AttachRolePolicy","iam:DetachRolePolicy","iam:DeleteRolePolicy","iam:PutRolePermissionsBoundary","iam:DeleteRole"],"Resource":"TEAM_ROLES"}`,
		`{"Effect":"Allow","Action":["iam:CreatePolicy","iam:DeletePolicy","iam:CreatePolicyVersion"],"Resource":"arn:aws:iam::ACCOUNT:policy/app/t1/*"}`,
		`{"Effect":"Deny","Action":["iam:CreateRole","iam:Put*","iam:Attach*"],"Resource":"*","Condition":{"ArnNotEquals":{"iam:PermissionsBoundary":"BOUNDARY"}}}`,
		`{"Effect":"Deny","Action":["iam:*Policy","iam:*PolicyVersion"],"Resource":"BOUNDARY"}`,
		`{"Effect":"Deny","Action":"iam:Delete*PermissionsBoundary","Resource":"*"}`,
	)
	// Attributes: everything on functions, but not with unequal or missing tags; nothing at all about tags is allowed.
	*f.permissions(developer) = f.document(
		`{"Effect":"Allow","Action":["lambda:GetFunction","lambda:InvokeFunction","lambda:Update*"],"Resource":"*"}`,
		`{"Effect":"Deny","Action":"lambda:*","Resource":"*","Condition":{"StringNotEquals":{"aws:ResourceTag/project":"${aws:PrincipalTag/project}"}}}`,
		`{"Effect":"Deny","Action":"lambda:*","Resource":"*","Condition":{"Null":{"aws:ResourceTag/project":"true"}}}`,
		`{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::ACCOUNT:role/*"}`,
		`{"Effect":"Deny","Action":"iam:PassRole","NotResource":"arn:aws:iam::ACCOUNT:role/app/*"}`,
		`{"Effect":"Deny","Action":"iam:PassRole","Resource":"*","Condition":{"StringNotEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}`,
	)
	f.role(vendor).TrustPolicy = f.document(
		`{"Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"sts:AssumeRole"}`,
		`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringNotEquals":{"sts:ExternalId":["labctl-t1-vendor"]}}}`,
	)
	f.role("app").TrustPolicy = f.document(`{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:lambda:*:ACCOUNT:function:*"}}}`)

	const organization = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["%s","%s/*"],"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}`
	// Who writes has to name the key: whatever else it says, or does not say, is refused.
	f.guard(data).Policy = f.document(
		`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"DATA_BUCKET","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"DATA_BUCKET/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		strings.ReplaceAll(organization, "%s", "DATA_BUCKET"),
		`{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"DATA_BUCKET/*","Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"DATA_KEY"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}`,
	)
	f.guard(logs).Policy = f.document(
		`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["LOGS_BUCKET","LOGS_BUCKET/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		strings.ReplaceAll(organization, "%s", "LOGS_BUCKET"),
		`{"Effect":"Deny","Principal":"*","Action":["s3:Delete*","s3:Bypass*","s3:PutLifecycleConfiguration"],"Resource":["LOGS_BUCKET","LOGS_BUCKET/*"],"Condition":{"StringNotLike":{"aws:PrincipalArn":"*-break-glass"}}}`,
		`{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"LOGS_BUCKET/AWSLogs/*","Condition":{"StringEquals":{"aws:SourceAccount":"ACCOUNT"}}}`,
	)
	f.guard(logs).ObjectLock = inventory.ObjectLock{Enabled: true, Mode: "COMPLIANCE", Years: 1}
	for n := range f.BucketGuards {
		f.BucketGuards[n].PublicAccessBlock = inventory.PublicAccessBlock{BlockPublicAcls: true}
	}
	f.AccountPublicAccessBlock = inventory.PublicAccessBlock{BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}

	f.Trails[0].EventSelectors = nil
	objects := func(readOnly string) inventory.AdvancedEventSelector {
		return inventory.AdvancedEventSelector{FieldSelectors: []inventory.FieldSelector{
			{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
			{Field: "resources.ARN", StartsWith: []string{f.filled("DATA_BUCKET/")}}, {Field: "readOnly", Equals: []string{readOnly}},
		}}
	}
	f.Trails[0].AdvancedEventSelectors = []inventory.AdvancedEventSelector{
		{FieldSelectors: []inventory.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}}, objects("true"), objects("false"),
	}
	// One filter for all, on an alarm that counts.
	f.MetricFilters = f.MetricFilters[:1]
	f.MetricFilters[0].FilterPattern = `{ $.eventName = "StopLogging" || $.eventName = "DeleteTrail" || $.eventName = "UpdateTrail" || $.eventName = "DisableKey" || $.eventName = "ScheduleKeyDeletion" }`
	f.MetricAlarms[0].Statistic, f.MetricAlarms[0].ComparisonOperator, f.MetricAlarms[0].Threshold = "SampleCount", "GreaterThanThreshold", 0
}

// terse says the same in other words: single statements and values, names in another case, policies that are attached, a
// vendor that is one role, keys that leave the rest to IAM.
func terse(f *fixture) {
	admin := f.role(teamAdmin)
	const attached = "arn:aws:iam::" + account + ":policy/" + prefix + "-delegation"
	document := f.document(
		`{"effect":"Allow","action":"IAM:createrole","resource":"TEAM_ROLES","condition":{"stringequals":{"IAM:permissionsboundary":"BOUNDARY"}}}`,
		`{"Effect":"Allow","Action":["iam:AttachRolePolicy","iam:DetachRolePolicy"],"Resource":"TEAM_ROLES","Condition":{"ArnEquals":{"iam:PermissionsBoundary":"BOUNDARY"},"ArnLike":{"iam:PolicyARN":"arn:aws:iam::ACCOUNT:policy/app/t1/*"}}}`,
	)
	admin.Policies, admin.Attached = []inventory.PolicyDocument{{Name: attached, Document: document}}, []string{attached}
	f.Identities.Policies = append(f.Identities.Policies, inventory.ManagedPolicy{Arn: attached, Document: document, Versions: 1})

	f.role(vendor).TrustPolicy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:role/scanner"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"labctl-t1-vendor"}}}}`
	f.role("app").TrustPolicy = f.filled(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringLike":{"aws:SourceAccount":"ACCOUNT"}}}}`)
	for _, part := range []string{data, logs} {
		key := f.key(part)
		f.sid(&key.Policy, "TheAccountOwnsTheKey", func(s statement) { s["Action"] = "kms:*" })
		f.sid(&key.Policy, "KeyAdminAdministers", func(s statement) {
			s["Action"] = []any{"kms:Describe*", "kms:List*", "kms:Get*", "kms:Enable*", "kms:Disable*", "kms:Revoke*", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"}
		})
	}
	f.guard(data).Encryption.KMSMasterKeyID = "arn:aws:kms:us-east-1:" + account + ":" + f.key(data).Aliases[0]
	f.sid(&f.guard(data).Policy, "TLSOnly", func(s statement) { s["Resource"] = f.filled("DATA_BUCKET*") })
	f.Trails[0].EventSelectors = []inventory.EventSelector{
		{ReadWriteType: "ReadOnly", IncludeManagementEvents: true, DataResources: []inventory.DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3"}}}},
		{ReadWriteType: "WriteOnly", IncludeManagementEvents: true, DataResources: []inventory.DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3:::"}}}},
	}
	f.MetricAlarms[0].Dimensions = nil
	f.MetricAlarms[0].EvaluationPeriods, f.MetricAlarms[0].DatapointsToAlarm = 3, 1
}

// badDesign is a design that fails what it breaks and nothing else.
type badDesign struct {
	change func(*fixture)
	breaks []string
}

// badDesigns are wrong in ways that the faults do not show.
func badDesigns() map[string]badDesign {
	one := func(id string, change func(*fixture)) badDesign { return badDesign{change, []string{id}} }
	return map[string]badDesign{
		"a role with AWS's administrator policy as its boundary": one("sec-boundary-on", func(f *fixture) {
			f.role(auditor).Boundary = &inventory.PolicyDocument{Name: "arn:aws:iam::aws:policy/AdministratorAccess", Document: f.document(`{"Effect":"Allow","Action":"*","Resource":"*"}`)}
		}),
		"any boundary of the team's own will do": {func(f *fixture) {
			f.sid(f.permissions(teamAdmin), "MakeRolesWithTheBoundary", func(s statement) {
				s["Condition"] = map[string]any{"StringLike": map[string]any{boundaryKey: f.filled("arn:aws:iam::ACCOUNT:policy/app/t1/*")}}
			})
		}, []string{"sec-boundary-required", "sec-no-privesc"}},
		"the condition lets a request without a boundary through": {func(f *fixture) {
			f.sid(f.permissions(teamAdmin), "MakeRolesWithTheBoundary", func(s statement) {
				s["Condition"] = map[string]any{"StringEqualsIfExists": map[string]any{boundaryKey: f.boundaryARN()}}
			})
		}, []string{"sec-boundary-required", "sec-no-privesc"}},
		"nobody can make roles": one("sec-boundary-required", func(f *fixture) { f.drop(f.permissions(teamAdmin), "MakeRolesWithTheBoundary") }),
		"another delegate may edit the boundary": one("sec-boundary-frozen", func(f *fixture) {
			f.add(f.permissions(developer), `{"Effect":"Allow","Action":"iam:SetDefault*","Resource":"*"}`)
		}),
		"the team's administrator may make access keys": one("sec-no-privesc", func(f *fixture) {
			f.role(teamAdmin).Boundary.Document = f.document(`{"Effect":"Allow","Action":"iam:*","Resource":"*"}`)
			f.add(f.permissions(teamAdmin), `{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"*"}`)
		}),
		"roles are passed to every service": one("sec-passrole", func(f *fixture) {
			f.sid(f.permissions(developer), "PassTeamRolesToLambda", func(s statement) { delete(s, "Condition") })
		}),
		"roles are passed to services whose name begins with lambda": one("sec-passrole", func(f *fixture) {
			f.sid(f.permissions(developer), "PassTeamRolesToLambda", func(s statement) {
				s["Condition"] = map[string]any{"StringLike": map[string]any{passedToKey: "lambda*"}}
			})
		}),
		"nobody passes roles": one("sec-passrole", func(f *fixture) { f.drop(f.permissions(developer), "PassTeamRolesToLambda") }),
		"any external id will do": one("sec-external-id", func(f *fixture) {
			trust := &f.role(vendor).TrustPolicy
			*trust = strings.ReplaceAll(strings.ReplaceAll(*trust, "StringEquals", "StringLike"), `"labctl-t1-vendor"`, `"labctl-*"`)
		}),
		"an external id is needed, and not which": one("sec-external-id", func(f *fixture) {
			f.rewrite(&f.role(vendor).TrustPolicy, func(s statement) {
				s["Condition"] = map[string]any{"Null": map[string]any{externalIDKey: "false"}}
			})
		}),
		"the trail of any account assumes the role": one("sec-deputy", func(f *fixture) {
			f.rewrite(&f.role("trail").TrustPolicy, func(s statement) {
				s["Condition"] = map[string]any{"ArnLike": map[string]any{"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/labctl-t1-trail"}}
			})
		}),
		"the function of two accounts assumes the role": one("sec-deputy", func(f *fixture) {
			f.rewrite(&f.role("app").TrustPolicy, func(s statement) {
				s["Condition"] = map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": []any{account, "210987654321"}}}
			})
		}),
		"everybody in the account assumes a role, permission or not": one("sec-trust-tight", func(f *fixture) {
			f.rewrite(&f.role(auditor).TrustPolicy, func(s statement) {
				s["Principal"] = map[string]any{"AWS": []any{"*"}}
				s["Condition"] = map[string]any{"StringEquals": map[string]any{"aws:PrincipalAccount": account}}
			})
		}),
		"the data bucket has no guard, and grants nothing to outsiders": one("sec-org", func(f *fixture) { f.drop(&f.guard(data).Policy, "OwnOrganizationOnly") }),
		"the guard spares callers without credentials": one("sec-org", func(f *fixture) {
			f.sid(&f.guard(data).Policy, "OwnOrganizationOnly", func(s statement) {
				s["Condition"] = map[string]any{
					"Bool":                    map[string]any{"aws:PrincipalIsAWSService": "false"},
					"StringNotEqualsIfExists": map[string]any{"aws:PrincipalAccount": account},
				}
			})
		}),
		"the guard is for another organization": {func(f *fixture) {
			f.sid(&f.guard(data).Policy, "OwnOrganizationOnly", func(s statement) {
				s["Condition"] = map[string]any{"StringNotEqualsIfExists": map[string]any{"aws:PrincipalOrgID": "o-zzzzzzzzzz"}, "BoolIfExists": map[string]any{"aws:PrincipalIsAWSService": "false"}}
			})
		}, []string{"sec-org", "sec-sse-key", "sec-tls"}},
		"a function of everybody's": one("sec-abac", func(f *fixture) {
			f.add(f.permissions(developer), `{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/project":"labctl-stranger"}}}`)
		}),
		"functions can be retagged": one("sec-abac", func(f *fixture) {
			f.sid(f.permissions(developer), "NobodyRetags", func(s statement) { s.without("lambda:TagResource") })
			f.add(f.permissions(developer), `{"Effect":"Allow","Action":"lambda:TagResource","Resource":"*"}`)
		}),
		"a session can choose its project": one("sec-abac", func(f *fixture) {
			f.rewrite(&f.role(developer).TrustPolicy, func(s statement) { s["Action"] = []any{"sts:AssumeRole", "sts:TagSession"} })
		}),
		"no role has a project": one("sec-abac", func(f *fixture) { delete(f.role(developer).Tags, projectTag) }),
		"plain HTTP is denied to everybody but administrators": one("sec-tls", func(f *fixture) {
			f.sid(&f.guard(data).Policy, "TLSOnly", func(s statement) { s["Principal"] = map[string]any{"AWS": f.role("app").Arn} })
		}),
		"TLS is denied as well": {func(f *fixture) {
			f.sid(&f.guard(data).Policy, "TLSOnly", func(s statement) { delete(s, "Condition") })
		}, []string{"sec-org", "sec-sse-key", "sec-tls"}},
		"the bucket's default is S3's own key":             one("sec-sse-key", func(f *fixture) { f.guard(data).Encryption = inventory.DefaultEncryption{SSEAlgorithm: "AES256"} }),
		"the bucket's default is the key that AWS manages": one("sec-sse-key", func(f *fixture) { f.guard(data).Encryption.KMSMasterKeyID = "" }),
		"keys that the client brings are taken":            one("sec-sse-key", func(f *fixture) { f.drop(&f.guard(data).Policy, "NoKeyOfTheClient") }),
		"the lab's other key is taken": one("sec-sse-key", func(f *fixture) {
			f.sid(&f.guard(data).Policy, "NoOtherKey", func(s statement) {
				s.conditions()["StringNotEquals"][sseKeyHeader] = []any{f.key(data).Arn, f.key(logs).Arn}
			})
		}),
		"the key administrator may rewrite the key's policy": one("sec-kms-duties", func(f *fixture) {
			f.sid(&f.key(data).Policy, "KeyAdminAdministers", func(s statement) { s["Action"] = append(texts(s["Action"]), "kms:PutKeyPolicy") })
		}),
		"the app may disable its key": one("sec-kms-duties", func(f *fixture) {
			f.add(&f.key(data).Policy, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::ACCOUNT:role/app/t1/labctl-t1-app"},"Action":"kms:DisableKey","Resource":"*"}`)
			f.role("app").Boundary = &inventory.PolicyDocument{Name: f.boundaryARN(), Document: f.document(`{"Effect":"Allow","Action":"*","Resource":"*"}`)}
		}),
		"nobody can use the keys": one("sec-kms-duties", func(f *fixture) {
			for _, part := range []string{data, logs} {
				f.rewrite(&f.key(part).Policy, func(s statement) {
					if s["Sid"] != "TheAccountOwnsTheKey" && s["Sid"] != "KeyAdminAdministers" {
						s["Effect"] = "Deny"
					}
				})
			}
		}),
		"a key waits for its deletion": one("sec-kms-rotation", func(f *fixture) { f.key(logs).KeyState = "PendingDeletion" }),
		"a key without an alias waits for its deletion": one("sec-kms-rotation", func(f *fixture) {
			remade(f) // a second one does not help where the first is the one that is used
			f.Keys[len(f.Keys)-1].Aliases, f.key(data).Aliases = f.key(data).Aliases, nil
		}),
		"the trail records one region":           one("sec-trail", func(f *fixture) { f.Trails[0].IsMultiRegionTrail = false }),
		"the trail cannot deliver":               one("sec-trail", func(f *fixture) { f.Trails[0].LatestDeliveryError = "AccessDenied" }),
		"the trail records no management events": one("sec-trail", func(f *fixture) { f.Trails[0].EventSelectors[0].IncludeManagementEvents = false }),
		"the trail has no key":                   one("sec-trail-integrity", func(f *fixture) { f.Trails[0].KmsKeyId = "" }),
		"the lock has no retention":              one("sec-log-store", func(f *fixture) { f.guard(logs).ObjectLock = inventory.ObjectLock{Enabled: true} }),
		"administrators delete logs":             one("sec-log-store", func(f *fixture) { f.drop(&f.guard(logs).Policy, "OnlyBreakGlassDeletes") }),
		"a role may change the log bucket's policy": one("sec-log-store", func(f *fixture) {
			f.add(f.permissions(auditor), `{"Effect":"Allow","Action":"s3:PutBucketPolicy","Resource":"LOGS_BUCKET"}`)
		}),
		"not even break-glass deletes": one("sec-log-store", func(f *fixture) {
			f.sid(&f.guard(logs).Policy, "OnlyBreakGlassDeletes", func(s statement) { delete(s, "Condition") })
		}),
		"data events of a part of the bucket": one("sec-data-events", func(f *fixture) {
			f.Trails[0].EventSelectors[0].DataResources[0].Values = []string{f.filled("DATA_BUCKET/invoices/")}
		}),
		"data events but for one kind of call": one("sec-data-events", func(f *fixture) {
			f.Trails[0].EventSelectors[0].DataResources = nil
			f.Trails[0].AdvancedEventSelectors = []inventory.AdvancedEventSelector{{FieldSelectors: []inventory.FieldSelector{
				{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
				{Field: "eventName", NotEquals: []string{"GetObject"}},
			}}}
		}),
		"the alarm's action is switched off": one("sec-tamper-alarm", func(f *fixture) { f.MetricAlarms[0].ActionsEnabled = false }),
		"the alarm looks at another metric":  one("sec-tamper-alarm", func(f *fixture) { f.MetricAlarms[0].MetricName = "Tempering" }),
		"the alarm waits for three bad periods": one("sec-tamper-alarm", func(f *fixture) {
			f.MetricAlarms[0].EvaluationPeriods, f.MetricAlarms[0].DatapointsToAlarm = 3, 0
		}),
		"the alarm's threshold is two events": one("sec-tamper-alarm", func(f *fixture) { f.MetricAlarms[0].Threshold = 2 }),
		"the filter matches everything":       one("sec-tamper-alarm", func(f *fixture) { f.MetricFilters[0].FilterPattern = "" }),
		"an open finding about the lab": one("sec-analyzer", func(f *fixture) {
			f.AccessFindings = []inventory.AccessFinding{{Analyzer: f.analyzer(), Id: "f-1", Resource: f.role(vendor).Arn, Status: "ACTIVE"}}
		}),
		"an analyzer of unused access only": one("sec-analyzer", func(f *fixture) { f.Analyzers[0].Type = "ACCOUNT_UNUSED_ACCESS" }),
	}
}
