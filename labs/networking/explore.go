package networking

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"labctl/labs"
)

// explore suggests traces between the hosts that Terraform's output names: "app-us-east-1a" => "eni-...".
func explore(outputs map[string]json.RawMessage) ([]labs.Suggestion, error) {
	var hosts map[string]string
	if err := json.Unmarshal(outputs["host_ids"], &hosts); err != nil {
		return nil, fmt.Errorf("reading the output host_ids: %w", err)
	}
	first := func(tier string) string {
		var found []string
		for name, id := range hosts {
			if strings.HasPrefix(name, tier+"-") {
				found = append(found, name+" "+id)
			}
		}
		slices.Sort(found)
		if len(found) == 0 {
			return tier
		}
		_, id, _ := strings.Cut(found[0], " ")
		return id
	}
	trace := func(question, from, to, port string) labs.Suggestion {
		return labs.Suggestion{Question: question, Command: fmt.Sprintf("labctl trace --from %s --to %s --port %s", from, to, port)}
	}
	return []labs.Suggestion{
		trace("How does a customer get in?", "internet", first("public"), "tcp/443"),
		trace("How does the application reach its database?", first("app"), first("data"), "tcp/5432"),
		trace("What keeps dev away from prod?", first("dev"), first("app"), "tcp/443"),
	}, nil
}
