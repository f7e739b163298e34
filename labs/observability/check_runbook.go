package observability

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"labctl/checks"
)

// What a description has to say: who owns the alarm, and where it is written what to do. An owner is a word at least, not the next label.
var (
	ownerNamed  = regexp.MustCompile(`(?i)\b(?:owner|owned by|team|contact)\b\s*[:=-]?\s*([\p{L}\p{N}@#][^\s.;,]*)`)
	runbookText = regexp.MustCompile(`(?i)\b(?:runbook|playbook)\b[^.;\n]*?(https?://[^\s.]+\.[^\s]+)`)
)

// decideRunbook reads what each alarm says to whoever it wakes; an alarm's tags owner and runbook count as well.
func decideRunbook(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	judged := 0
	judge := func(name, arn, description string) {
		judged++
		tags := map[string]string{}
		for key, value := range a.tags[arn] {
			tags[strings.ToLower(key)] = value
		}
		var lacks []string
		if !namesOwner(description) && strings.TrimSpace(tags["owner"]) == "" {
			lacks = append(lacks, "an owner")
		}
		if !runbookText.MatchString(description) && !strings.Contains(tags["runbook"], "://") {
			lacks = append(lacks, "the address of a runbook")
		}
		switch {
		case len(lacks) > 0 && strings.TrimSpace(description) == "":
			o.Add(fmt.Sprintf("Alarm %s says nothing: it has no description.", name), name)
		case len(lacks) > 0:
			o.Add(fmt.Sprintf("Alarm %s lacks %s: %q.", name, strings.Join(lacks, " and "), description), name)
		}
	}
	for _, one := range a.composites {
		judge(one.AlarmName, one.AlarmArn, one.AlarmDescription)
	}
	for _, one := range a.alarms {
		judge(one.AlarmName, one.AlarmArn, one.AlarmDescription)
	}
	return []string{fmt.Sprintf("Each of %s names an owner and the address of a runbook.", count(judged, "alarm"))}, nil
}

// namesOwner says whether a description names somebody, and not only that somebody is to be named.
func namesOwner(description string) bool {
	for _, match := range ownerNamed.FindAllStringSubmatch(description, -1) {
		switch strings.ToLower(strings.Trim(match[1], ":")) {
		case "runbook", "tbd", "tba", "none", "unknown", "n/a", "nobody":
		default:
			return true
		}
	}
	return false
}
