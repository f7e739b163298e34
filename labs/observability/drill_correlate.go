package observability

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"labctl/labs"
	"labctl/labs/say"
)

// correlate goes from a page to a trace, as whoever is woken does.
func (e *exercise) correlate(ctx context.Context) error {
	if err := e.tellOld(ctx); err != nil {
		return err
	}
	if err := e.note(); err != nil {
		return err
	}
	// Among these one request that fails is no incident, and no alarm goes off but the one that is put into ALARM; nor later, when
	// nothing is written any more and a window holds the last of them only.
	if err := e.ordinaryHours(ctx); err != nil {
		return err
	}
	at := e.clock.Now().Add(-amongOthers)
	written, err := e.site.ask(ctx, at)
	if err != nil {
		return err
	}
	e.line.Say("Wrote two requests among those of half an hour ago: %s failed, %s did not.", written.Failed, written.Answered)
	alarm, err := e.fromPage(ctx, e.duty.errors[0], e.clock.Now())
	if err != nil || alarm == "" {
		return err
	}
	return e.fromAlarm(ctx, alarm, at, written)
}

// amongOthers is how long ago the requests are said to have come: the short window of the slow burn rate.
const amongOthers = 30 * time.Minute

// fromPage gets a page, and the alarm that it names; "" where none came.
func (e *exercise) fromPage(ctx context.Context, alarm string, began time.Time) (string, error) {
	if !e.support[alarmNotifications].Shown {
		e.line.Partial("No alarm notifies anybody on this target. Carried out was the way from the alarm on: to the lines and to the trace.")
		return alarm, nil
	}
	page, paged, err := e.pageByHand(ctx, alarm, began)
	if err != nil {
		return "", err
	}
	e.line.Outcome("the page", arrival(paged), arrival(true))
	if !paged {
		e.tellWhy(ctx, sighting{alarm: alarm}, began)
		return "", nil
	}
	e.line.Say("Page -> alarm: the page names %s. It says: %s", page.Alarm, say.Sentence(page.Description))
	return page.Alarm, nil
}

// fromAlarm goes from an alarm over the filter that it looks at to the line of the failed request, and from its id to the trace.
func (e *exercise) fromAlarm(ctx context.Context, alarm string, at time.Time, written asked) error {
	ways := e.duty.ways[alarm]
	if len(ways) == 0 {
		return labs.Lacks("no metric filter of what alarm %s looks at finds the failed requests alone", alarm)
	}
	way := ways[0]
	e.line.Say("Alarm -> line: it looks at what filter %s counts in log group %s: %s", way.filter, way.group, way.pattern)
	if err := e.toLines(ctx, way, at, written); err != nil {
		return err
	}
	if written.Untraced != "" {
		e.line.Partial("X-Ray takes no segments on this target (%s). Carried out was the way from the page to the lines of both services.", written.Untraced)
		return nil
	}
	e.line.Say("Line -> trace: its trace_id is the id of the trace.")
	if err := e.toTrace(ctx, written); err != nil {
		return err
	}
	return e.toGroup(ctx, at, written)
}

// The outcomes of a search.
const (
	there    = "there"
	notThere = "not there"
)

func presence(found bool) string {
	if found {
		return there
	}
	return notThere
}

// byID is the pattern of the lines of a request.
func byID(id string) string { return fmt.Sprintf("{ $.trace_id = %q }", id) }

// wrongID is the id of no request.
func wrongID(id string) string {
	last := "0"
	if strings.HasSuffix(id, last) {
		last = "1"
	}
	return id[:len(id)-1] + last
}

// lookBack is how far before a request the search for its line begins: what clocks may differ by.
const lookBack = time.Minute

// finds says whether a pattern finds the line of a request. What is to be there may take a moment.
func (e *exercise) finds(ctx context.Context, group, pattern, id string, since time.Time, limit time.Duration) (bool, error) {
	return e.await(ctx, "Searching the log", limit, func(ctx context.Context) (bool, error) {
		lines, err := e.site.lines(ctx, group, pattern, since.Add(-lookBack))
		return slices.ContainsFunc(lines, func(line string) bool { return memberOf(line, "trace_id") == id }), err
	})
}

// memberOf is a member of a line or of a segment.
func memberOf(document, member string) string {
	var members map[string]any
	if json.Unmarshal([]byte(document), &members) != nil {
		return ""
	}
	id, _ := members[member].(string)
	return id
}

// toLines finds the line of the failed request, and not the other's.
func (e *exercise) toLines(ctx context.Context, way search, at time.Time, written asked) error {
	limit := e.soon()
	found, err := e.finds(ctx, way.group, way.pattern, written.Failed, at, limit)
	if err != nil {
		return err
	}
	e.line.Outcome("the failed request's line, by the alarm's filter", presence(found), there)
	// Both are there, the filter finds one of them: that the other one cannot be found at all would look the same.
	if there, err := e.finds(ctx, way.group, byID(written.Answered), written.Answered, at, limit); err != nil || !there {
		return &labs.ControlError{Control: "finding the line of the request that did not fail by its id", Err: orNotFound(err)}
	}
	if found, err = e.finds(ctx, way.group, way.pattern, written.Answered, at, 0); err != nil {
		return err
	}
	e.line.Outcome("the other request's line, by the alarm's filter", presence(found), notThere)
	for _, group := range []string{written.Services.API, written.Services.Payments} {
		if group == "" || group == way.group {
			continue
		}
		if found, err = e.finds(ctx, group, byID(written.Failed), written.Failed, at, limit); err != nil {
			return err
		}
		e.line.Outcome("the failed request's line in "+group+", by that id", presence(found), there)
	}
	lines, err := e.site.lines(ctx, way.group, byID(wrongID(written.Failed)), at.Add(-lookBack))
	if err != nil {
		return err
	}
	e.line.Outcome("a line by a wrong id", presence(len(lines) > 0), notThere)
	return nil
}

// orNotFound is an error, or that nothing was found.
func orNotFound(err error) error {
	if err == nil {
		return errors.New("it is not found")
	}
	return err
}

// toTrace reads the trace of the failed request: it has to have segments of all services, with its id.
func (e *exercise) toTrace(ctx context.Context, written asked) error {
	var wanted []string
	for _, service := range []string{written.Services.API, written.Services.Payments} {
		if service != "" {
			wanted = append(wanted, service)
		}
	}
	slices.Sort(wanted)
	var found []string
	_, err := e.await(ctx, "Reading the trace", e.soon(), func(ctx context.Context) (bool, error) {
		documents, err := e.site.segments(ctx, written.Failed)
		found = nil
		for _, document := range documents {
			if memberOf(document, "trace_id") == written.Failed {
				found = append(found, memberOf(document, "name"))
			}
		}
		slices.Sort(found)
		found = slices.Compact(found)
		return slices.Equal(found, wanted), err
	})
	if err != nil {
		return err
	}
	joined := len(slices.DeleteFunc(slices.Clone(wanted), func(service string) bool { return !slices.Contains(found, service) }))
	e.line.Outcome("services in the trace of that id", fmt.Sprint(joined), fmt.Sprint(len(wanted)))
	documents, err := e.site.segments(ctx, wrongID(written.Failed))
	if err != nil {
		return err
	}
	e.line.Outcome("a trace of a wrong id", presence(len(documents) > 0), notThere)
	return nil
}

// toGroup asks whether the group of traces that a page is about shows the failed request, and not the other one.
func (e *exercise) toGroup(ctx context.Context, at time.Time, written asked) error {
	if !e.support[traceGroups].Shown || !e.support[traceSummaries].Shown {
		e.line.Partial("This target does not search traces: whether a group shows the failed request is left out. Carried out was the way from the page to the lines and the trace.")
		return nil
	}
	var names []string
	for _, group := range e.duty.groups {
		found, err := e.await(ctx, "Searching the traces", e.soon(), func(ctx context.Context) (bool, error) {
			ids, err := e.site.traces(ctx, group.FilterExpression, at.Add(-lookBack), at.Add(lookBack))
			return slices.Contains(ids, written.Failed), err
		})
		if err != nil {
			return err
		}
		if names = append(names, group.GroupName); found {
			e.line.Outcome("the failed request's trace, in group "+group.GroupName, there, there)
			return e.notInGroup(ctx, group.FilterExpression, at, written)
		}
	}
	e.line.Outcome("the failed request's trace, in one of the groups "+say.List(names), notThere, there)
	return nil
}

func (e *exercise) notInGroup(ctx context.Context, expression string, at time.Time, written asked) error {
	for _, search := range []struct{ expression, wanted string }{{"", there}, {expression, notThere}} {
		ids, err := e.site.traces(ctx, search.expression, at.Add(-lookBack), at.Add(lookBack))
		if err != nil {
			return err
		}
		found := presence(slices.Contains(ids, written.Answered))
		if search.wanted == notThere {
			e.line.Outcome("the other request's trace, in that group", found, notThere)
		} else if found != there {
			return &labs.ControlError{Control: "finding the trace of the request that did not fail among all traces", Err: orNotFound(nil)}
		}
	}
	return nil
}
