package report

import (
	"fmt"
	"strings"

	"labctl/checks"
	"labctl/checks/report/typeset"
)

// counts says how many results there are of each status; a skip is never hidden.
func counts(r checks.Report) string {
	line := fmt.Sprintf("%d pass, %d fail, %d error, %d skip",
		r.Count(checks.Pass), r.Count(checks.Fail), r.Count(checks.Error), r.Count(checks.Skip))
	if n := simulated(r); n > 0 {
		line += fmt.Sprintf(" (%d on behaviour that labctl simulates)", n)
	}
	return line
}

// cost says what the run of checks took.
func cost(r checks.Report) string {
	return fmt.Sprintf("%s in %s", typeset.Count(int(r.APICalls), "API call"), typeset.Elapsed(r.Elapsed))
}

// verdict is the outcome of the whole in one sentence.
func verdict(r checks.Report) string {
	total := len(r.Results)
	switch {
	case total == 0:
		return "nothing was checked."
	case r.Count(checks.Skip) == total:
		return "nothing was decided, because this target cannot show any of it."
	case r.Verdict() == checks.Pass:
		return holding(r.Count(checks.Pass), total)
	}
	failed, undecided := r.Count(checks.Fail), r.Count(checks.Error)
	var parts []string
	if failed > 0 {
		parts = append(parts, of(failed, total)+choose(failed, "does not hold", "do not hold"))
	}
	if undecided > 0 && failed > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be decided", undecided))
	} else if undecided > 0 {
		parts = append(parts, of(undecided, total)+"could not be decided")
	}
	return strings.Join(parts, ", and ") + ": " + strings.Join(ids(r, checks.Fail, checks.Error), ", ") + "."
}

func holding(passed, total int) string {
	if passed < total {
		return of(passed, total) + choose(passed, "holds", "hold") + "; this target cannot show the rest."
	}
	if total == 1 {
		return "the property holds."
	}
	return fmt.Sprintf("all %d properties hold.", total)
}

func of(n, total int) string {
	return fmt.Sprintf("%d of %d %s ", n, total, choose(total, "property", "properties"))
}

func choose(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// ids lists the checks with the wanted statuses, in the order of the statuses.
func ids(r checks.Report, wanted ...checks.Status) []string {
	var all []string
	for _, status := range wanted {
		for _, result := range r.Results {
			if result.Finding.Status == status {
				all = append(all, result.Check.ID)
			}
		}
	}
	return all
}

// simulated counts the verdicts that rest on labctl's own corrections or control loops.
func simulated(r checks.Report) int {
	n := 0
	for _, result := range r.Results {
		if result.Simulated {
			n++
		}
	}
	return n
}
