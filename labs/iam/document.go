package iam

import (
	"encoding/json"
	"fmt"
	"strings"
)

// document is a policy document as JSON gives it: what a check needs to know of a text and the engine does not tell, and
// what a fault edits.
type document map[string]any

func readDocument(text string) (document, error) {
	var d document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return nil, fmt.Errorf("reading a policy document: %w", err)
	}
	spell(d, "Version", "Id", "Statement")
	for _, s := range d.statements() {
		spell(s, "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
	}
	return d, nil
}

// spell writes the names of elements as the reference does: their case means nothing.
func spell(object map[string]any, names ...string) {
	for _, name := range names {
		for key, value := range object {
			if key != name && strings.EqualFold(key, name) {
				delete(object, key)
				object[name] = value
			}
		}
	}
}

func (d document) String() string {
	text, err := json.Marshal(d)
	if err != nil {
		return "{}" // it came from JSON
	}
	return string(text)
}

// statements are the document's statements, of which a single one may stand without a list.
func (d document) statements() []statement {
	list, ok := d["Statement"].([]any)
	if !ok {
		list = []any{d["Statement"]}
	}
	var found []statement
	for _, item := range list {
		if s, ok := item.(map[string]any); ok {
			found = append(found, s)
		}
	}
	return found
}

// add appends a statement.
func (d document) add(s statement) {
	var list []any
	for _, known := range d.statements() {
		list = append(list, map[string]any(known))
	}
	d["Statement"] = append(list, map[string]any(s))
}

type statement map[string]any

func (s statement) denies() bool { return s["Effect"] == "Deny" }

// names tells whether one of the statement's actions is this one, to the letter.
func (s statement) names(action string) bool {
	for _, named := range texts(s["Action"]) {
		if strings.EqualFold(named, action) {
			return true
		}
	}
	return false
}

// without takes an action out of the statement's list. It says false where nothing would be left.
func (s statement) without(action string) bool {
	var left []string
	for _, named := range texts(s["Action"]) {
		if !strings.EqualFold(named, action) {
			left = append(left, named)
		}
	}
	s["Action"] = left
	return len(left) > 0
}

// conditions are the statement's conditions by operator, ready to be changed.
func (s statement) conditions() map[string]map[string]any {
	found := map[string]map[string]any{}
	block, _ := s["Condition"].(map[string]any)
	for operator, tests := range block {
		if byKey, ok := tests.(map[string]any); ok {
			found[operator] = byKey
		}
	}
	return found
}

// uncondition takes every condition on a key out of the statement. It says whether there was one.
func (s statement) uncondition(key string) bool {
	there := false
	block, _ := s["Condition"].(map[string]any)
	for operator, tests := range s.conditions() {
		for asked := range tests {
			if strings.EqualFold(asked, key) {
				delete(tests, asked)
				there = true
			}
		}
		if len(tests) == 0 {
			delete(block, operator)
		}
	}
	if len(block) == 0 {
		delete(s, "Condition")
	}
	return there
}

// principals are those whom the allowing statements of a policy name.
type principals struct{ aws, services []string }

func principalsIn(text string) (principals, error) {
	d, err := readDocument(text)
	if err != nil {
		return principals{}, err
	}
	var found principals
	for _, s := range d.statements() {
		if s.denies() {
			continue
		}
		if everybody, ok := s["Principal"].(string); ok {
			found.aws = append(found.aws, everybody)
			continue
		}
		byKind, _ := s["Principal"].(map[string]any)
		for kind, names := range byKind {
			switch strings.ToLower(kind) {
			case "aws":
				found.aws = append(found.aws, texts(names)...)
			case "service":
				found.services = append(found.services, texts(names)...)
			}
		}
	}
	return found, nil
}

// texts are a string, or the strings in a list.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		var all []string
		for _, item := range v {
			if text, ok := item.(string); ok {
				all = append(all, text)
			}
		}
		return all
	default:
		return nil
	}
}
