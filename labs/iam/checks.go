package iam

import "labctl/checks"

// allChecks are the lab's properties, in the order of its table.
func allChecks() []checks.Check {
	all := boundaryChecks()
	all = append(all, risingChecks()...)
	all = append(all, trustChecks()...)
	all = append(all, dataChecks()...)
	all = append(all, keyChecks()...)
	all = append(all, recordChecks()...)
	return append(all, hygieneChecks()...)
}

func boundaryChecks() []checks.Check {
	return []checks.Check{{
		ID:          "sec-boundary-on",
		Title:       "Every lab role carries the boundary",
		Requirement: delegation,
		Evidence:    checks.Config,
		Refs:        []string{"SEC03-BP05"},
		Needs:       []checks.Capability{boundaryPolicies},
		Expected:    "Each role that carries the lab's tag has the policy tagged labctl:role=boundary as its permissions boundary.",
		Why:         "A boundary limits only those who carry it: one role without it, and the others' limits are worth as much as access to that role.",
		Hint:        "List the roles with their permissions boundaries.",
		Decide:      judge([]need{{aRole, ""}}, decideBoundaryOn),
	}, {
		ID:          "sec-boundary-required",
		Title:       "Roles can be made or given policies only with the approved boundary",
		Requirement: delegation,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC03-BP05"},
		Expected:    "No role of the lab may create a role or user, or change the policies of one, unless it has the approved boundary; with it, somebody may.",
		Why:         "Whoever may create a role without a limit has every right that they can write down.",
		Hint:        "A role can be made, and it can be given policies later. Which condition key knows about boundaries, and do all those actions ask for it?",
		Decide:      judge([]need{{aRole, teamAdmin}}, decideBoundaryRequired),
	}, {
		ID:          "sec-boundary-frozen",
		Title:       "Delegates cannot edit, detach or replace the boundary",
		Requirement: delegation,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC03-BP05"},
		Expected:    "No role of the lab may change the boundary's versions, delete the policy, take it off a role or user, or put another in its place.",
		Why:         "A limit that those whom it limits can edit is a suggestion.",
		Hint:        "There are three ways around a boundary: what it says, whether it is there, and which one it is.",
		Decide:      judge([]need{{aRole, teamAdmin}}, decideBoundaryFrozen),
	}}
}

func risingChecks() []checks.Check {
	return []checks.Check{{
		ID:          "sec-no-privesc",
		Title:       "No known escalation path starts at team-admin",
		Requirement: rising,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC03-BP02"},
		Expected:    "Of the known ways to more rights (policies and their versions, credentials, trust, boundaries, passing roles to services, running code as them) none is open to the team's administrator.",
		Why:         "Rights to change rights are rights to everything, unless each of them is held by something that they cannot change.",
		Hint:        "`labctl escalate` tries every known path and names the statement that allows each call.",
		Decide:      judge([]need{{aRole, teamAdmin}}, decideNoPrivesc),
	}, {
		ID:          "sec-passrole",
		Title:       "PassRole only for role/app/* and only to Lambda",
		Requirement: rising,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC03-BP02"},
		Expected:    "Roles of the lab may pass roles under /app/ to lambda.amazonaws.com, and pass nothing else to anything.",
		Why:         "Who passes a role to a service has the role: the service does what it is told.",
		Hint:        "Two things limit passing a role: the resource, and the condition key that names the service.",
		Decide:      judge([]need{{aRole, ""}}, decidePassRole),
	}}
}

func trustChecks() []checks.Check {
	return []checks.Check{{
		ID:          "sec-external-id",
		Title:       "The vendor needs the right external id",
		Requirement: partners,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC03-BP09"},
		Expected:    "Those whom the vendor's role trusts can assume it with the external id that its trust policy names, and not with another one or with none.",
		Why:         "The vendor holds the keys of many customers; the external id keeps one customer from naming another one's role.",
		Hint:        "Ask what happens when the request has no external id at all.",
		Decide:      judge([]need{{aRole, vendor}}, decideExternalID),
	}, {
		ID:          "sec-deputy",
		Title:       "Service trust policies carry aws:SourceAccount or aws:SourceArn",
		Requirement: partners,
		Evidence:    checks.Analysis,
		Refs:        []string{"Prowler iam_role_cross_service_confused_deputy_prevention"},
		Expected:    "A service that a role trusts can assume it on behalf of the lab's account and of no other.",
		Why:         "A service works for every account: without a condition, somebody else's function or trail can use your role.",
		Hint:        "For whom does the service ask? Two condition keys tell.",
		Decide:      judge([]need{{aRole, ""}}, decideDeputy),
	}, {
		ID:          "sec-trust-tight",
		Title:       "No wildcard in a trust policy",
		Requirement: partners,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC03-BP07"},
		Expected:    "No role can be assumed by a principal of another account, by one of this account without permission, or by a service, unless its trust policy names them.",
		Why:         "A trust policy is the door of a role: conditions are locks, but a wildcard has no door.",
		Hint:        "Read the principals of every trust policy. A condition that everybody can meet is none.",
		Decide:      judge([]need{{aRole, ""}}, decideTrustTight),
	}}
}

func dataChecks() []checks.Check {
	return []checks.Check{{
		ID:          "sec-org",
		Title:       "The data bucket accepts only its own organization, AWS services spared",
		Requirement: dataGuarded,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC03-BP08", "S3.6"},
		Needs:       []checks.Capability{bucketPolicies},
		Expected:    "Whatever else may grant them access, principals from outside the organization (or the account, where it belongs to none) meet an explicit deny on the data bucket; the lab's own roles do not, and AWS services meet none on any bucket.",
		Why:         "A deny on everybody but one's own also stops the services that work for one: their requests come from no organization.",
		Hint:        "A deny has to say whom it spares. Whose requests have neither an organization nor an account?",
		Decide:      judge([]need{{aBucket, data}, {aRole, ""}}, decideOrg),
	}, {
		ID:          "sec-abac",
		Title:       "Access needs equal project tags, a missing tag is denied, nobody retags themselves",
		Requirement: projects,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC02-BP06"},
		Expected:    "A role with a project may work on functions of the same project; not on another project's, not on functions or as a role without one; and it can change neither its own project nor that of others' functions.",
		Why:         "Access by attributes is as strong as the weakest way to get an attribute, and a missing one is a value too.",
		Hint:        "Ask the policy about a function without the tag, and then who may set tags.",
		Decide:      judge([]need{{aRole, developer}}, decideABAC),
	}, {
		ID:          "sec-tls",
		Title:       "Plain HTTP denied on the bucket and its objects",
		Requirement: dataGuarded,
		Evidence:    checks.Analysis,
		Refs:        []string{"S3.5", "SEC09-BP02"},
		Needs:       []checks.Capability{bucketPolicies},
		Expected:    "Every bucket denies every request without TLS, on the bucket itself and on its objects, whoever makes it.",
		Why:         "A bucket and its objects are two resources: a statement about one says nothing about the other.",
		Hint:        "Compare the resources of the statement with the resource of a request to list the bucket.",
		Decide:      judge([]need{{aBucket, data}}, decideTLS),
	}, {
		ID:          "sec-sse-key",
		Title:       "Writes with another key are denied and the default is the lab's key",
		Requirement: dataGuarded,
		Evidence:    checks.ConfigAndAnalysis,
		Refs:        []string{"S3.17", "SEC08-BP02"},
		Needs:       []checks.Capability{bucketPolicies, bucketDefaults},
		Expected:    "Buckets encrypt with a key of the lab by default; the data bucket refuses writes that name another key, a KMS algorithm without a key, S3's own keys, or a key that the client brings.",
		Why:         "Whoever chooses the key decides who can read: with a key from elsewhere the data is yours and the key is not.",
		Hint:        "A write can name an algorithm, a key, both or neither. What does the policy do with each?",
		Decide:      judge([]need{{aBucket, data}, {aKey, ""}}, decideSSEKey),
	}}
}

func keyChecks() []checks.Check {
	return []checks.Check{{
		ID:          "sec-kms-duties",
		Title:       "The key administrator cannot decrypt or grant; the user cannot administer",
		Requirement: dutiesApart,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC08-BP01", "KMS.1"},
		Expected:    "The key administrator may disable or delete keys, and can neither use them, grant their use nor rewrite their policies; the roles that decrypt can administer nothing about them.",
		Why:         "Two people who have to agree are a control; one person with both halves is none.",
		Hint:        "A key has a policy of its own. Which actions does it give to whom, wildcards included?",
		Decide:      judge([]need{{aKey, ""}, {aRole, keyAdmin}}, decideKMSDuties),
	}, {
		ID:          "sec-kms-rotation",
		Title:       "Keys rotate and none waits for deletion",
		Requirement: dutiesApart,
		Evidence:    checks.Config,
		Refs:        []string{"KMS.3", "KMS.4"},
		Needs:       []checks.Capability{keyRotation},
		Expected:    "Every key of the lab is enabled and rotates by itself.",
		Why:         "A deleted key takes everything that it ever encrypted with it, backups included.",
		Hint:        "Look at the state and the rotation of each key.",
		Decide:      judge([]need{{aKey, ""}}, decideKMSRotation),
	}, {
		ID:          "sec-pab",
		Title:       "All four public-access-block flags on every bucket",
		Requirement: dataGuarded,
		Evidence:    checks.Config,
		Refs:        []string{"S3.8"},
		Expected:    "Block and ignore public ACLs, block public policies and restrict public buckets: each is on, for the bucket or for the account.",
		Why:         "The four flags stop four mistakes; three of them leave one.",
		Hint:        "Two flags are about ACLs and two about policies; one of each stops new ones, the other disarms old ones.",
		Decide:      judge([]need{{aBucket, data}}, decidePublicAccess),
	}}
}

func recordChecks() []checks.Check {
	return []checks.Check{{
		ID:          "sec-trail",
		Title:       "A multi-region trail is logging",
		Requirement: record,
		Evidence:    checks.Config,
		Refs:        []string{"CloudTrail.1", "SEC04-BP01"},
		Needs:       []checks.Capability{trailNames},
		Expected:    "A trail of the lab covers all regions, records all management events, is logging and can deliver.",
		Why:         "Who has stolen credentials goes to the region that nobody uses.",
		Hint:        "A trail exists, and a trail is logging: those are two calls.",
		Decide:      judge([]need{{aTrail, ""}}, decideTrail),
	}, {
		ID:          "sec-trail-integrity",
		Title:       "Log file validation and a customer key",
		Requirement: record,
		Evidence:    checks.Config,
		Refs:        []string{"CloudTrail.2", "CloudTrail.4"},
		Needs:       []checks.Capability{trailNames},
		Expected:    "Every trail of the lab writes digest files and encrypts with a customer-managed key.",
		Why:         "A record that can be changed without a trace proves nothing.",
		Hint:        "What would show that an hour of the record is missing?",
		Decide:      judge([]need{{aTrail, ""}}, decideTrailIntegrity),
	}, {
		ID:          "sec-log-store",
		Title:       "Nobody but break-glass can delete logs; lock on",
		Requirement: record,
		Evidence:    checks.ConfigAndAnalysis,
		Refs:        []string{"CloudTrail.6", "SEC04-BP02"},
		Needs:       []checks.Capability{bucketPolicies},
		Expected:    "In the bucket that trails deliver to, neither the account's administrators nor any role of the lab but break-glass can delete objects or versions, pass the lock or have logs expire; no role of the lab can change what protects the bucket; versions are kept and locked by default.",
		Why:         "The first thing to go after a break-in is the record of it.",
		Hint:        "Versions can be deleted too, a lock can be bypassed, and a lifecycle rule deletes without being asked.",
		Decide:      judge([]need{{aTrail, ""}, {aRole, breakGlass}}, decideLogStore),
	}, {
		ID:          "sec-data-events",
		Title:       "Object reads and writes are recorded",
		Requirement: record,
		Evidence:    checks.Config,
		Refs:        []string{"S3.22", "S3.23"},
		Needs:       []checks.Capability{trailEventSelectors},
		Expected:    "The lab's trails record reads and writes of all objects in the data bucket.",
		Why:         "Management events tell that a bucket was made; only data events tell who read it.",
		Hint:        "Look at the trail's event selectors: which events, reads or writes or both, of which objects?",
		Decide:      judge([]need{{aTrail, ""}, {aBucket, data}}, decideDataEvents),
	}, {
		ID:          "sec-tamper-alarm",
		Title:       "The filter matches StopLogging and DisableKey events",
		Requirement: alarmed,
		Evidence:    checks.Analysis,
		Refs:        []string{"CloudWatch.5", "CloudWatch.7"},
		Needs:       []checks.Capability{metricFilters, alarmProtocol},
		Expected:    "Metric filters on the trail's log group match events that stop or change the trail and that disable or delete a key, and no everyday events; each feeds a metric whose alarm goes off at one event and tells somebody.",
		Why:         "An alarm that has never gone off looks the same whether all is well or its filter has a typo.",
		Hint:        "Hold each filter's pattern against the event of a StopLogging call, letter by letter, and then follow it: metric, alarm, action.",
		Decide:      judge([]need{{aTrail, ""}}, decideTamperAlarm),
	}}
}

func hygieneChecks() []checks.Check {
	return []checks.Check{{
		ID:          "sec-no-keys",
		Title:       "No IAM users with access keys in the lab",
		Requirement: noLongTermKeys,
		Evidence:    checks.Config,
		Refs:        []string{"SEC02-BP02"},
		Expected:    "No user that carries the lab's tag has an access key, active or not.",
		Why:         "A key that does not expire is found one day: in a repository, a backup, a screenshot.",
		Hint:        "Roles have no keys. Who has?",
		Decide:      judge([]need{{aRole, ""}}, decideNoKeys),
	}, {
		ID:          "sec-analyzer",
		Title:       "An analyzer is active and has no open findings",
		Requirement: noLongTermKeys,
		Evidence:    checks.Config,
		Refs:        []string{"IAM.28", "SEC03-BP07"},
		Needs:       []checks.Capability{accessAnalyzer},
		Expected:    "An Access Analyzer for access from outside is active in the region, and none of its open findings is about the lab; the vendor's is archived.",
		Why:         "Somebody has to look at what is open to strangers, every day, and know what is meant to be.",
		Hint:        "Is there an analyzer, and what has it found that nobody has dealt with?",
		Decide:      judge([]need{{aRole, ""}}, decideAnalyzer),
	}}
}
