package main

import (
	"context"
	"errors"
	"fmt"

	"labctl/runner/target"
	"labctl/runner/target/localstack"
)

// examineTarget looks at what a target needs beyond what every lab needs. The local one is looked at always.
func (a *app) examineTarget(ctx context.Context, place target.Place) []finding {
	if place.Name == target.Local {
		return nil
	}
	targets, err := a.targets(a.tellProgress)
	if err != nil {
		return nil // the directories' lines say it
	}
	var findings []finding
	if place.Name == target.LocalStack {
		findings = append(findings, a.examineDocker(ctx))
	}
	t, err := targets.Current(ctx, place)
	if err != nil {
		return append(findings, a.unreached(place, findings, err))
	}
	found := finding{What: "target " + place.Name, Level: levelOK, Detail: fmt.Sprintf("account %s, region %s", t.Account, t.Region)}
	if t.Endpoint != "" {
		found.Detail += ", at " + t.Endpoint
	}
	findings = append(findings, found)
	if place.Name == target.AWS {
		findings = append(findings, a.examineAccount(t)...)
	}
	return findings
}

// unreached says why a target does not answer. A LocalStack that is not there is started when a lab needs it, where Docker
// is.
func (a *app) unreached(place target.Place, sofar []finding, err error) finding {
	f := finding{What: "target " + place.Name, Level: levelProblem, Detail: err.Error()}
	var unusable *target.UnusableError
	var refused *target.RefusedError
	switch {
	case errors.As(err, &unusable):
		f.Do = unusable.Next
	case errors.As(err, &refused):
		f.Do = refused.Next
	}
	if place.Name == target.LocalStack && place.Endpoint == "" && sofar[0].Level == levelOK {
		f.Level, f.Do = levelNote, "nothing: `labctl up` starts one with Docker"
	}
	return f
}

func (a *app) examineDocker(ctx context.Context) finding {
	manager, err := a.localStack(a.tellProgress)
	if err != nil {
		return finding{What: "Docker", Level: levelProblem, Detail: err.Error()}
	}
	version, err := manager.Version(ctx)
	if err != nil {
		return finding{What: "Docker", Level: levelNote, Detail: err.Error(), Do: "start Docker, so that labctl can start LocalStack; one that runs already needs none"}
	}
	image := "image " + localstack.DefaultImage + " is here"
	if !manager.HasImage(ctx, localstack.DefaultImage) {
		image = "image " + localstack.DefaultImage + " is pulled when it is needed"
	}
	return finding{What: "Docker", Level: levelOK, Detail: version + "; " + image}
}

func (a *app) examineAccount(t target.Target) []finding {
	who := finding{What: "identity", Level: levelOK, Detail: t.Identity.ARN}
	if t.Identity.Alias != "" {
		who.Detail += ", account alias " + t.Identity.Alias
	}
	if t.Identity.Root {
		who.Level, who.Do = levelNote, "do not work as the root user: nothing limits it"
	}
	listed := finding{What: "allowed accounts", Level: levelOK, Detail: "account " + t.Account + " is on the list"}
	list, err := a.accounts()
	on := false
	if err == nil {
		on, err = list.Has(t.Account)
	}
	switch {
	case err != nil:
		listed.Level, listed.Detail, listed.Do = levelProblem, err.Error(), "repair the file, or remove it and allow the accounts again"
	case !on:
		listed.Level, listed.Detail = levelProblem, "account "+t.Account+" is not on the list"
		listed.Do = "if it is the right one: `labctl accounts allow " + t.Account + "`"
	}
	return []finding{who, listed}
}
