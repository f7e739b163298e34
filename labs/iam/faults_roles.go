package iam

import (
	"context"
	"slices"
	"strings"

	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"

	"labctl/labs"
)

func boundaryDropped() labs.Fault {
	const key = "boundary"
	type kept struct{ Role, Boundary string }
	return labs.Fault{
		ID:     "boundary-dropped",
		Title:  "An audit of the roles finds one whose rights end only where its policies end.",
		Answer: "The auditor's role no longer carries the permissions boundary.",
		Breaks: []string{"sec-boundary-on"},
		Hints: []string{
			"Its policies are as they were.",
			"Policies give rights. Something else sets the limit, and it belongs to the role.",
			"List the roles with their permissions boundaries.",
		},
		Inject: func(ctx context.Context, live labs.Live, record labs.Record) error {
			a, err := readArchitecture(ctx, live.Inventory)
			if err != nil {
				return err
			}
			roles := a.part(auditor)
			if len(roles) == 0 || roles[0].Boundary == nil {
				return labs.Lacks("no auditor's role with a boundary")
			}
			if err := labs.Remember(record, key, kept{roles[0].Name, roles[0].Boundary.Name}); err != nil {
				return err
			}
			_, err = awsiam.NewFromConfig(live.Config).DeleteRolePermissionsBoundary(ctx, &awsiam.DeleteRolePermissionsBoundaryInput{RoleName: &roles[0].Name})
			return doing("taking the boundary off role "+roles[0].Name, err)
		},
		Undo: func(ctx context.Context, live labs.Live, record labs.Record) error {
			var was kept
			if found, err := labs.Recall(record, key, &was); err != nil || !found {
				return err
			}
			_, err := awsiam.NewFromConfig(live.Config).PutRolePermissionsBoundary(ctx, &awsiam.PutRolePermissionsBoundaryInput{RoleName: &was.Role, PermissionsBoundary: &was.Boundary})
			return doing("putting the boundary on role "+was.Role, labs.Unless(err, "NoSuchEntity"))
		},
	}
}

func boundaryOptional() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "boundary-optional",
		Title:  "A team's new function can do things that no function in the account should be able to do.",
		Answer: "The team's administrator may make roles and give them policies without a boundary: the condition on iam:PermissionsBoundary is gone.",
		Breaks: []string{"sec-boundary-required", "sec-no-privesc"},
		Hints: []string{
			"Nothing was done that the team was not allowed to do.",
			"Look at how the team makes roles: what does the statement ask for?",
			"`labctl can` with iam:CreateRole, with and without --context iam:PermissionsBoundary=...",
		},
	}, permissionsOf(teamAdmin), eachStatement(func(_ *architecture, s statement) bool {
		return !s.denies() && s.names("iam:CreateRole") && s.uncondition(boundaryKey)
	}))
}

func boundaryEditable() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "boundary-editable",
		Title:  "The boundary has a version 2 that nobody in the security team has written.",
		Answer: "The deny on iam:CreatePolicyVersion for the boundary is gone, and the team's administrator writes policies under the same path.",
		Breaks: []string{"sec-boundary-frozen", "sec-no-privesc"},
		Hints: []string{
			"The boundary is a policy like others, and it stands where the team's own policies stand.",
			"What kept the team from editing it was a deny.",
			"Read the actions of the team administrator's deny on the boundary one by one.",
		},
	}, permissionsOf(teamAdmin), eachStatement(func(_ *architecture, s statement) bool {
		return s.denies() && s.names("iam:CreatePolicyVersion") && s.without("iam:CreatePolicyVersion")
	}))
}

// boundaryRemovable leaves the deny where it is and gives it a condition: whoever only looks whether there is a deny sees
// nothing.
func boundaryRemovable() labs.Fault {
	const remove = "iam:DeleteRolePermissionsBoundary"
	return documentFault(labs.Fault{
		ID:     "boundary-removable",
		Title:  "A role of a team lost its boundary last night. The administrator's policy denies exactly that.",
		Answer: "The deny on iam:DeleteRolePermissionsBoundary holds only for sessions without a second factor, and the statement for making roles allows it.",
		Breaks: []string{"sec-boundary-frozen", "sec-no-privesc"},
		Twin:   true,
		Hints: []string{
			"The deny is there, and it names the right action.",
			"A deny denies when its conditions hold.",
			"Ask `labctl can` about iam:DeleteRolePermissionsBoundary as somebody who has signed in with a second factor.",
		},
	}, permissionsOf(teamAdmin), both(
		eachStatement(func(_ *architecture, s statement) bool {
			if s.denies() && s.names(remove) {
				s["Condition"] = map[string]any{"BoolIfExists": map[string]any{"aws:MultiFactorAuthPresent": "false"}}
				return true
			}
			return false
		}),
		eachStatement(func(_ *architecture, s statement) bool {
			if !s.denies() && s.names("iam:PutRolePermissionsBoundary") {
				s["Action"] = append(texts(s["Action"]), remove)
				return true
			}
			return false
		}),
	))
}

func privescVersion() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "privesc-version",
		Title:  "A policy that was tightened in spring is wide open again, without anybody having written a word.",
		Answer: "The team's administrator may put any version of any policy in force: iam:SetDefaultPolicyVersion on *.",
		Breaks: []string{"sec-no-privesc"},
		Hints: []string{
			"Old versions of a policy are kept.",
			"Nobody edited the policy. Somebody chose.",
			"`labctl escalate` on the team's administrator.",
		},
	}, permissionsOf(teamAdmin), adding(func(*architecture) statement { return allowing("*", "iam:SetDefaultPolicyVersion") }))
}

func privescTrust() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "privesc-trust",
		Title:  "Somebody from a team has deleted logs as break-glass, and the team has never had a right about logs.",
		Answer: "The team's administrator may rewrite the trust policy of any role: iam:UpdateAssumeRolePolicy on *. No policy of a role and no boundary has to change for that.",
		Breaks: []string{"sec-no-privesc"},
		Twin:   true,
		Hints: []string{
			"No role got any new rights.",
			"A role has two sides: what it may do, and who it may be.",
			"`labctl escalate` on the team's administrator.",
		},
	}, permissionsOf(teamAdmin), adding(func(*architecture) statement { return allowing("*", "iam:UpdateAssumeRolePolicy") }))
}

func passRoleAny() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "passrole-any",
		Title:  "A developer's function deletes objects that developers cannot delete.",
		Answer: "Developers may pass any role to Lambda: the resource of the statement is *.",
		Breaks: []string{"sec-passrole"},
		Hints: []string{
			"The function runs as some role. Who chose it?",
			"Passing a role has a resource: the role.",
			"Read the statement about iam:PassRole in the developer's policy.",
		},
	}, permissionsOf(developer), eachStatement(func(_ *architecture, s statement) bool {
		if s.denies() || !s.names("iam:PassRole") {
			return false
		}
		s["Resource"] = "*"
		return true
	}))
}

func externalIDOptional() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "external-id-optional",
		Title:  "The vendor's support says that the external id in your configuration has been empty for weeks, and that everything works.",
		Answer: "The vendor's trust policy compares the external id with StringEqualsIfExists: a request without one passes.",
		Breaks: []string{"sec-external-id"},
		Hints: []string{
			"A wrong external id is still refused.",
			"What does the condition say about a request that has none?",
			"Look at the operator of the condition in the vendor role's trust policy.",
		},
	}, trustOf(vendor), eachStatement(func(_ *architecture, s statement) bool {
		block, _ := s["Condition"].(map[string]any)
		tests, ok := block["StringEquals"].(map[string]any)
		if !ok || tests[externalIDKey] == nil {
			return false
		}
		delete(block, "StringEquals")
		block["StringEqualsIfExists"] = tests
		return true
	}))
}

func deputyOpen() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "deputy-open",
		Title:  "Access Analyzer would not complain, and yet a service could be talked into using a role of yours for somebody else.",
		Answer: "The trust policy of the app's role no longer says for which account Lambda may assume it.",
		Breaks: []string{"sec-deputy"},
		Hints: []string{
			"The role trusts one service, as it should.",
			"The service works for every account.",
			"Compare the conditions in the trust policies of the roles that services assume.",
		},
	}, trustOf("app"), eachStatement(func(_ *architecture, s statement) bool {
		account, source := s.uncondition("aws:SourceAccount"), s.uncondition("aws:SourceArn")
		return account || source
	}))
}

func trustAnyone() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "trust-anyone",
		Title:  "Somebody from another company has read the audit record, with a second factor as the rules demand.",
		Answer: "The auditor's role trusts every principal of every account; the condition about the second factor is still there.",
		Breaks: []string{"sec-trust-tight"},
		Hints: []string{
			"The condition did its work.",
			"A second factor proves that somebody is whom they claim to be, not that they belong here.",
			"Read the principals in the trust policies.",
		},
	}, trustOf(auditor), eachStatement(func(_ *architecture, s statement) bool {
		if s.denies() {
			return false
		}
		s["Principal"] = map[string]any{"AWS": "*"}
		return true
	}))
}

func abacRetag() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "abac-retag",
		Title:  "A developer of the payments project has changed a function of the ledger project. Now the tags are as they were.",
		Answer: "Developers may tag their own role: iam:TagRole is allowed and no longer denied.",
		Breaks: []string{"sec-abac"},
		Hints: []string{
			"At the time of the change the tags were equal.",
			"There are two tags to make equal, and one of them is the developer's.",
			"Who may tag the developer's role?",
		},
	}, permissionsOf(developer), both(
		eachStatement(func(_ *architecture, s statement) bool {
			return s.denies() && s.names("iam:TagRole") && s.without("iam:TagRole")
		}),
		func(a *architecture, d document) bool {
			d.add(allowing(a.part(developer)[0].Arn, "iam:TagRole"))
			return true
		},
	))
}

// abacUntagged keeps the comparison of the tags as it is, and takes the function without a tag in.
func abacUntagged() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "abac-untagged",
		Title:  "A function that nobody has tagged yet was changed by a developer who has nothing to do with it.",
		Answer: "The tags are compared with ForAllValues:StringEquals, which holds where there is no value to compare.",
		Breaks: []string{"sec-abac"},
		Twin:   true,
		Hints: []string{
			"A function with another project's tag is still out of reach.",
			"What does the condition say about a function without the tag?",
			"Read the operator, all of it.",
		},
	}, permissionsOf(developer), eachStatement(func(_ *architecture, s statement) bool {
		block, _ := s["Condition"].(map[string]any)
		tests, ok := block["StringEquals"].(map[string]any)
		if !ok || s.denies() || tests[resourceProject] == nil {
			return false
		}
		delete(block, "StringEquals")
		block["ForAllValues:StringEquals"] = tests
		return true
	}))
}

func logsDeletable() labs.Fault {
	const deletes = "s3:DeleteObjectVersion"
	return documentFault(labs.Fault{
		ID:     "logs-deletable",
		Title:  "Operations asked for a way to tidy up, and got one. An hour of the record is missing.",
		Answer: "The log bucket's policy exempts the team's administrator from its deny, and allows it to delete versions.",
		Breaks: []string{"sec-log-store"},
		Hints: []string{
			"The bucket still denies deleting, to nearly everybody.",
			"Whom does the deny spare?",
			"`labctl can` with s3:DeleteObjectVersion on an object of the log bucket, role by role.",
		},
	}, policyOfBucket(logs), both(
		eachStatement(func(a *architecture, s statement) bool {
			operations := a.part(teamAdmin)
			return len(operations) > 0 && s.denies() && s.names(deletes) && s.exempt(operations[0].Arn)
		}),
		func(a *architecture, d document) bool {
			grant := allowing("", deletes)
			grant["Resource"] = bucketResource(d)
			grant["Principal"] = map[string]any{"AWS": a.part(teamAdmin)[0].Arn}
			d.add(grant)
			return true
		},
	))
}

// exempt adds a principal to those whom a deny spares by aws:PrincipalArn.
func (s statement) exempt(arn string) bool {
	for operator, tests := range s.conditions() {
		for asked, values := range tests {
			if strings.EqualFold(asked, "aws:PrincipalArn") && strings.Contains(strings.ToLower(operator), "not") {
				tests[asked] = append(texts(values), arn)
				return true
			}
		}
	}
	return false
}

// bucketResource are the objects of the bucket that a bucket policy is about.
func bucketResource(d document) string {
	for _, s := range d.statements() {
		resources := texts(s["Resource"])
		if n := slices.IndexFunc(resources, func(r string) bool { return strings.HasSuffix(r, "/*") }); n >= 0 {
			return resources[n]
		}
	}
	return "*"
}
