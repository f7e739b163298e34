package policy

// Mention is what one statement names, for callers who look for the requests that
// a policy may let through. It tells nothing about whether the statement applies.
type Mention struct {
	Effect      Effect
	Actions     []string
	NotAction   bool
	Resources   []string
	NotResource bool
	Conditions  []ConditionMention
}

// ConditionMention is one condition as the policy writes it.
type ConditionMention struct {
	Operator string
	Key      string
	Values   []string
	// Set tells that the operator compares a list of values: ForAllValues or ForAnyValue.
	Set bool
}

// Mentions lists what the policy's statements name, in their order.
func (p *Policy) Mentions() []Mention {
	mentions := make([]Mention, len(p.statements))
	for i := range p.statements {
		s := &p.statements[i]
		mentions[i] = Mention{
			Effect:  s.effect,
			Actions: texts(s.actions), NotAction: s.notAction,
			Resources: texts(s.resources), NotResource: s.notResource,
		}
		for _, c := range s.conditions {
			mention := ConditionMention{Operator: c.name, Key: c.key, Set: c.op.set != single}
			for _, value := range c.values {
				mention.Values = append(mention.Values, value.text)
			}
			mentions[i].Conditions = append(mentions[i].Conditions, mention)
		}
	}
	return mentions
}

// Name is the name that Named gave the policy.
func (p *Policy) Name() string { return p.name }

func texts(patterns []pattern) []string {
	found := make([]string, len(patterns))
	for i := range patterns {
		found[i] = patterns[i].text
	}
	return found
}
