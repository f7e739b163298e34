package ha

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"labctl/checks/report/typeset"
	"labctl/checks/scaling"
	"labctl/labs"
)

// storm is visitors on their way to the site.
type storm struct {
	fleet   fleet
	line    *labs.TimeLine
	group   string
	visit   func(ctx context.Context) error // one visit; an error is what the visitor sees
	record  labs.Record
	demand  scaling.Demand
	atMost  time.Duration // until capacity covers the peak
	pause   time.Duration // between two looks
	visits  atomic.Int64
	refused atomic.Int64
}

// mostErrors is what the promised 99.95 percent leave.
const mostErrors = 0.0005

func surge(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	a, err := readArchitecture(ctx, live.Inventory)
	if err != nil {
		return err
	}
	group, err := a.group()
	if err != nil {
		return err
	}
	balancers, err := a.servingBalancers(ctx, group)
	if err != nil {
		return err
	}
	if len(balancers) == 0 || len(balancers[0].Listeners) == 0 {
		return labs.Lacks("no load balancer serves group %s", group.AutoScalingGroupName)
	}
	listener := balancers[0].Listeners[0]
	scheme := "http"
	if listener.Protocol == "HTTPS" {
		scheme = "https"
	}
	url := fmt.Sprintf("%s://%s:%d/", scheme, balancers[0].DNSName, listener.Port)
	name := group.AutoScalingGroupName
	s := &storm{
		fleet: accountFleet{live}, line: line, record: live.Record, group: name, visit: visitor(url), atMost: zoneObjective, pause: 10 * time.Second,
		demand: scaling.Ramp(baseRate, peakRate, 0, rampTime, zoneObjective, 0),
	}
	line.Say("Visitors go to %s.", url)
	return s.run(ctx)
}

// visitor asks for a page as a visitor does, and waits no longer than one would.
func visitor(url string) func(context.Context) error {
	client := &http.Client{Timeout: 10 * time.Second}
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err //nolint:wrapcheck // it names the address
		}
		answer, err := client.Do(request)
		if err != nil {
			return err //nolint:wrapcheck // it names the address
		}
		defer answer.Body.Close() //nolint:errcheck // it has been read
		_, err = io.Copy(io.Discard, answer.Body)
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("the site answers %s", answer.Status)
		}
		return err //nolint:wrapcheck // it names the connection
	}
}

func (s *storm) run(ctx context.Context) error {
	before, err := s.fleet.look(ctx, s.group)
	if err != nil {
		return err
	}
	if err := s.visit(ctx); err != nil {
		return &labs.ControlError{Control: "one visit on an ordinary day", Err: err}
	}
	if err := labs.Remember(s.record, sizeBefore, size{Group: s.group, Desired: before.Group.DesiredCapacity}); err != nil {
		return err
	}
	load, stop := context.WithCancel(ctx)
	var visitors sync.WaitGroup
	visitors.Add(1)
	go func() { defer visitors.Done(); s.load(load, &visitors) }()
	took, err := s.watch(ctx)
	stop()
	visitors.Wait()
	if err != nil {
		return err
	}
	s.line.Duration("time until the capacity covers the peak", took, s.atMost)
	share := float64(s.refused.Load()) / float64(max(s.visits.Load(), 1))
	s.line.Outcome(fmt.Sprintf("errors: %d of %d visits, %.3f percent", s.refused.Load(), s.visits.Load(), share*100), tolerable(share <= mostErrors), tolerable(true))
	return nil
}

// sizeBefore is where the record has how large the group was.
const sizeBefore = "size"

type size struct {
	Group   string
	Desired int
}

// shrink makes the group as large as it was before visitors came.
func shrink(ctx context.Context, f fleet, record labs.Record, line *labs.TimeLine) error {
	var before size
	if found, err := labs.Recall(record, sizeBefore, &before); err != nil || !found {
		return err
	}
	if err := f.setDesired(ctx, before.Group, before.Desired); err != nil {
		return err
	}
	line.Say("The group's desired capacity is %d again.", before.Desired)
	return nil
}

func tolerable(is bool) string {
	if is {
		return "within 99.95 percent"
	}
	return "beyond 99.95 percent"
}

// load sends visitors at the rate of the demand until ctx ends.
func (s *storm) load(ctx context.Context, visitors *sync.WaitGroup) {
	const tick = 20 * time.Millisecond
	began, owed := time.Now(), 0.0
	for wait(ctx, tick) == nil {
		owed += s.demand.Rate(time.Since(began)) * tick.Seconds()
		for ; owed >= 1; owed-- {
			visitors.Add(1)
			go func() {
				defer visitors.Done()
				err := s.visit(ctx)
				if ctx.Err() != nil {
					return // it was called off
				}
				s.visits.Add(1)
				if err != nil {
					s.refused.Add(1)
				}
			}()
		}
	}
}

// watch waits until what is in service carries the peak. After twice the objective it gives up.
func (s *storm) watch(ctx context.Context) (time.Duration, error) {
	began, desired := time.Now(), -1
	for {
		now, err := s.fleet.look(ctx, s.group)
		if err != nil {
			return 0, err
		}
		capacity := float64(len(now.serving())) * instanceRate
		if now.Group.DesiredCapacity != desired {
			desired = now.Group.DesiredCapacity
			s.line.Say("%s come, %s are carried; the group wants %s.", rate(float64(int(s.demand.Rate(time.Since(began))))), rate(capacity), typeset.Count(desired, "instance"))
		}
		took := time.Since(began)
		if capacity >= s.demand.Peak() || took > patience*s.atMost {
			return took, nil
		}
		if err := wait(ctx, s.pause); err != nil {
			return 0, err
		}
	}
}
