package backup

import (
	"context"
	"fmt"
	"strings"

	"labctl/checks/access"
	"labctl/checks/policy"
	"labctl/labs"
)

// What somebody's policies say to a request.
const (
	mayDo  = "allowed"
	mayNot = "refused"
	unsure = "undecided"
)

// may asks the policy engine, not the target: a local AWS enforces no policies.
func may(ctx context.Context, live labs.Live, role, action, resource string) (string, error) {
	in, err := access.Input(ctx, live.Inventory, access.Question{Principal: role, Action: action, Resource: resource})
	return answer(in, err, role)
}

// mayMake asks about a resource that is not there yet, and so has no policy of its own.
func mayMake(ctx context.Context, live labs.Live, role, action, resource string) (string, error) {
	in, err := access.Input(ctx, live.Inventory, access.Question{Principal: role, Action: action, Resource: "*"})
	in.Resource, in.ResourceAccount = resource, live.Inventory.Account
	return answer(in, err, role)
}

func answer(in policy.Input, err error, role string) (string, error) {
	if err != nil {
		return "", fmt.Errorf("asking what %s may do: %w", role, err)
	}
	switch policy.Evaluate(in).Outcome {
	case policy.Allow:
		return mayDo, nil
	case policy.ExplicitDeny, policy.ImplicitDeny:
		return mayNot, nil
	default:
		return unsure, nil
	}
}

// onlyCopies asks whether the restore role may make the copy, which is the control, and whether it may restore over the orders.
func onlyCopies(ctx context.Context, live labs.Live, line *labs.TimeLine, role, table, copyName string) error {
	const action = "dynamodb:RestoreTableFromAwsBackup"
	prefix, _, _ := strings.Cut(table, ":table/")
	found, err := mayMake(ctx, live, role, action, prefix+":table/"+copyName)
	if err != nil {
		return err
	}
	if found != mayDo {
		return &labs.ControlError{Control: "restoring as the restore role", Err: fmt.Errorf("its policies say %s to %s on %s", found, action, copyName)}
	}
	line.Outcome("the restore role makes "+copyName, found, mayDo)
	if found, err = may(ctx, live, role, action, table); err != nil {
		return err
	}
	line.Outcome("the restore role restores over the orders", found, mayNot)
	return nil
}
