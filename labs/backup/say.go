package backup

import (
	"fmt"
	"strings"
	"time"

	"labctl/checks/report/typeset"
)

// days is "1 day" or "35 days".
func days(n int) string { return typeset.Count(n, "day") }

// span says a time in the largest units that it is made of: "16 h", "1 h 30 min", "35 days".
func span(d time.Duration) string {
	if d >= 2*day && d%day == 0 {
		return days(int(d / day))
	}
	var parts []string
	if hours := d / time.Hour; hours > 0 {
		parts = append(parts, fmt.Sprintf("%d h", hours))
	}
	if minutes := d % time.Hour / time.Minute; minutes > 0 {
		parts = append(parts, fmt.Sprintf("%d min", minutes))
	}
	if seconds := d % time.Minute / time.Second; seconds > 0 && d < time.Hour {
		parts = append(parts, fmt.Sprintf("%d s", seconds))
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}

// begin is something's name at the beginning of a sentence.
func begin(name fmt.Stringer) string {
	text := name.String()
	return strings.ToUpper(text[:1]) + text[1:]
}

// each makes something of every item of a list.
func each[T, U any](list []T, of func(T) U) []U {
	made := make([]U, len(list))
	for n, item := range list {
		made[n] = of(item)
	}
	return made
}
