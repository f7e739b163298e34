package ha

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"labctl/checks/reach"
)

// count is "1 zone" or "2 zones".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// rate is requests a second.
func rate(r float64) string { return strconv.FormatFloat(r, 'f', -1, 64) + " requests/s" }

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// list names things: "a, b"; or says that there are none.
func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// sentence ends with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// tellBlock says why a connection that must work does not.
func tellBlock(answer reach.Answer) string {
	var told []string
	if len(answer.Works) > 0 {
		told = append(told, "It works only for "+strings.Join(answer.Works, "; ")+".")
	}
	if b := answer.BlockedBy; b != nil {
		way := "on the way there"
		if b.Direction == reach.Return {
			way = "on the way back"
		}
		told = append(told, fmt.Sprintf("Blocked %s: %s", way, sentence(b.Explanation)))
	}
	return strings.Join(told, " ")
}
