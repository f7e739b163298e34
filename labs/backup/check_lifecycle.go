package backup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
)

// decideLifecycle reads what removes objects by itself. A rule that concerns few objects removes those few: each rule that
// is enabled counts. A bucket without any keeps everything, and its bill grows.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
func decideLifecycle(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, r := range a.of(kindBucket) {
		rules, err := a.inv.Lifecycle(ctx, r.Name)
		if err != nil {
			return nil, err
		}
		guard, err := a.inv.BucketGuard(ctx, r.Name)
		if err != nil {
			return nil, err
		}
		shortest, by := 0, ""
		for _, rule := range rules {
			if !rule.Enabled {
				continue
			}
			if n := rule.NoncurrentDays; n > 0 && (shortest == 0 || n < shortest) {
				shortest, by = n, rule.ID
			}
			for _, wrong := range tooSoon(rule, r, guard.Versioning == "Enabled") {
				o.Add(fmt.Sprintf("%s: %s", begin(r), wrong), r.Arn)
			}
		}
		if shortest == 0 {
			told = append(told, fmt.Sprintf("%s removes no version that was replaced. Each is billed for as long as it stays.", begin(r)))
			continue
		}
		told = append(told, fmt.Sprintf("%s keeps a version that was replaced for %s (rule %s).", begin(r), days(shortest), by))
	}
	a.noneOf(kindBucket, o)
	return told, nil
}

// tooSoon says what a rule removes before its time. Where versions are kept, expiring the newest one only hides it: what
// removes data is the expiration of noncurrent versions. As many newer noncurrent versions as a rule keeps, it keeps
// besides; an object that is overwritten more often than that loses versions when their days are over.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-actions
func tooSoon(rule inventory.LifecycleRule, r resource, versioned bool) []string {
	var wrong []string
	if n := rule.NoncurrentDays; (n > 0 || rule.NewerNoncurrentVersions > 0) && time.Duration(n)*day < r.Keep {
		text := fmt.Sprintf("rule %s removes a version %s after it was replaced%s; it should stay for %s.", rule.ID, days(n), about(rule.Filter), span(r.Keep))
		if rule.NewerNoncurrentVersions > 0 {
			text += fmt.Sprintf(" The newest %d stay longer, but whoever overwrites an object %d times has the rest removed.", rule.NewerNoncurrentVersions, rule.NewerNoncurrentVersions+1)
		}
		wrong = append(wrong, text)
	}
	if expires := rule.ExpirationDays > 0 || rule.ExpirationDate != nil; expires && !versioned {
		wrong = append(wrong, fmt.Sprintf("rule %s expires objects%s, and without versioning an expired object is gone.", rule.ID, about(rule.Filter)))
	}
	return wrong
}

// about says which objects a filter is about; "" for all.
func about(f inventory.LifecycleFilter) string {
	var parts []string
	if f.Prefix != "" {
		parts = append(parts, "with prefix "+f.Prefix)
	}
	for _, key := range slices.Sorted(maps.Keys(f.Tags)) {
		parts = append(parts, fmt.Sprintf("tagged %s=%s", key, f.Tags[key]))
	}
	if f.ObjectSizeGreaterThan > 0 {
		parts = append(parts, fmt.Sprintf("larger than %d bytes", f.ObjectSizeGreaterThan))
	}
	if f.ObjectSizeLessThan > 0 {
		parts = append(parts, fmt.Sprintf("smaller than %d bytes", f.ObjectSizeLessThan))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (objects " + strings.Join(parts, ", ") + ")"
}
