package engine

import "labctl/checks/logpattern"

type matchQuestion struct {
	Pattern string `json:"pattern"`
	// References are what metric filters read from a message, such as $.latency.
	References []string `json:"references"`
	Messages   []string `json:"messages"`
}

type matchAnswer struct {
	refusal
	Matches []matched `json:"matches"` // one for each message
}

type matched struct {
	Matched bool              `json:"matched"`
	Fields  map[string]string `json:"fields"`
}

// match asks which messages a filter pattern matches. References that the pattern can never give are a problem.
func match(q matchQuestion) matchAnswer {
	pattern, err := logpattern.Parse(q.Pattern)
	if err != nil {
		return matchAnswer{refusal: refuse(err)}
	}
	for _, reference := range q.References {
		if _, _, err := pattern.Value("", reference); err != nil {
			return matchAnswer{refusal: refuse(err)}
		}
	}
	answer := matchAnswer{Matches: make([]matched, len(q.Messages))}
	for i, message := range q.Messages {
		m, err := pattern.Match(message)
		if err != nil {
			return matchAnswer{refusal: refuse(err)}
		}
		answer.Matches[i] = matched{m.Matched, m.Fields}
	}
	return answer
}
