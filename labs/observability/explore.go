package observability

import (
	"encoding/json"
	"fmt"

	"labctl/labs"
)

// explore suggests traffic to watch, with the names of the dashboard and the queue from Terraform's outputs.
func explore(outputs map[string]json.RawMessage) ([]labs.Suggestion, error) {
	var dashboard, queue string
	for name, into := range map[string]*string{"dashboard": &dashboard, "queue_url": &queue} {
		if err := json.Unmarshal(outputs[name], into); err != nil {
			return nil, fmt.Errorf("reading the output %s: %w", name, err)
		}
	}
	return []labs.Suggestion{
		{Question: "In which minute does which traffic page?", Command: "labctl check observability --verbose"},
		{Question: "What becomes of an outage, on the dashboard " + dashboard + " and in the queue " + queue + "?", Command: "labctl emit observability --profile outage"},
		{Question: "And of an error in fifty requests?", Command: "labctl emit observability --profile leak"},
	}, nil
}
