package observability

import (
	"context"
	"errors"
	"fmt"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
)

// decideRetention asks for a year and a key of one's own that works.
func decideRetention(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	if len(a.apiGroups()) == 0 {
		o.Add(a.nothing("log group", roleAPI))
	}
	var told []string
	for _, group := range a.groups {
		name := group.LogGroupName
		switch {
		case group.RetentionInDays == 0:
			o.Add(fmt.Sprintf("Log group %s keeps its events for ever: what is stored, and what is paid for it, only grows.", name), name)
		case group.RetentionInDays < keptDays:
			o.Add(fmt.Sprintf("Log group %s keeps its events for %s; %d are asked for.", name, typeset.Count(group.RetentionInDays, "day"), keptDays), name)
		default:
			told = append(told, fmt.Sprintf("Log group %s keeps its events for %d days.", name, group.RetentionInDays))
		}
		if group.KmsKeyId == "" {
			o.Add(fmt.Sprintf("Log group %s has no key of the firm's own.", name), name)
			continue
		}
		key, err := a.inv.Key(ctx, group.KmsKeyId)
		switch {
		case errors.Is(err, inventory.ErrNotFound):
			o.Add(fmt.Sprintf("The key of log group %s does not exist: %s.", name, group.KmsKeyId), name)
		case err != nil:
			return nil, err
		case key.KeyState != "Enabled":
			o.Add(fmt.Sprintf("The key of log group %s is %s: nothing is written, and nothing can be read.", name, key.KeyState), name, key.Arn)
		default:
			why, err := a.logsObstacle(ctx, group)
			if err != nil {
				return nil, err
			}
			if why != "" {
				o.Add(fmt.Sprintf("Nothing can be written to log group %s. %s", name, why), name, key.Arn)
			}
		}
	}
	return told, nil
}

// logsObstacle says what keeps CloudWatch Logs from using the key of a log group.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func (a *architecture) logsObstacle(ctx context.Context, group inventory.LogGroup) (string, error) {
	arn := fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", a.inv.Region, a.inv.Account, group.LogGroupName)
	return a.keyObstacle(ctx, group.KmsKeyId, "logs."+a.inv.Region+".amazonaws.com", arn, map[string][]string{
		"kms:EncryptionContext:aws:logs:arn": {arn}, "kms:EncryptionContextKeys": {"aws:logs:arn"},
	})
}
