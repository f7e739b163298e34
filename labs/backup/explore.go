package backup

import (
	"encoding/json"
	"fmt"

	"labctl/labs"
)

// explore suggests what is worth asking, with the table and the roles from Terraform's outputs.
func explore(outputs map[string]json.RawMessage) ([]labs.Suggestion, error) {
	var roles map[string]string
	var table string
	for name, into := range map[string]any{"role_arns": &roles, "table": &table} {
		if err := json.Unmarshal(outputs[name], into); err != nil {
			return nil, fmt.Errorf("reading the output %s: %w", name, err)
		}
	}
	return []labs.Suggestion{
		{Question: "How long does bringing " + table + " back take, and is every row there?", Command: "labctl drill backup table-restore"},
		{Question: "Is a locked document safe from you?", Command: "labctl drill backup locked-delete"},
		{Question: "May the workload delete a backup of its table?", Command: "labctl can " + roles["workload"] + " dynamodb:DeleteBackup '*'"},
	}, nil
}
