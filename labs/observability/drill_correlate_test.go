package observability

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
	"labctl/labs/observability/emit"
)

const failedID, answeredID = "1-00000000-failed", "1-00000000-answered"

// world is the lines and traces of two requests: what each search finds. A test takes something away, or adds something.
type world struct {
	untraced string
	found    map[string][]string // lines, by log group and pattern
	docs     map[string][]string // segments, by trace
	grouped  map[string][]string // traces, by filter expression
}

func newWorld() world {
	line := func(id string) string { return fmt.Sprintf(`{"event":"request","trace_id":%q}`, id) }
	segment := func(name, id string) string { return fmt.Sprintf(`{"name":%q,"trace_id":%q}`, name, id) }
	return world{
		found: map[string][]string{
			"api the filter's pattern":   {"not JSON", line("1-another"), line(failedID)},
			"api " + byID(answeredID):    {line(answeredID)},
			"payments " + byID(failedID): {line(failedID)},
		},
		docs:    map[string][]string{failedID: {segment("api", failedID), segment("payments", failedID)}, answeredID: {segment("api", answeredID)}},
		grouped: map[string][]string{"": {failedID, answeredID}, "fault": {failedID}},
	}
}

func (w world) ask(context.Context, time.Time) (asked, error) {
	return asked{Services: emit.Services{API: "api", Payments: "payments"}, Failed: failedID, Answered: answeredID, Untraced: w.untraced}, nil
}

func (w world) lines(_ context.Context, group, pattern string, _ time.Time) ([]string, error) {
	return w.found[group+" "+pattern], nil
}

func (w world) segments(_ context.Context, trace string) ([]string, error) { return w.docs[trace], nil }

func (w world) traces(_ context.Context, expression string, _, _ time.Time) ([]string, error) {
	return w.grouped[expression], nil
}

func TestCorrelate(t *testing.T) {
	const filter = "api the filter's pattern"
	failedLine, answeredLine := newWorld().found["payments "+byID(failedID)][0], newWorld().found["api "+byID(answeredID)][0]
	for name, c := range map[string]struct {
		change   func(*fakeSite, *exercise)
		measures int
		unmet    []string
	}{
		"all joined": {nil, 9, nil},
		"no page":    {func(f *fakeSite, _ *exercise) { f.subscribed = false }, 1, []string{"the page"}},
		"a filter that misses the request": {func(f *fakeSite, _ *exercise) { f.found[filter] = []string{answeredLine[:5]} }, 9,
			[]string{"the failed request's line, by the alarm's filter"}},
		"a line with another id": {func(f *fakeSite, _ *exercise) { f.found[filter] = []string{`{"trace_id":"1-other"}`} }, 9,
			[]string{"the failed request's line, by the alarm's filter"}},
		"a filter that finds every request": {func(f *fakeSite, _ *exercise) { f.found[filter] = []string{failedLine, answeredLine} }, 9,
			[]string{"the other request's line, by the alarm's filter"}},
		"a service behind that writes another id": {func(f *fakeSite, _ *exercise) { delete(f.found, "payments "+byID(failedID)) }, 9, []string{"the failed request's line in payments, by that id"}},
		"a search that finds what is not there":   {func(f *fakeSite, _ *exercise) { f.found["api "+byID(wrongID(failedID))] = []string{failedLine} }, 9, []string{"a line by a wrong id"}},
		"a segment of another trace": {func(f *fakeSite, _ *exercise) { f.docs[failedID][1] = `{"name":"payments","trace_id":"1-other"}` }, 9,
			[]string{"services in the trace of that id"}},
		"no trace":               {func(f *fakeSite, _ *exercise) { delete(f.docs, failedID) }, 9, []string{"services in the trace of that id"}},
		"a trace of whatever id": {func(f *fakeSite, _ *exercise) { f.docs[wrongID(failedID)] = []string{"{}"} }, 9, []string{"a trace of a wrong id"}},
		"a group without it":     {func(f *fakeSite, _ *exercise) { f.grouped["fault"] = nil }, 8, []string{"the failed request's trace, in one of the groups failed"}},
		"no group":               {func(_ *fakeSite, e *exercise) { e.duty.groups = nil }, 8, []string{"the failed request's trace, in one of the groups none"}},
		"a group of all":         {func(f *fakeSite, _ *exercise) { f.grouped["fault"] = f.grouped[""] }, 9, []string{"the other request's trace, in that group"}},
	} {
		t.Run(name, func(t *testing.T) {
			carryOut(t, 60, (*exercise).correlate, func(f *fakeSite, e *exercise, _ context.CancelFunc) {
				if c.change != nil {
					c.change(f, e)
				}
			}, func(done carried) {
				require.NoError(t, done.err)
				assert.Len(t, done.line.Measures(), c.measures)
				assert.Equal(t, c.unmet, done.unmet())
				assert.Empty(t, done.line.LeftOut())
				assert.Equal(t, content, done.site.alarms[errorsPage].State, "the alarm is put back")
				assert.Equal(t, before, done.left)
			})
		})
	}
}

func TestWhatCannotBeFoundAtAllProvesNothing(t *testing.T) {
	for name, change := range map[string]func(*fakeSite){
		"the line":  func(f *fakeSite) { delete(f.found, "api "+byID(answeredID)) },
		"the trace": func(f *fakeSite) { f.grouped[""] = []string{failedID} },
	} {
		t.Run(name, func(t *testing.T) {
			carryOut(t, 60, (*exercise).correlate, func(f *fakeSite, _ *exercise, _ context.CancelFunc) { change(f) }, func(done carried) {
				var control *labs.ControlError
				require.ErrorAs(t, done.err, &control)
			})
		})
	}
}

func TestACorrelationOfWhichATargetShowsAPartIsPartial(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*fakeSite, *exercise)
		measures int
		says     string
	}{
		"no page by hand":      {func(_ *fakeSite, e *exercise) { delete(e.support, alarmNotifications) }, 8, "from the alarm on"},
		"no traces":            {func(f *fakeSite, _ *exercise) { f.untraced = "not implemented" }, 5, "not implemented"},
		"no search for traces": {func(_ *fakeSite, e *exercise) { delete(e.support, traceSummaries) }, 7, "does not search traces"},
	} {
		t.Run(name, func(t *testing.T) {
			carryOut(t, 60, (*exercise).correlate, func(f *fakeSite, e *exercise, _ context.CancelFunc) { c.change(f, e) }, func(done carried) {
				require.NoError(t, done.err)
				assert.Contains(t, done.line.LeftOut(), c.says)
				assert.Len(t, done.line.Measures(), c.measures)
				assert.Empty(t, done.unmet())
			})
		})
	}
}

func TestAnAlarmThatIsInAlarmAlreadyGoesOffAgainByHandAndStaysAsItWas(t *testing.T) {
	carryOut(t, 60, (*exercise).correlate, func(f *fakeSite, _ *exercise, _ context.CancelFunc) {
		f.alarms[errorsPage] = standing{inAlarm, "it burns", f.clock.Now()}
	}, func(done carried) {
		require.NoError(t, done.err)
		assert.Empty(t, done.unmet())
		assert.Equal(t, inAlarm, done.site.alarms[errorsPage].State)
		assert.Equal(t, before, done.left)
	})
}

func TestAnAlarmThatWasPutToOKByHandIsPutBackWithoutAPage(t *testing.T) {
	carryOut(t, 60, func(e *exercise, ctx context.Context) error {
		if err := errors.Join(e.note(), e.mine([]string{errorsPage}, e.clock.Now()), e.notePut(errorsPage, inAlarm)); err != nil {
			return err
		}
		return e.site.set(ctx, errorsPage, content, e.byHand()) // and then labctl is killed
	}, nil, func(done carried) {
		require.NoError(t, done.err)
		assert.Equal(t, inAlarm, done.site.alarms[errorsPage].State)
		assert.Equal(t, before, done.left)
	})
}

func TestAFilterThatFindsNoFailedRequestAloneLeadsNowhere(t *testing.T) {
	carryOut(t, 60, (*exercise).correlate, func(_ *fakeSite, e *exercise, _ context.CancelFunc) { e.duty.ways = nil }, func(done carried) {
		require.ErrorIs(t, done.err, labs.ErrNothing)
	})
}

func TestAWrongIDIsAnother(t *testing.T) {
	for _, id := range []string{"1-a0", "1-a1"} {
		assert.NotEqual(t, id, wrongID(id))
		assert.Len(t, wrongID(id), len(id))
	}
}
