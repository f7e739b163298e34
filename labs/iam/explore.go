package iam

import (
	"encoding/json"
	"fmt"

	"labctl/labs"
)

// explore suggests questions about the roles, buckets and keys that Terraform's outputs name.
func explore(outputs map[string]json.RawMessage) ([]labs.Suggestion, error) {
	var roles, buckets, keys map[string]string
	var externalID string
	for name, value := range map[string]any{"role_arns": &roles, "buckets": &buckets, "key_arns": &keys, "external_id": &externalID} {
		if err := json.Unmarshal(outputs[name], value); err != nil {
			return nil, fmt.Errorf("reading the output %s: %w", name, err)
		}
	}
	ask := func(question, format string, args ...any) labs.Suggestion {
		return labs.Suggestion{Question: question, Command: "labctl " + fmt.Sprintf(format, args...)}
	}
	return []labs.Suggestion{
		ask("May the vendor read the data?", "can %s s3:GetObject arn:aws:s3:::%s/report.csv", lastPart(roles[vendor]), buckets[data]),
		ask("And over plain HTTP?", "can %s s3:GetObject arn:aws:s3:::%s/report.csv --context aws:SecureTransport=false", lastPart(roles[vendor]), buckets[data]),
		ask("Can whoever administers the keys decrypt?", "can %s kms:Decrypt %s", lastPart(roles[keyAdmin]), keys[data]),
		ask("What can a team's administrator make of its rights?", "escalate %s", lastPart(roles[teamAdmin])),
	}, nil
}
