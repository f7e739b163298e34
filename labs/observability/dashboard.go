package observability

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"labctl/checks/inventory"
)

// board is what a dashboard shows.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type board struct {
	metrics   []inventory.Metric // of this region and account
	alarms    []string           // ARNs
	logGroups []string
	problems  []string // what is not valid
}

type widget struct {
	Type       string
	Properties struct {
		Title       string
		Region      string
		Metrics     [][]json.RawMessage
		Alarms      []string
		Query       string
		Annotations struct{ Alarms []string }
	}
}

// parseBoard reads the body of a dashboard. What it shows of other regions and accounts is left out.
func parseBoard(body, region, account string) board {
	var b board
	var parsed struct{ Widgets []widget }
	if err := json.Unmarshal([]byte(body), &parsed); err != nil {
		b.problems = append(b.problems, fmt.Sprintf("its body is not valid: %v", err))
		return b
	}
	if len(parsed.Widgets) == 0 {
		b.problems = append(b.problems, "it has no widgets")
	}
	for n, w := range parsed.Widgets {
		name := w.Properties.Title
		if name == "" {
			name = fmt.Sprintf("number %d", n+1)
		}
		problem := func(format string, args ...any) {
			b.problems = append(b.problems, fmt.Sprintf("widget %q: ", name)+fmt.Sprintf(format, args...))
		}
		switch w.Type {
		case "metric":
			b.alarms = append(b.alarms, w.Properties.Annotations.Alarms...)
			if w.Properties.Region == "" {
				problem("it names no region")
			}
			if w.Properties.Region == region || w.Properties.Region == "" {
				b.addMetrics(w, region, account, problem)
			}
		case "alarm":
			if len(w.Properties.Alarms) == 0 {
				problem("it shows no alarm")
			}
			b.alarms = append(b.alarms, w.Properties.Alarms...)
		case "log":
			b.addQuery(w, region, problem)
		case "text", "explorer", "custom":
		default:
			problem("there is no widget of type %q", w.Type)
		}
	}
	return b
}

// source is a log group in a query of CloudWatch Logs Insights.
var source = regexp.MustCompile(`(?i)\bSOURCE\s+((?:'[^']*'|"[^"]*")(?:\s*[,|]\s*(?:SOURCE\s+)?(?:'[^']*'|"[^"]*"))*)`)

var quoted = regexp.MustCompile(`'([^']*)'|"([^"]*)"`)

func (b *board) addQuery(w widget, region string, problem func(string, ...any)) {
	match := source.FindStringSubmatch(w.Properties.Query)
	if match == nil {
		if !strings.Contains(strings.ToUpper(w.Properties.Query), "SOURCE ") {
			problem("its query names no log group")
		}
		return
	}
	if w.Properties.Region != "" && w.Properties.Region != region {
		return
	}
	for _, name := range quoted.FindAllStringSubmatch(match[1], -1) {
		b.logGroups = append(b.logGroups, name[1]+name[2])
	}
}

// options are what the last member of a row of metrics may say.
type options struct {
	ID         string
	Expression string
	Region     string
	AccountID  string `json:"accountId"`
}

var errRow = errors.New("a row of its metrics is not valid")

// addMetrics reads the rows of a widget. A row may repeat what the one above it has: "." is one member, "..." all that are missing.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html#CloudWatch-Dashboard-Properties-Metrics-Array-Format
func (b *board) addMetrics(w widget, region, account string, problem func(string, ...any)) {
	ids := map[string]bool{}
	var expressions []string
	var above []string
	if len(w.Properties.Metrics) == 0 && len(w.Properties.Annotations.Alarms) == 0 {
		problem("it shows no metric")
	}
	for n, row := range w.Properties.Metrics {
		members, more, err := readRow(row, above)
		if err != nil {
			problem("%v (row %d)", err, n+1)
			continue
		}
		if more.ID != "" {
			ids[more.ID] = true
		}
		if more.Expression != "" {
			expressions = append(expressions, more.Expression)
			continue
		}
		above = members
		if (more.Region != "" && more.Region != region) || (more.AccountID != "" && more.AccountID != account) {
			continue
		}
		m := inventory.Metric{Namespace: members[0], MetricName: members[1]}
		for d := 2; d < len(members); d += 2 {
			if m.Dimensions == nil {
				m.Dimensions = map[string]string{}
			}
			m.Dimensions[members[d]] = members[d+1]
		}
		b.metrics = append(b.metrics, m)
	}
	for _, expression := range expressions {
		for _, id := range identifiers(expression) {
			if !ids[id] {
				problem("%q speaks of %s, which is the id of no metric", expression, id)
			}
		}
	}
}

// readRow is the members of a row, in full, and its options.
func readRow(row []json.RawMessage, above []string) (members []string, more options, err error) {
	for n, raw := range row {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			if n != len(row)-1 || json.Unmarshal(raw, &more) != nil {
				return nil, more, errRow
			}
			break
		}
		switch {
		case text == "..." && n == 0:
			rest := len(row)
			for _, r := range row {
				if len(r) > 0 && r[0] == '{' {
					rest--
				}
			}
			if len(above) < rest-1 {
				return nil, more, errRow
			}
			members = append(members, above[:len(above)-(rest-1)]...)
		case text == ".":
			if len(members) >= len(above) {
				return nil, more, errRow
			}
			members = append(members, above[len(members)])
		default:
			members = append(members, text)
		}
	}
	if more.Expression == "" && (len(members) < 2 || len(members)%2 != 0) {
		return nil, more, errRow
	}
	return members, more, nil
}

var (
	literal    = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	identifier = regexp.MustCompile(`\b[a-z][A-Za-z0-9_]*\b`)
)

// identifiers are the ids in an expression: they begin with a small letter, functions and words with capitals.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func identifiers(expression string) []string {
	var found []string
	if query.MatchString(expression) {
		return nil // its words may be written in small letters
	}
	for _, id := range identifier.FindAllString(literal.ReplaceAllString(expression, ""), -1) {
		if !slices.Contains(found, id) {
			found = append(found, id)
		}
	}
	return found
}
