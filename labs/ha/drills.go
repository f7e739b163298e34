package ha

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs"
	"labctl/labs/say"
)

// allDrills are the lab's drills.
func allDrills() []labs.Drill {
	repairs := []checks.Capability{groupUpdates, groupZones, groupTargets, unhealthyMembers, groupActivities}
	return []labs.Drill{{
		ID:        "instance-loss",
		Title:     "How long is one instance less?",
		Measures:  "One instance is terminated behind the group's back; the time until as many as before are in service and healthy.",
		Objective: "Recovery within 5 minutes.",
		Needs:     repairs,
		Run: func(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
			l, err := planLoss(ctx, live, line)
			if err != nil {
				return err
			}
			return l.instance(ctx)
		},
	}, {
		ID:        "zone-loss",
		Title:     "Does the rest carry the load when a zone is gone, and how long until all is back?",
		Measures:  "A zone's subnets are taken out of the group and its instances terminated; what the others carry, and the time until as many as before are in service.",
		Objective: "What is left carries 16 requests/s at once; recovery within 15 minutes.",
		Needs:     repairs,
		Run: func(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
			l, err := planLoss(ctx, live, line)
			if err != nil {
				return err
			}
			return l.zone(ctx)
		},
		Restore: func(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
			return giveBack(ctx, accountFleet{live}, live.Record, line)
		},
	}, {
		ID:        "poison-message",
		Title:     "Does one order that can never be paid hold up the others?",
		Measures:  "Good orders and a poisoned one are sent and worked on as a worker would; which of them are done, which are lost, and where the poisoned one ends.",
		Objective: "No order is lost, and the poisoned one ends in the dead-letter queue.",
		Needs:     []checks.Capability{redrivePolicies},
		Run:       poison,
		Restore: func(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
			return takeOut(ctx, accountMailbox{sqs.NewFromConfig(live.Config)}, live.Record, line)
		},
	}, {
		ID:        "surge",
		Title:     "Does the group follow eight times the visitors?",
		Measures:  "Real requests, 16 a second and within 10 minutes 128; the time until the capacity in service covers them, and the share of errors.",
		Objective: "Covered within 15 minutes of the sale's beginning, with at most 0.05 percent errors.",
		Needs:     []checks.Capability{loadScaling},
		Run:       surge,
		Restore: func(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
			return shrink(ctx, accountFleet{live}, live.Record, line)
		},
	}}
}

// snapshot is a group at a moment.
type snapshot struct {
	Group   inventory.AutoScalingGroup
	Healthy []string // ids of the instances that the load balancer calls healthy, if the group has one
	Checked bool     // a load balancer was asked
}

// serving are the members in service, which the load balancer sends visitors to.
func (s snapshot) serving() []inventory.GroupMember {
	return slices.DeleteFunc(inService(s.Group), func(m inventory.GroupMember) bool { return s.Checked && !slices.Contains(s.Healthy, m.InstanceId) })
}

// fleet is what a loss asks of the account.
type fleet interface {
	look(ctx context.Context, group string) (snapshot, error)
	terminate(ctx context.Context, instances []string) error
	setSubnets(ctx context.Context, group string, subnets []string) error
	setDesired(ctx context.Context, group string, desired int) error
	// activities tells what the group has done since a moment, oldest first.
	activities(ctx context.Context, group string, since time.Time) ([]string, error)
}

// loss is an exercise that takes instances away and waits for the group.
type loss struct {
	fleet  fleet
	line   *labs.TimeLine
	record labs.Record
	group  string
	zones  map[string]string // zone by subnet
	pause  time.Duration     // between two looks
	settle time.Duration     // how long a group that is not whole at the beginning may take: somebody may have just changed it
	before snapshot
}

// patience is how much longer than the objective a drill waits before it gives up.
const patience = 2

func planLoss(ctx context.Context, live labs.Live, line *labs.TimeLine) (*loss, error) {
	a, err := readArchitecture(ctx, live.Inventory)
	if err != nil {
		return nil, err
	}
	group, err := a.group()
	if err != nil {
		return nil, err
	}
	subnets, err := a.subnetsOf(ctx, group)
	if err != nil {
		return nil, err
	}
	l := &loss{fleet: accountFleet{live}, line: line, record: live.Record, group: group.AutoScalingGroupName, zones: map[string]string{}, pause: time.Second, settle: time.Minute}
	for _, subnet := range subnets {
		l.zones[subnet.SubnetId] = subnet.AvailabilityZone
	}
	return l, nil
}

// begin is the positive control: a group that is not whole before the loss would prove nothing by not being whole after it.
func (l *loss) begin(ctx context.Context) error {
	var err error
	whole := func(s snapshot) bool { return len(s.serving()) > 0 && len(s.serving()) >= s.Group.DesiredCapacity }
	if l.before, err = l.until(ctx, l.settle, whole); err != nil {
		return err
	}
	serving, wanted := len(l.before.serving()), l.before.Group.DesiredCapacity
	if !whole(l.before) {
		return &labs.ControlError{Control: fmt.Sprintf("having all %s of group %s in service and healthy", typeset.Count(wanted, "instance"), l.group), Err: labs.Lacks("%d are", serving)}
	}
	l.line.Say("Group %s has %s in service: %s.", l.group, typeset.Count(serving, "instance"), l.spread(l.before))
	return nil
}

func (l *loss) spread(s snapshot) string {
	placed := map[string]int{}
	for _, m := range s.serving() {
		placed[m.AvailabilityZone]++
	}
	return tellPlaced(placed)
}

func (l *loss) instance(ctx context.Context) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	victim := l.before.serving()[0]
	l.line.Say("Terminating %s in %s.", victim.InstanceId, victim.AvailabilityZone)
	struck := time.Now()
	if err := l.fleet.terminate(ctx, []string{victim.InstanceId}); err != nil {
		return err
	}
	return l.recovered(ctx, struck, instanceObjective, func(m inventory.GroupMember) bool { return m.InstanceId != victim.InstanceId })
}

func (l *loss) zone(ctx context.Context) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	zone, victims := l.fullest()
	var rest []string
	for _, subnet := range l.before.Group.Subnets {
		if l.zones[subnet] != zone {
			rest = append(rest, subnet)
		}
	}
	if len(rest) == 0 {
		return &labs.ControlError{Control: "finding a zone beside the one to lose", Err: labs.Lacks("group %s is in one zone", l.group)}
	}
	if err := labs.Remember(l.record, subnetsBefore, settings{Group: l.group, Subnets: l.before.Group.Subnets}); err != nil {
		return err
	}
	l.line.Say("Losing %s: taking its subnets out of the group, terminating %s.", zone, say.List(victims))
	struck := time.Now()
	if err := l.fleet.setSubnets(ctx, l.group, rest); err != nil {
		return err
	}
	if err := l.fleet.terminate(ctx, victims); err != nil {
		return err
	}
	left := float64(len(l.before.serving())-len(victims)) * instanceRate
	l.line.Outcome(fmt.Sprintf("capacity that is left, %s of %s needed", rate(left), rate(baseRate)), enough(left >= baseRate), enough(true))
	if err := l.recovered(ctx, struck, zoneObjective, func(m inventory.GroupMember) bool { return m.AvailabilityZone != zone }); err != nil {
		return err
	}
	if err := giveBack(ctx, l.fleet, l.record, l.line); err != nil {
		return err
	}
	return l.spreadAgain(ctx)
}

func enough(is bool) string {
	if is {
		return "enough"
	}
	return "too little"
}

// fullest is the zone with the most instances in service, and they.
func (l *loss) fullest() (zone string, instances []string) {
	by := map[string][]string{}
	for _, m := range l.before.serving() {
		by[m.AvailabilityZone] = append(by[m.AvailabilityZone], m.InstanceId)
		if len(by[m.AvailabilityZone]) > len(by[zone]) {
			zone = m.AvailabilityZone
		}
	}
	return zone, by[zone]
}

// subnetsBefore is where the record has the group's subnets.
const subnetsBefore = "subnets"

// giveBack gives a group the subnets that a drill took from it.
func giveBack(ctx context.Context, f fleet, record labs.Record, line *labs.TimeLine) error {
	var before settings
	if found, err := labs.Recall(record, subnetsBefore, &before); err != nil || !found {
		return err
	}
	now, err := f.look(ctx, before.Group)
	switch {
	case errors.Is(err, labs.ErrNothing):
		return nil // the group itself is gone
	case err != nil:
		return err
	}
	if sameSet(now.Group.Subnets, before.Subnets) {
		return nil
	}
	if err := f.setSubnets(ctx, before.Group, before.Subnets); err != nil {
		return fmt.Errorf("giving group %s its subnets back: %w", before.Group, err)
	}
	line.Say("Group %s has its subnets back.", before.Group)
	return nil
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// spreadAgain waits until the instances are in as many zones as before. If that takes too long, the group goes on by itself.
func (l *loss) spreadAgain(ctx context.Context) error {
	zones := map[string]bool{}
	for _, m := range l.before.serving() {
		zones[m.AvailabilityZone] = true
	}
	last, err := l.until(ctx, zoneObjective, func(s snapshot) bool {
		now := map[string]bool{}
		for _, m := range s.serving() {
			now[m.AvailabilityZone] = true
		}
		return len(now) >= len(zones) && len(s.serving()) >= len(l.before.serving())
	})
	if err != nil {
		return err
	}
	l.line.Say("In service again: %s.", l.spread(last))
	return nil
}

// recovered waits until as many as before are in service among those that count, tells what the group did, and measures.
func (l *loss) recovered(ctx context.Context, struck time.Time, objective time.Duration, counts func(inventory.GroupMember) bool) error {
	serving := -1
	last, err := l.until(ctx, patience*objective, func(s snapshot) bool {
		now := len(slices.DeleteFunc(s.serving(), func(m inventory.GroupMember) bool { return !counts(m) }))
		if now != serving {
			l.line.Say("%d of %d in service.", now, l.before.Group.DesiredCapacity)
			serving = now
		}
		return now >= l.before.Group.DesiredCapacity
	})
	took := time.Since(struck)
	if err != nil {
		return err
	}
	told, err := l.fleet.activities(ctx, l.group, struck)
	if err != nil {
		return err
	}
	for _, activity := range told {
		l.line.Say("The group: %s", activity)
	}
	l.line.Say("In service: %s.", l.spread(last))
	l.line.Duration("recovery time", took, objective)
	return nil
}

// until looks again and again, until done says so or the time is over: then it still returns what it saw last, so that what
// is measured says how long it was.
func (l *loss) until(ctx context.Context, atMost time.Duration, done func(snapshot) bool) (snapshot, error) {
	deadline := time.Now().Add(atMost)
	for {
		s, err := l.fleet.look(ctx, l.group)
		if err != nil {
			return s, err
		}
		if done(s) || time.Now().After(deadline) {
			return s, nil
		}
		if err := wait(ctx, l.pause); err != nil {
			return s, err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
