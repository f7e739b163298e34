package ha

import (
	"encoding/json"
	"fmt"

	"labctl/labs"
)

// explore suggests what is worth watching, with the address of the site from Terraform's outputs.
func explore(outputs map[string]json.RawMessage) ([]labs.Suggestion, error) {
	var url string
	if err := json.Unmarshal(outputs["url"], &url); err != nil {
		return nil, fmt.Errorf("reading the output url: %w", err)
	}
	return []labs.Suggestion{
		{Question: "What does the group do when the sale begins?", Command: "labctl check ha --verbose"},
		{Question: "How long is one instance less?", Command: "labctl drill ha instance-loss"},
		{Question: "On AWS, does the site answer (" + url + ")?", Command: "labctl drill ha surge"},
	}, nil
}
