package runner

import (
	"context"
	"errors"

	"labctl/checks/access"
	"labctl/checks/escalate"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

// Can gathers what decides a request in an account: what `can` puts to the policy engine.
func (r *Runner) Can(ctx context.Context, opts NetworkOptions, question access.Question) (policy.Input, error) {
	t, err := r.reachable(ctx, opts)
	if err != nil {
		return policy.Input{}, err
	}
	input, err := access.Input(ctx, r.inventory(t, inventory.Scope{}), question)
	return input, interruptedOr(ctx, "reading who may do what", asked(err))
}

// Escalate gathers what decides whether a principal of an account can give itself more rights.
func (r *Runner) Escalate(ctx context.Context, opts NetworkOptions, principal string) (escalate.Subject, *escalate.Account, error) {
	t, err := r.reachable(ctx, opts)
	if err != nil {
		return escalate.Subject{}, nil, err
	}
	subject, account, err := access.Subject(ctx, r.inventory(t, inventory.Scope{}), principal)
	return subject, account, interruptedOr(ctx, "reading who may do what", asked(err))
}

// asked turns what is wrong with a question into what is wrong with the command.
func asked(err error) error {
	var unknown *access.UnknownError
	var malformed *access.MalformedError
	switch {
	case errors.As(err, &unknown) && unknown.Valid == nil:
		return &UsageError{Reason: err.Error()}
	case errors.As(err, &unknown):
		return Unknown(unknown.Kind, unknown.Name, unknown.Valid)
	case errors.As(err, &malformed):
		return &UsageError{Reason: err.Error()}
	default:
		return err
	}
}
