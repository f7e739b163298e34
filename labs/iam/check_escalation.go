package iam

import (
	"context"
	"fmt"

	"labctl/checks"
	"labctl/checks/access"
	"labctl/checks/escalate"
)

// mostPaths bounds how many escalation paths a finding tells in full.
const mostPaths = 5

func decideNoPrivesc(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var pass []string
	for _, r := range a.part(teamAdmin) {
		subject, account, err := access.Subject(ctx, a.inv, r.Arn)
		if err != nil {
			return nil, err //nolint:wrapcheck // it says what was read
		}
		report := escalate.Evaluate(subject, account)
		ways := append(report.With(escalate.Open), report.With(escalate.Inconclusive)...)
		for n, way := range ways {
			if n == mostPaths {
				o.Add(fmt.Sprintf("%s has %d further ways: `labctl escalate %s` tells them.", r.Name, len(ways)-n, r.Name), r.Arn)
				break
			}
			o.Add(tellPath(r, way), r.Arn)
		}
		pass = append(pass, fmt.Sprintf("%s has none of %d known ways to more rights.", r.Name, len(report.Results)))
	}
	return pass, nil
}

// tellPath says what the way is and which statements allow its calls.
func tellPath(r *role, way escalate.Result) string {
	told := fmt.Sprintf("%s can give itself more rights: %s (%s).", r.Name, way.Title, way.ID)
	if way.Status == escalate.Inconclusive {
		told = fmt.Sprintf("It cannot be shown that %s cannot give itself more rights: %s (%s). %s", r.Name, way.Title, way.ID, way.Note)
	}
	for _, step := range way.Steps {
		told += " " + why(step.Decision, step.Action, step.Resource, r.Name)
	}
	return told
}
