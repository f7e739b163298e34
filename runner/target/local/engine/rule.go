package engine

import "labctl/checks/alarm"

type ruleQuestion struct {
	Rule string `json:"rule"`
}

type ruleAnswer struct {
	refusal
	Alarms []string `json:"alarms"` // by name or ARN, as the rule has them
}

// rule asks which alarms the rule of a composite alarm speaks of.
func rule(q ruleQuestion) ruleAnswer {
	read, err := alarm.ParseRule(q.Rule)
	if err != nil {
		return ruleAnswer{refusal: refuse(err)}
	}
	var answer ruleAnswer
	for _, reference := range read.References() {
		answer.Alarms = append(answer.Alarms, reference.Alarm)
	}
	return answer
}
