package observability

import (
	"context"
	"errors"
	"slices"
	"time"

	"labctl/checks/inventory"
	"labctl/labs"
)

// duty is who is woken by what, and where that arrives.
type duty struct {
	pagers  []string            // the alarms that page
	errors  []string            // those of them that go off when requests fail
	watched []string            // the alarms that page, and those in their rules
	ways    map[string][]search // from an alarm that pages to the lines of the requests that failed
	api     string              // the log group of the API
	topic   string              // ARN
	queue   string              // URL; of whoever is on call
	groups  []inventory.TraceGroup

	foreseen page // by what a replay says that an outage pages, and when
	foresees bool // it says that one does

	// way says what keeps a page from whoever is on call.
	way func(context.Context) (string, error)
}

// search finds the lines that a metric filter counts.
type search struct{ group, filter, pattern string }

// planDuty reads who is woken by what.
func planDuty(ctx context.Context, live labs.Live) (duty, error) {
	a, err := readArchitecture(ctx, live.Inventory)
	if err != nil {
		return duty{}, err
	}
	d, err := a.duty(ctx)
	if err != nil {
		return d, err
	}
	queue, err := a.onCallQueue(ctx)
	if err != nil {
		return d, err
	}
	d.queue = queue.QueueUrl
	if live.Support[traceGroups].Shown {
		if d.groups, err = a.traceGroups(ctx); err != nil {
			return d, err
		}
	}
	d.way = func(ctx context.Context) (string, error) { return a.delivery(ctx, d.topic) }
	return d, nil
}

// duty finds the alarms that page, and plays an outage on them.
func (a *architecture) duty(ctx context.Context) (duty, error) {
	s, err := a.stage(ctx)
	if err != nil {
		return duty{}, err
	}
	groups := a.apiGroups()
	if len(groups) == 0 {
		return duty{}, labs.Lacks("%s", a.nothing("log group", roleAPI))
	}
	d := duty{api: groups[0].LogGroupName, ways: map[string][]search{}}
	for _, p := range a.pagers() {
		d.pagers = append(d.pagers, p.Name)
		if !slices.ContainsFunc(s.alarmsUnder(p.Name), s.tellsFailures) {
			continue
		}
		d.errors = append(d.errors, p.Name)
		d.ways[p.Name] = s.searches(p.Name)
		if d.topic == "" {
			d.topic = p.Topics[0]
		}
	}
	if len(d.errors) == 0 {
		return d, labs.Lacks("no alarm of %s that pages looks at failed requests", a.inv.Scope)
	}
	for _, one := range s.alarms {
		d.watched = append(d.watched, one.AlarmName)
	}
	for _, one := range s.composites {
		d.watched = append(d.watched, one.AlarmName)
	}
	outage := s.play(traffic{name: "A total outage", rate: drillRate, lasts: time.Hour, fails: share(1, time.Hour)})
	if outage.undecided == nil {
		d.foreseen, d.foresees = outage.first(0)
	}
	return d, nil
}

// alarmsUnder are the alarms on metrics that decide about an alarm: itself, or those in its rule.
func (s *stage) alarmsUnder(name string) []inventory.MetricAlarm {
	wanted := map[string]bool{name: true}
	for added := true; added; {
		added = false
		for _, one := range s.composites {
			if !wanted[one.AlarmName] && !wanted[one.AlarmArn] {
				continue
			}
			for _, reference := range references(one.AlarmRule) {
				added = added || !wanted[reference]
				wanted[reference] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(s.alarms), func(one inventory.MetricAlarm) bool { return !wanted[one.AlarmName] && !wanted[one.AlarmArn] })
}

// tellsFailures says whether an alarm looks at a metric in which failed requests differ from others.
func (s *stage) tellsFailures(one inventory.MetricAlarm) bool {
	failed, answered := request("/payments", 500, 120, nil), request("/payments", 200, 120, nil)
	return slices.ContainsFunc(s.emitters, func(e emitter) bool { return e.feedsAlarm(one) && e.matches(failed) != e.matches(answered) })
}

func (e emitter) feedsAlarm(one inventory.MetricAlarm) bool {
	return slices.ContainsFunc(watched(one), func(m inventory.MetricStat) bool { return e.feeds(m.Namespace, m.MetricName) })
}

// matches says whether the filter surely makes a data point of a line.
func (e emitter) matches(line string) bool {
	p, err := e.emit(line)
	return err == nil && p != nil
}

// searches are the filters of what an alarm looks at that find failed requests, and only those.
func (s *stage) searches(name string) []search {
	failed, answered := request("/payments", 500, 120, nil), request("/payments", 200, 120, nil)
	var found []search
	for _, one := range s.alarmsUnder(name) {
		for _, e := range s.emitters {
			way := search{e.filter.LogGroupName, e.filter.FilterName, e.filter.FilterPattern}
			if e.feedsAlarm(one) && e.matches(failed) && !e.matches(answered) && !slices.Contains(found, way) {
				found = append(found, way)
			}
		}
	}
	return found
}

// onCallQueue is the queue of whoever is on call, whether or not anything is delivered to it.
func (a *architecture) onCallQueue(ctx context.Context) (inventory.Queue, error) {
	queues, err := a.inv.Queues(ctx)
	if err != nil {
		return inventory.Queue{}, err
	}
	n := slices.IndexFunc(queues, func(q inventory.Queue) bool { return q.Tags[roleTag] == roleOnCall })
	if n < 0 {
		return inventory.Queue{}, labs.Lacks("%s", a.nothing("queue", roleOnCall))
	}
	return queues[n], nil
}

// traceGroups are the architecture's own.
func (a *architecture) traceGroups(ctx context.Context) ([]inventory.TraceGroup, error) {
	groups, err := a.inv.TraceGroups(ctx)
	if errors.Is(err, inventory.ErrNotFound) {
		return nil, nil
	}
	return slices.DeleteFunc(slices.Clone(groups), func(g inventory.TraceGroup) bool { return g.Tags[a.inv.Scope.Key] != a.inv.Scope.Value }), err
}
