package escalate

import (
	"encoding/json"

	"labctl/checks/policy"
)

// Explanation is the engine's, with * where any name would do.
func (s Step) Explanation() string { return readable(s.Decision.Explanation()) }

// MarshalJSON gives the paths that are open or inconclusive with their calls, and of the others the ids; held are those
// whose calls are allowed and that still lead nowhere.
func (r Report) MarshalJSON() ([]byte, error) {
	type call struct {
		Action      string              `json:"action"`
		Resource    string              `json:"resource"`
		Context     map[string][]string `json:"context,omitempty"`
		Decision    policy.Outcome      `json:"decision"`
		By          []policy.Cited      `json:"by"`
		Explanation string              `json:"explanation"`
	}
	type path struct {
		ID     string `json:"id"`
		Title  string `json:"title"`
		Status Status `json:"status"`
		Gains  string `json:"gains"`
		Note   string `json:"note,omitempty"`
		Source string `json:"source"`
		Calls  []call `json:"calls"`
	}
	type held struct {
		ID   string `json:"id"`
		Note string `json:"note"`
	}
	out := struct {
		Principal     string   `json:"principal"`
		Status        Status   `json:"status"`
		Administrator bool     `json:"administrator"`
		Paths         []path   `json:"paths"`
		Held          []held   `json:"held"`
		Closed        []string `json:"closed"`
	}{r.Principal, r.Status(), r.Administrator, []path{}, []held{}, []string{}}
	for _, result := range append(r.With(Open), r.With(Inconclusive)...) {
		p := path{
			ID: result.ID, Title: result.Title, Status: result.Status, Gains: result.Gains, Note: result.Note,
			Source: result.Source, Calls: []call{},
		}
		for _, step := range result.Steps {
			p.Calls = append(p.Calls, call{step.Action, step.Resource, step.Context, step.Decision.Outcome, step.Decision.By(), step.Explanation()})
		}
		out.Paths = append(out.Paths, p)
	}
	for _, result := range r.With(Closed) {
		if result.Note != "" {
			out.Held = append(out.Held, held{result.ID, result.Note})
		} else {
			out.Closed = append(out.Closed, result.ID)
		}
	}
	return json.Marshal(out)
}
