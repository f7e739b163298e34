package observability

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/report/typeset"
)

// What a description has to say: who owns the alarm, and where it is written what to do. An owner is a word at least, not the next
// label. The address stands by the word runbook, with no other label between, or has the word in it.
var (
	ownerNamed   = regexp.MustCompile(`(?i)\b(?:(?:owner|owned by)\b["*]*\s*[:=-]?|(?:team|contact)["*]*\s*[:=])["*]*\s*"?([\p{L}\p{N}@#][^\s.;,"]*)`)
	runbookNamed = regexp.MustCompile(`(?i)\b(?:runbook|playbook)s?\b([^.;]*?)https?://(?:[^\s/.]+\.[^\s]+|[^\s/]+/[^\s]+)|https?://[^\s]*(?:runbook|playbook)[^\s]*`)
	otherLabel   = regexp.MustCompile(`(?i)\b(?:dashboard|console|graph|logs?|traces?|ticket|tb[ad]|todo|none)\b`)
	address      = regexp.MustCompile(`^https?://[^\s/]+[./][^\s]+`)
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
		if !namesOwner(description) && !somebody(tags["owner"]) {
			lacks = append(lacks, "an owner")
		}
		if !namesRunbook(description) && !address.MatchString(strings.TrimSpace(tags["runbook"])) {
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
	return []string{fmt.Sprintf("Each of %s names an owner and the address of a runbook.", typeset.Count(judged, "alarm"))}, nil
}

// namesOwner says whether a description names somebody, and not only that somebody is to be named.
func namesOwner(description string) bool {
	return slices.ContainsFunc(ownerNamed.FindAllStringSubmatch(description, -1), func(match []string) bool { return somebody(match[1]) })
}

// somebody says whether a word names an owner.
func somebody(word string) bool {
	switch strings.ToLower(strings.Trim(word, " :*-?")) {
	case "", "runbook", "playbook", "dashboard", "tbd", "tba", "todo", "none", "unknown", "n/a", "nobody":
		return false
	}
	return true
}

// namesRunbook says whether a description has the address of a runbook.
func namesRunbook(description string) bool {
	return slices.ContainsFunc(runbookNamed.FindAllStringSubmatch(description, -1), func(match []string) bool { return !otherLabel.MatchString(match[1]) })
}
