package loop

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"labctl/labs/clock"
)

// counting is the metric filter of terraform/observability on errors.
func counting(change ...func(*Filter)) Filter {
	zero := 0.0
	f := Filter{
		Place: here, Name: "errors", Group: "api", Pattern: `{ $.level = "ERROR" }`,
		Transformations: []Transformation{{Namespace: "app", Name: "Errors", Value: "1", Unit: "Count", Default: &zero}},
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

// timing is one on latency, with a dimension.
func timing() Filter {
	return Filter{
		Place: here, Name: "latency", Group: "api", Pattern: "{ $.ms >= 0 }",
		Transformations: []Transformation{{Namespace: "app", Name: "Latency", Value: "$.ms", Unit: "Milliseconds", Dimensions: map[string]string{"Route": "$.route"}}},
	}
}

const (
	failed = `{"level": "ERROR"}`
	fine   = `{"level": "INFO"}`
)

func TestWhatMetricFiltersPublish(t *testing.T) {
	for _, c := range []struct {
		name   string
		filter Filter
		write  func(*fakeSource)
		want   []string
	}{
		{"a point for each match, those of equal value in one", counting(), func(s *fakeSource) {
			s.log(here, minutes(0), failed, fine, failed)
		}, []string{"03:04 Errors[] 2x1 Count"}},
		{"the default value in a minute with lines and without a match", counting(), func(s *fakeSource) {
			s.log(here, minutes(0), fine, fine)
			s.log(here, minutes(2), failed)
		}, []string{"03:04 Errors[] 1x0 Count", "03:06 Errors[] 1x1 Count"}},
		{"nothing in a minute without lines", counting(), func(*fakeSource) {}, []string{}},
		{"the minute of the line's own time, however late it comes", counting(), func(s *fakeSource) {
			s.log(here, minutes(-100).Add(59*time.Second), failed)
		}, []string{"01:24 Errors[] 1x1 Count"}},
		{"no default value where there is none", counting(func(f *Filter) { f.Transformations[0].Default = nil }), func(s *fakeSource) {
			s.log(here, minutes(0), fine)
		}, []string{}},
		{"a field's value and a dimension", timing(), func(s *fakeSource) {
			s.log(here, minutes(0), `{"ms": 12.5, "route": "/a"}`, `{"ms": 7, "route": "/b"}`, `{"ms": 12.5, "route": "/a"}`)
		}, []string{"03:04 Latency[Route:/b] 1x7 Milliseconds", "03:04 Latency[Route:/a] 2x12.5 Milliseconds"}},
		{"nothing without the dimension", timing(), func(s *fakeSource) { s.log(here, minutes(0), `{"ms": 12.5}`) }, []string{}},
		{"nothing where the value is no number", counting(func(f *Filter) { f.Transformations[0].Value = "$.level" }), func(s *fakeSource) {
			s.log(here, minutes(0), failed)
		}, []string{}},
		{"nothing of another group, account or region", counting(), func(s *fakeSource) {
			s.log(there, minutes(0), failed)
			s.log(here, minutes(0), failed)
			s.pending.Lines[1].Group = "payments"
		}, []string{}},
		{"a default for a filter that matches everything is never published", counting(func(f *Filter) { f.Pattern = "" }), func(s *fakeSource) {
			s.log(here, minutes(0), fine)
		}, []string{"03:04 Errors[] 1x1 Count"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, clock.Clock{}, nil)
			r.source.define(nil, nil, c.filter)
			c.write(r.source)
			r.look(t, minutes(3))
			assert.ElementsMatch(t, c.want, r.source.emitted())
			r.look(t, minutes(4))
			assert.Empty(t, r.source.emitted(), "and all of it once")
			assert.Empty(t, r.log)
		})
	}
}

func TestADefaultValueWaitsForTheEndOfItsMinute(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define(nil, nil, counting())
	r.source.log(here, minutes(0), fine)
	r.look(t, minutes(1).Add(-time.Second))
	assert.Empty(t, r.source.emitted())
	r.source.log(here, minutes(0).Add(50*time.Second), failed)
	r.look(t, minutes(1))
	assert.Equal(t, []string{"03:04 Errors[] 1x1 Count"}, r.source.emitted(), "a line that matched came in time")

	r.source.log(here, minutes(1), fine)
	r.look(t, minutes(2))
	assert.Equal(t, []string{"03:05 Errors[] 1x0 Count"}, r.source.emitted())
	r.source.log(here, minutes(1), failed, fine)
	r.look(t, minutes(2))
	assert.Equal(t, []string{"03:05 Errors[] 1x1 Count"}, r.source.emitted(), "what comes late counts too")
	r.look(t, minutes(2).Add(remembered*2))
	assert.Empty(t, r.filters.byGroup[group{here, "api"}][0].minutes, "old minutes are forgotten")
}

func TestAFilterThatIsDefinedAnewKeepsWhatItSawOnlyIfItIsTheSame(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define(nil, nil, counting())
	r.source.log(here, minutes(0), fine)
	r.look(t, minutes(0).Add(30*time.Second))
	r.source.define(nil, nil, counting(), timing())
	r.look(t, minutes(1))
	assert.Equal(t, []string{"03:04 Errors[] 1x0 Count"}, r.source.emitted())

	r.source.define(nil, nil)
	r.source.log(here, minutes(1), failed)
	r.look(t, minutes(2))
	assert.Empty(t, r.source.emitted(), "a filter that was deleted publishes nothing")
}

func TestAPatternThatCannotBeDecidedIsToldOnceAndPublishesNothing(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define(nil, nil, counting(func(f *Filter) { f.Pattern = `{ $.level = ` }))
	r.source.log(here, minutes(0), failed)
	r.look(t, minutes(3))
	r.look(t, minutes(4))
	assert.Empty(t, r.source.emitted())
	assert.Len(t, r.log, 1)
	assert.Contains(t, r.log[0], "metric filter errors of log group api")
}
