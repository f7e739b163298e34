package ha

import (
	"context"
	"fmt"
	"slices"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs"
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
	}, {
		ID:        "poison-message",
		Title:     "Does one order that can never be paid hold up the others?",
		Measures:  "Good orders and a poisoned one are sent and worked on as a worker would; which of them are done, which are lost, and where the poisoned one ends.",
		Objective: "No order is lost, and the poisoned one ends in the dead-letter queue.",
		Needs:     []checks.Capability{redrivePolicies},
		Run:       poison,
	}, {
		ID:        "surge",
		Title:     "Does the group follow eight times the visitors?",
		Measures:  "Real requests, 16 a second and within 10 minutes 128; the time until the capacity in service covers them, and the share of errors.",
		Objective: "Covered within 15 minutes of the sale's beginning, with at most 0.05 percent errors.",
		Needs:     []checks.Capability{loadScaling},
		Run:       surge,
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
	// activities tells what the group has done since a moment, oldest first.
	activities(ctx context.Context, group string, since time.Time) ([]string, error)
}

// loss is an exercise that takes instances away and waits for the group.
type loss struct {
	fleet  fleet
	line   *labs.TimeLine
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
	l := &loss{fleet: accountFleet{live}, line: line, group: group.AutoScalingGroupName, zones: map[string]string{}, pause: time.Second, settle: time.Minute}
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
		return &labs.ControlError{Control: fmt.Sprintf("having all %s of group %s in service and healthy", count(wanted, "instance"), l.group), Err: labs.Lacks("%d are", serving)}
	}
	l.line.Say("Group %s has %s in service: %s.", l.group, count(serving, "instance"), l.spread(l.before))
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

func (l *loss) zone(ctx context.Context) (err error) {
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
	defer func() { err = l.restore(ctx, err) }()
	l.line.Say("Losing %s: taking its subnets out of the group, terminating %s.", zone, list(victims))
	struck := time.Now()
	if err := l.fleet.setSubnets(ctx, l.group, rest); err != nil {
		return err
	}
	if err := l.fleet.terminate(ctx, victims); err != nil {
		return err
	}
	left := float64(len(l.before.serving())-len(victims)) * instanceRate
	l.line.Outcome(fmt.Sprintf("capacity that is left, %s of %s needed", rate(left), rate(baseRate)), enough(left >= baseRate), enough(true))
	return l.recovered(ctx, struck, zoneObjective, func(m inventory.GroupMember) bool { return m.AvailabilityZone != zone })
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

// restore gives the group its subnets back, whatever happened, and waits until the instances are spread as before. The
// waiting ends with ctx; the group goes on by itself.
func (l *loss) restore(ctx context.Context, failed error) error {
	after, done := labs.Afterwards(ctx)
	defer done()
	if err := l.fleet.setSubnets(after, l.group, l.before.Group.Subnets); err != nil {
		return fmt.Errorf("giving group %s its subnets back: %w", l.group, err)
	}
	l.line.Say("The group has its subnets back.")
	if failed != nil {
		return failed
	}
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
