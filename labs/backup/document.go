package backup

import (
	"encoding/json"
	"fmt"
	"slices"
)

// document is a policy that is changed as JSON, so that what is not changed stays to the letter.
type document struct {
	Version   string           `json:",omitempty"`
	ID        string           `json:"Id,omitempty"`
	Statement []map[string]any // of a policy that labctl wrote: always a list
}

func readDocument(text string) (*document, error) {
	var d document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return nil, fmt.Errorf("a policy whose statements are no list: %w", err)
	}
	return &d, nil
}

func (d *document) String() string {
	text, _ := json.Marshal(d) //nolint:errchkjson // it came from JSON
	return string(text)
}

// denials are the statements that deny.
func (d *document) denials() []map[string]any {
	var found []map[string]any
	for _, statement := range d.Statement {
		if statement["Effect"] == "Deny" {
			found = append(found, statement)
		}
	}
	return found
}

// drop takes an action out of a statement, and says whether it was there.
func (d *document) drop(statement map[string]any, action string) bool {
	actions, _ := statement["Action"].([]any)
	left := slices.DeleteFunc(slices.Clone(actions), func(a any) bool { return a == action })
	if len(left) > 0 {
		statement["Action"] = left
	}
	return len(left) < len(actions)
}

// dropFor takes an action out of the statements that concern one principal only.
func (d *document) dropFor(principal, action string) bool {
	dropped := false
	for _, statement := range d.Statement {
		who, _ := statement["Principal"].(map[string]any)
		if who["AWS"] == principal && statement["Effect"] == "Allow" {
			dropped = d.drop(statement, action) || dropped
		}
	}
	return dropped
}
