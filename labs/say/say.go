// Package say has the turns of phrase that the findings of several labs share. What is said of one lab's resources stays
// with that lab; what a terminal needs is checks/report/typeset.
package say

import (
	"fmt"
	"strings"

	"labctl/checks/reach"
)

// List names things: "a, b"; or says that there are none.
func List(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// And names things in a sentence: "a", "a and b" or "a, b and c".
func And(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// Sentence ends with a full stop.
func Sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// Block says why a connection that must work does not.
func Block(answer reach.Answer) string {
	var told []string
	if len(answer.Works) > 0 {
		told = append(told, "It works only for "+strings.Join(answer.Works, "; ")+".")
	}
	if b := answer.BlockedBy; b != nil {
		way := "on the way there"
		if b.Direction == reach.Return {
			way = "on the way back"
		}
		told = append(told, fmt.Sprintf("Blocked %s: %s", way, Sentence(b.Explanation)))
	}
	return strings.Join(told, " ")
}
