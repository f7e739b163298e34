package iam

import (
	"iter"

	"labctl/checks"
	"labctl/checks/access"
	"labctl/checks/policy"
)

// The strangers of the sample requests: an account and a name that nobody has.
const (
	strangerAccount = "999999999999"
	strangerName    = access.Stranger
)

// keys are the condition keys of a request with their values.
type keys = map[string][]string

// with is the request with these keys as well. Later ones win.
func with(in policy.Input, contexts ...keys) policy.Input {
	all := keys{}
	for key, values := range in.Context {
		all[key] = values
	}
	for _, c := range contexts {
		for key, values := range c {
			all[key] = values
		}
	}
	in.Context = all
	return in
}

// answer is a request with its decision.
type answer struct {
	policy.Decision
	in policy.Input
}

func (a answer) why() string {
	return why(a.Decision, a.in.Action, a.in.Resource, a.in.Principal.String())
}

// worst finds, among requests that must be refused, one that is allowed; failing that, one of which it is not known.
// Nil means that all are refused.
func worst(inputs iter.Seq[policy.Input]) *answer {
	var doubtful *answer
	for in := range inputs {
		switch decision := policy.Evaluate(in); decision.Outcome {
		case policy.Allow:
			return &answer{decision, in}
		case policy.Inconclusive:
			if doubtful == nil {
				doubtful = &answer{decision, in}
			}
		}
	}
	return doubtful
}

// granted tells whether one of the requests is allowed for certain.
func granted(inputs iter.Seq[policy.Input]) bool {
	for in := range inputs {
		if policy.Evaluate(in).Outcome == policy.Allow {
			return true
		}
	}
	return false
}

// refuse records an offence unless all requests are refused. claim says what the requests would amount to:
// "role x can ...".
func refuse(o *checks.Offences, inputs iter.Seq[policy.Input], claim string, ids ...string) {
	found := worst(inputs)
	if found == nil {
		return
	}
	if found.Outcome == policy.Inconclusive {
		claim = "It cannot be shown that this is impossible: " + claim
	}
	o.Add(claim+". "+found.why(), ids...)
}

// denied records an offence unless every request meets an explicit deny, which holds whatever else may grant it one day.
func denied(o *checks.Offences, inputs iter.Seq[policy.Input], claim string, ids ...string) {
	for in := range inputs {
		if decision := policy.Evaluate(in); decision.Outcome != policy.ExplicitDeny {
			o.Add(claim+". "+answer{decision, in}.why(), ids...)
			return
		}
	}
}
