package ha

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"labctl/checks/inventory"
	"labctl/labs"
)

// protection is whether a table or a database is protected from deletion.
type protection struct {
	Kind protected
	Name string
	On   bool
}

type protected string

// The kinds of what can be protected.
const (
	protectedTable    protected = "table"
	protectedInstance protected = "database"
	protectedCluster  protected = "database cluster"
)

func protectionOff() labs.Fault {
	return swap(labs.Fault{
		ID:     "protection-off",
		Title:  "A script that tidies up has deleted a table in another account. Could it have been this one?",
		Answer: "Deletion protection of the orders is switched off.",
		Breaks: []string{"ha-db"},
		Hints: []string{
			"Nothing is wrong with the data, yet.",
			"What would AWS answer to a deletion?",
			"Look at the deletion protection of the table or database.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after protection, err error) {
		all, err := a.dataLayer(ctx)
		if err == nil && len(all) == 0 {
			err = labs.Lacks("%s", a.nothing("DynamoDB table or RDS database", roleData))
		}
		if err != nil {
			return before, after, err
		}
		before = all[0]
		return before, protection{before.Kind, before.Name, false}, nil
	}, putProtection)
}

// dataLayer lists what keeps the orders, and whether it is protected.
func (a *architecture) dataLayer(ctx context.Context) ([]protection, error) {
	tables, err := a.inv.Tables(ctx)
	if err != nil {
		return nil, err
	}
	databases, err := a.inv.Databases(ctx)
	if err != nil {
		return nil, err
	}
	var all []protection
	for _, table := range tables {
		if a.plays(table.Tags, roleData) {
			all = append(all, protection{protectedTable, table.TableName, table.DeletionProtectionEnabled})
		}
	}
	for _, database := range databases {
		if a.plays(database.Tags, roleData) {
			all = append(all, protection{kindOf(database), database.Identifier, database.DeletionProtection})
		}
	}
	return all, nil
}

func kindOf(database inventory.Database) protected {
	if database.Cluster {
		return protectedCluster
	}
	return protectedInstance
}

// releaseData switches deletion protection off, so that the run can be removed. It succeeds where it is off already and
// where nothing is left.
func releaseData(ctx context.Context, live labs.Live) error {
	a := &architecture{inv: live.Inventory}
	all, err := a.dataLayer(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, p := range all {
		if p.On {
			p.On = false
			failed = append(failed, putProtection(ctx, live, p))
		}
	}
	return errors.Join(failed...)
}

// busyPause is the time between two tries to change a table that is being changed.
const busyPause = 2 * time.Second

func putProtection(ctx context.Context, live labs.Live, p protection) error {
	for {
		err := setProtection(ctx, live, p)
		// A table takes one change at a time.
		if !labs.IsCode(err, "ResourceInUseException", "InvalidDBInstanceState", "InvalidDBClusterStateFault") {
			if err = labs.Unless(err, "ResourceNotFoundException", "DBInstanceNotFound", "DBClusterNotFoundFault"); err != nil {
				return fmt.Errorf("switching the deletion protection of %s %s: %w", p.Kind, p.Name, err)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("switching the deletion protection of %s %s: %w", p.Kind, p.Name, ctx.Err())
		case <-time.After(busyPause):
		}
	}
}

func setProtection(ctx context.Context, live labs.Live, p protection) error {
	var err error
	switch p.Kind {
	case protectedTable:
		_, err = dynamodb.NewFromConfig(live.Config).UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &p.Name, DeletionProtectionEnabled: &p.On})
	case protectedInstance:
		_, err = rds.NewFromConfig(live.Config).ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{DBInstanceIdentifier: &p.Name, DeletionProtection: &p.On, ApplyImmediately: aws.Bool(true)})
	case protectedCluster:
		_, err = rds.NewFromConfig(live.Config).ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: &p.Name, DeletionProtection: &p.On, ApplyImmediately: aws.Bool(true)})
	}
	return err //nolint:wrapcheck // its caller looks at the code and wraps
}
