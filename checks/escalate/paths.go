package escalate

// Where the paths are documented. Each Source is a page below one of these, or AWS's own.
const (
	// pathfinding is Datadog's catalogue of escalation paths, which builds on the work of Spencer Gietzen (Rhino Security
	// Labs), Gerben Kleijn (Bishop Fox) and Erik Steringer (NCC Group).
	pathfinding = "https://pathfinding.cloud/paths/"
	// rhino is where most of the paths were first listed.
	rhino = "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/"

	userGuide = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
)

// Paths lists the known paths.
func Paths() []Path {
	var all []Path
	all = append(all, policyPaths()...)
	all = append(all, credentialPaths()...)
	all = append(all, boundaryPaths()...)
	all = append(all, computePaths()...)
	all = append(all, dataPaths()...)
	all = append(all, borrowingPaths()...)
	return all
}

// policyPaths write rights.
func policyPaths() []Path {
	const anyRight = "any right, for whoever has the policy"
	return []Path{
		{
			ID: "create-policy-version", Title: "Write a new version of a managed policy",
			Calls: []Call{{Action: "iam:CreatePolicyVersion", on: policyKind, gain: edits}},
			Gains: anyRight + "; a new version can be made the default in the same call", Source: pathfinding + "iam-001",
		},
		{
			ID: "set-default-policy-version", Title: "Bring back an older version of a managed policy",
			Calls: []Call{{Action: "iam:SetDefaultPolicyVersion", on: policyKind, gain: rollsBack}},
			Gains: "whatever an older version of a policy, or of the boundary, allowed", Source: rhino,
		},
		writes("put-user-policy", "Write a policy into a user", "iam:PutUserPolicy", userKind, "iam-007"),
		writes("put-role-policy", "Write a policy into a role", "iam:PutRolePolicy", roleKind, "iam-005"),
		writesGroup("put-group-policy", "Write a policy into a group", "iam:PutGroupPolicy", "iam-011"),
		writes("attach-user-policy", "Attach a stronger policy to a user", "iam:AttachUserPolicy", userKind, "iam-008"),
		writes("attach-role-policy", "Attach a stronger policy to a role", "iam:AttachRolePolicy", roleKind, "iam-009"),
		writesGroup("attach-group-policy", "Attach a stronger policy to a group", "iam:AttachGroupPolicy", "iam-010"),
		{
			ID: "add-user-to-group", Title: "Join a stronger group",
			Calls: []Call{{Action: "iam:AddUserToGroup", on: groupKind, gain: joins}},
			Gains: "the rights of the group", Source: pathfinding + "iam-013",
		},
	}
}

func writes(id, title, action string, on kind, page string) Path {
	return Path{
		ID: id, Title: title, Calls: []Call{{Action: action, on: on, gain: rewrites}},
		Gains: "any right, for the identity that is written to", Source: pathfinding + page,
	}
}

func writesGroup(id, title, action, page string) Path {
	return Path{
		ID: id, Title: title, Calls: []Call{{Action: action, on: groupKind, gain: rewritesGroup}},
		Gains: "any right, for the members of the group", Source: pathfinding + page,
	}
}

// credentialPaths become somebody else.
func credentialPaths() []Path {
	const theirs = "whatever the other user may do"
	become := func(id, title, action, page string) Path {
		return Path{
			ID: id, Title: title, Calls: []Call{{Action: action, on: userKind, gain: takesOver}},
			Gains: theirs, Source: pathfinding + page,
		}
	}
	return []Path{
		become("create-access-key", "Make an access key for another user", "iam:CreateAccessKey", "iam-002"),
		become("create-login-profile", "Give another user a console password", "iam:CreateLoginProfile", "iam-004"),
		become("update-login-profile", "Change another user's console password", "iam:UpdateLoginProfile", "iam-006"),
		{
			ID: "update-assume-role-policy", Title: "Let somebody into a role",
			Calls: []Call{{Action: "iam:UpdateAssumeRolePolicy", on: roleKind, gain: retrusts}},
			Gains: "whatever the role may do; the trust policy can name anybody, also in another account", Source: pathfinding + "iam-012",
		},
	}
}

// boundaryPaths get out from below a boundary.
func boundaryPaths() []Path {
	const page = userGuide + "access_policies_boundaries.html#access_policies_boundaries-delegate"
	frees := func(id, title, action string, on kind, how gain) Path {
		return Path{
			ID: id, Title: title, Calls: []Call{{Action: action, on: on, gain: how}},
			Gains: "everything that identity policies allow and the boundary held back", Source: page,
		}
	}
	return []Path{
		frees("delete-user-boundary", "Take the boundary off a user", "iam:DeleteUserPermissionsBoundary", userKind, uncaps),
		frees("delete-role-boundary", "Take the boundary off a role", "iam:DeleteRolePermissionsBoundary", roleKind, uncaps),
		frees("put-user-boundary", "Give a user a wider boundary", "iam:PutUserPermissionsBoundary", userKind, recaps),
		frees("put-role-boundary", "Give a role a wider boundary", "iam:PutRolePermissionsBoundary", roleKind, recaps),
	}
}
