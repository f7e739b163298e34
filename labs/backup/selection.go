package backup

import (
	"fmt"
	"slices"
	"strings"

	"labctl/checks/inventory"
	"labctl/labs/say"
)

// choice is what a selection makes of a resource.
type choice struct {
	selected bool
	// explicit tells that an ARN names the type: it is then backed up whether or not the account has opted in to the type.
	// https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources-json.html
	explicit bool
	why      string // it is not selected
}

// tagKey is what stands before a tag's key in a condition.
const tagKey = "aws:ResourceTag/"

// choose says whether a selection includes a resource. An ARN has to match, and all conditions hold; of a list of tags one
// has to be there. One that names neither takes every type that the account has opted in to. AWS Backup tells capitals from
// small letters.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
func choose(s inventory.BackupSelection, r resource) (choice, error) {
	if pattern := firstMatch(s.NotResources, r.Arn); pattern != "" {
		return choice{why: fmt.Sprintf("it is excluded by %s", pattern)}, nil
	}
	pattern := firstMatch(slices.DeleteFunc(slices.Clone(s.Resources), func(p string) bool { return !supported(p) }), r.Arn)
	tagged, err := listed(s.ListOfTags, r.Tags)
	if err != nil {
		return choice{}, err
	}
	switch {
	case len(s.Resources) > 0 && len(s.ListOfTags) > 0 && (pattern != "") != tagged:
		return choice{}, fmt.Errorf("selection %s has ARNs and a list of tags, of which %s matches only one: labctl does not know what AWS Backup makes of that", s.SelectionName, r)
	case len(s.Resources) > 0 && pattern == "" && firstMatch(s.Resources, r.Arn) != "":
		return choice{why: fmt.Sprintf("its ARN %s has a wildcard in the middle of a name, which AWS Backup does not support", firstMatch(s.Resources, r.Arn))}, nil
	case len(s.Resources) > 0 && pattern == "":
		return choice{why: "none of its ARNs matches"}, nil
	case len(s.ListOfTags) > 0 && !tagged:
		return choice{why: "it has none of the tags " + say.And(each(s.ListOfTags, func(c inventory.TagCondition) string { return c.Key + "=" + c.Value }))}, nil
	}
	if why, err := unmet(s.Conditions, r.Tags); err != nil || why != "" {
		return choice{why: why}, err
	}
	return choice{selected: true, explicit: namesType(pattern) && r.optInName() != "Aurora"}, nil
}

// namesType says whether an ARN with wildcards names a type of resources, and not a service only. The clusters of Aurora
// share a type with others: for them what the account has opted in to counts all the same.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources-json.html
func namesType(pattern string) bool {
	parts := strings.SplitN(pattern, ":", 6)
	if len(parts) < 6 || strings.Contains(parts[2], "*") {
		return false
	}
	kind, _, _ := strings.Cut(parts[5], "*")
	return parts[2] == "s3" || strings.ContainsAny(kind, "/:") // all that S3 has are buckets
}

// supported says whether AWS Backup takes an ARN with wildcards: in a name the asterisk is at the end.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
func supported(pattern string) bool {
	parts := strings.SplitN(pattern, ":", 6)
	_, after, wild := strings.Cut(parts[len(parts)-1], "*")
	return !wild || after == ""
}

func firstMatch(patterns []string, arn string) string {
	for _, pattern := range patterns {
		if matches(pattern, arn) {
			return pattern
		}
	}
	return ""
}

// matches says whether a text is of a pattern in which * stands for anything.
func matches(pattern, text string) bool {
	before, after, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	rest, ok := strings.CutPrefix(text, before)
	if !ok {
		return false
	}
	for n := range len(rest) + 1 {
		if matches(after, rest[n:]) {
			return true
		}
	}
	return false
}

// listed says whether one of a list of tags is there.
func listed(list []inventory.TagCondition, tags map[string]string) (bool, error) {
	for _, c := range list {
		if c.Type != "" && c.Type != "STRINGEQUALS" {
			return false, fmt.Errorf("labctl does not know the comparison %s", c.Type)
		}
		if value, ok := tags[strings.TrimPrefix(c.Key, tagKey)]; ok && value == c.Value {
			return true, nil
		}
	}
	return false, nil
}

// unmet says which condition does not hold; "" where all do.
func unmet(conditions inventory.SelectionConditions, tags map[string]string) (string, error) {
	for _, list := range []struct {
		operator string
		all      []inventory.TagCondition
		holds    func(value, wanted string) bool
		without  bool // it may hold of a resource without the tag
	}{
		{"StringEquals", conditions.StringEquals, func(v, w string) bool { return v == w }, false},
		{"StringLike", conditions.StringLike, func(v, w string) bool { return matches(w, v) }, false},
		{"StringNotEquals", conditions.StringNotEquals, func(v, w string) bool { return v != w }, true},
		{"StringNotLike", conditions.StringNotLike, func(v, w string) bool { return !matches(w, v) }, true},
	} {
		for _, c := range list.all {
			key, ok := strings.CutPrefix(c.Key, tagKey)
			if !ok {
				return "", fmt.Errorf("labctl does not know the condition key %s", c.Key)
			}
			value, has := tags[key]
			switch {
			case !has && list.without:
				return "", fmt.Errorf("labctl does not know whether %s %s %q holds of what has no such tag", key, list.operator, c.Value)
			case !has:
				return fmt.Sprintf("it has no tag %s, which has to be %q%s", key, c.Value, nearlyCalled(key, tags)), nil
			case !list.holds(value, c.Value):
				return fmt.Sprintf("its tag %s is %q, and %s %q asks for another value", key, value, list.operator, c.Value), nil
			}
		}
	}
	return "", nil
}

// nearlyCalled points at a tag whose key differs in capitals only.
func nearlyCalled(key string, tags map[string]string) string {
	for other := range tags {
		if strings.EqualFold(other, key) {
			return fmt.Sprintf(" (it has %s, which is another key)", other)
		}
	}
	return ""
}

// optInName is what AWS Backup calls the type of a resource.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRegionSettings.html
func (r resource) optInName() string {
	switch {
	case r.Kind == kindTable:
		return "DynamoDB"
	case r.Kind == kindBucket:
		return "S3"
	case r.Kind == kindVolume:
		return "EBS"
	case slices.Contains(strings.Split(r.Arn, ":"), "cluster"):
		return "Aurora"
	default:
		return "RDS"
	}
}

// backupCall is what a role must be able to do of a resource for AWS Backup to back it up, and on what; one of the actions
// is enough.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
func (r resource) backupCall() (on string, actions []string) {
	switch r.Kind {
	case kindTable:
		return r.Arn, []string{"dynamodb:StartAwsBackupJob", "dynamodb:CreateBackup"}
	case kindBucket:
		return r.Arn + "/document", []string{"s3:GetObjectVersion"}
	case kindVolume:
		return r.Arn, []string{"ec2:CreateSnapshot"}
	default:
		return r.Arn, []string{"rds:CreateDBSnapshot", "rds:CreateDBClusterSnapshot"}
	}
}
