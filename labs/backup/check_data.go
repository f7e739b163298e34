package backup

import "labctl/checks"

func dataChecks() []checks.Check {
	return []checks.Check{{
		ID:          "bk-pitr",
		Title:       "Point-in-time recovery of the table is on",
		Requirement: anySecond,
		Evidence:    checks.Config,
		Refs:        []string{"DynamoDB.2"},
		Expected:    "Each table has point-in-time recovery, with a recovery period no shorter than its labctl:keep.",
		Why:         "Corruption that is found three days late needs the second before it began, and no snapshot was taken then.",
		Hint:        "It is a setting of the table's continuous backups, and it has a length.",
		Decide:      undecided,
	}, {
		ID:          "bk-s3-versions",
		Title:       "Overwritten and deleted objects can be brought back: versioning is on",
		Requirement: everyVersion,
		Evidence:    checks.Config,
		Refs:        []string{"S3.14"},
		Expected:    "Each bucket's versioning status is Enabled.",
		Why:         "A suspended bucket looks versioned: old versions are there, and the next overwrite is for good.",
		Hint:        "There are three states of versioning, and two of them keep nothing new.",
		Decide:      undecided,
	}, {
		ID:          "bk-s3-lock",
		Title:       "The documents bucket locks what is put into it by default",
		Requirement: everyVersion,
		Evidence:    checks.Config,
		Refs:        []string{"S3.15", "s3-bucket-default-lock-enabled"},
		Expected:    "The bucket with labctl:role=documents has Object Lock with a default retention.",
		Why:         "Object Lock without a default locks nothing that was not locked by hand.",
		Hint:        "Object Lock on the bucket, and a rule in its configuration: these are two things.",
		Decide:      undecided,
	}, {
		ID:          "bk-lifecycle-trap",
		Title:       "No lifecycle rule removes an old version before its time",
		Requirement: everyVersion,
		Evidence:    checks.Analysis,
		Refs:        []string{"S3.13", "SEC07-BP04"},
		Needs:       []checks.Capability{lifecycleRules},
		Expected:    "Each bucket has a lifecycle rule for versions that were replaced, and none expires a version sooner than labctl:keep after that.",
		Why:         "Versioning keeps what was overwritten until a rule that was written to save money removes it.",
		Hint:        "Read every enabled rule, whatever its prefix: after how many days does a noncurrent version go?",
		Decide:      undecided,
	}}
}
