package tf

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestLinesOfTerraformBecomeEvents(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	later := at.Add(1500 * time.Millisecond)
	const vpc = `"resource":{"addr":"aws_vpc.a[\"x\"]","resource_type":"aws_vpc"},"action":"create"`
	event := Event{Time: at, Address: `aws_vpc.a["x"]`, Type: "aws_vpc", Action: Create}
	with := func(change func(*Event)) Event { e := event; change(&e); return e }
	d := newDecoder()
	for _, c := range []struct {
		name, line string
		want       Event
	}{
		{"a planned change", `{"@timestamp":"2026-01-02T03:04:05Z","type":"planned_change","change":{` + vpc + `}}`, with(func(e *Event) { e.Kind = Planned })},
		{"the plan's totals", `{"@timestamp":"2026-01-02T03:04:05Z","type":"change_summary","changes":{"add":3,"change":2,"remove":1,"operation":"plan"}}`,
			Event{Kind: Plan, Time: at, Summary: Summary{3, 2, 1}}},
		{"a start", `{"@timestamp":"2026-01-02T03:04:05Z","type":"apply_start","hook":{` + vpc + `}}`, with(func(e *Event) { e.Kind = Started })},
		{"a sign of life", `{"@timestamp":"2026-01-02T03:04:06.5Z","type":"apply_progress","hook":{` + vpc + `,"elapsed_seconds":1}}`,
			with(func(e *Event) { e.Kind, e.Time, e.Elapsed = Progress, later, 1500*time.Millisecond })},
		{"an end, with more than whole seconds", `{"@timestamp":"2026-01-02T03:04:06.5Z","type":"apply_complete","hook":{` + vpc + `,"id_key":"id","id_value":"vpc-1","elapsed_seconds":2}}`,
			with(func(e *Event) {
				e.Kind, e.Time, e.Elapsed, e.ID = Done, later, 1500*time.Millisecond, "vpc-1"
			})},
		{"an end of what was not seen to start", `{"@timestamp":"2026-01-02T03:04:05Z","type":"apply_errored","hook":{"resource":{"addr":"b.b","resource_type":"b"},"action":"delete","elapsed_seconds":2}}`,
			Event{Kind: Failed, Time: at, Address: "b.b", Type: "b", Action: Delete, Elapsed: 2 * time.Second}},
		{"a diagnostic", `{"@timestamp":"2026-01-02T03:04:05Z","type":"diagnostic","diagnostic":{"severity":"error","summary":"s","detail":"d","address":"b.b","range":{"filename":"main.tf","start":{"line":7}}}}`,
			Event{Kind: Diagnosed, Time: at, Address: "b.b", Diagnostic: Diagnostic{SeverityError, "s", "d", "b.b", "main.tf", 7}}},
		{"the totals at the end", `{"@timestamp":"2026-01-02T03:04:05Z","type":"change_summary","changes":{"add":3,"operation":"apply"}}`,
			Event{Kind: Summarised, Time: at, Summary: Summary{Add: 3}}},
		{"the echo of an interrupt", `{"@timestamp":"2026-01-02T03:04:05Z","type":"log","@message":"\nInterrupt received.\nPlease wait"}`, Event{Kind: Stopping, Time: at}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := d.decode([]byte(c.line))
			assert.True(t, ok)
			assert.Equal(t, c.want, got)
		})
	}
	assert.Len(t, d.diagnostics, 1)
}

func TestLinesThatTellNothingAreNoEvents(t *testing.T) {
	for _, line := range []string{"", "garbage", "[1]", `{"type":"version"}`, `{"type":"log","@message":"hello"}`, `{"type":"new_in_terraform_9"}`, `{"type":7}`} {
		_, ok := newDecoder().decode([]byte(line))
		assert.False(t, ok, line)
	}
}
