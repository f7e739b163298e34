package ha

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
	"labctl/checks/scaling"
	"labctl/labs"
)

// fakeFleet is a group of three instances in three zones that replaces what it loses after some looks.
type fakeFleet struct {
	members []inventory.GroupMember
	subnets []string
	slow    int // looks until a loss is made up for
	waits   int
	launch  int
	broken  string // the call that fails
	desired int    // that was set; zero where it never was
	onLook  func()
}

func newFakeFleet() *fakeFleet {
	f := &fakeFleet{subnets: []string{"subnet-a", "subnet-b", "subnet-c"}, slow: 2}
	for _, zone := range []string{"a", "b", "c"} {
		f.members = append(f.members, inventory.GroupMember{InstanceId: "i-" + zone, AvailabilityZone: zone, LifecycleState: "InService", HealthStatus: "Healthy"})
	}
	return f
}

func (f *fakeFleet) look(ctx context.Context, _ string) (snapshot, error) {
	if f.onLook != nil {
		f.onLook()
	}
	if ctx.Err() != nil {
		return snapshot{}, ctx.Err()
	}
	if len(f.members) < 3 {
		if f.waits++; f.waits > f.slow {
			f.waits = 0
			for len(f.members) < 3 {
				f.launch++
				f.members = append(f.members, inventory.GroupMember{InstanceId: fmt.Sprintf("i-new-%d", f.launch), AvailabilityZone: f.emptiest(), LifecycleState: "InService", HealthStatus: "Healthy"})
			}
		}
	}
	s := snapshot{Checked: true, Group: inventory.AutoScalingGroup{DesiredCapacity: 3, Subnets: slices.Clone(f.subnets), Members: slices.Clone(f.members)}}
	for _, m := range f.members {
		s.Healthy = append(s.Healthy, m.InstanceId)
	}
	return s, nil
}

// emptiest is the zone of the group with the fewest members.
func (f *fakeFleet) emptiest() string {
	best, fewest := "", 99
	for _, subnet := range f.subnets {
		zone := strings.TrimPrefix(subnet, "subnet-")
		n := 0
		for _, m := range f.members {
			if m.AvailabilityZone == zone {
				n++
			}
		}
		if n < fewest {
			best, fewest = zone, n
		}
	}
	return best
}

func (f *fakeFleet) terminate(_ context.Context, instances []string) error {
	if f.broken == "terminate" {
		return errors.New("not today")
	}
	f.members = slices.DeleteFunc(f.members, func(m inventory.GroupMember) bool { return slices.Contains(instances, m.InstanceId) })
	return nil
}

func (f *fakeFleet) setSubnets(ctx context.Context, _ string, subnets []string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// A group that gets a zone back moves a member there.
	if f.subnets = subnets; len(subnets) == 3 && len(f.members) == 3 {
		f.members = f.members[:2]
	}
	return nil
}

func (f *fakeFleet) setDesired(_ context.Context, _ string, desired int) error {
	f.desired = desired
	return nil
}

func (f *fakeFleet) activities(context.Context, string, time.Time) ([]string, error) {
	return []string{"Launching a new EC2 instance. (Successful)"}, nil
}

// memory is a record that lives as long as the test.
type memory map[string]string

func (m memory) Set(key, value string) error { m[key] = value; return nil }
func (m memory) Get(key string) string       { return m[key] }

func newLoss(f fleet) *loss {
	return &loss{
		fleet: f, line: labs.NewTimeLine(func(labs.Moment) {}), record: memory{}, group: "app", pause: time.Millisecond,
		zones: map[string]string{"subnet-a": "a", "subnet-b": "b", "subnet-c": "c"},
	}
}

func TestALostInstanceIsMeasuredUntilAsManyAsBeforeAreInService(t *testing.T) {
	f := newFakeFleet()
	l := newLoss(f)
	require.NoError(t, l.instance(t.Context()))
	require.Len(t, l.line.Measures(), 1)
	assert.True(t, l.line.Measures()[0].Met)
	assert.Len(t, f.members, 3)
	assert.Equal(t, 1, f.launch)
}

func TestALostZoneLeavesEnoughAndComesBack(t *testing.T) {
	f := newFakeFleet()
	l := newLoss(f)
	require.NoError(t, l.zone(t.Context()))
	measures := l.line.Measures()
	require.Len(t, measures, 2)
	assert.Equal(t, "capacity that is left, 20 requests/s of 16 requests/s needed", measures[0].Name)
	assert.True(t, measures[0].Met && measures[1].Met)
	assert.Equal(t, []string{"subnet-a", "subnet-b", "subnet-c"}, f.subnets, "the lab is as it was")
}

func TestAZoneWithTooMuchInItLeavesTooLittle(t *testing.T) {
	f := newFakeFleet()
	f.members[1].AvailabilityZone, f.members[2].AvailabilityZone = "a", "a"
	f.members[2].AvailabilityZone = "b"
	l := newLoss(f)
	require.NoError(t, l.zone(t.Context()))
	assert.Equal(t, "too little", l.line.Measures()[0].Found)
	assert.False(t, l.line.Measures()[0].Met)
}

func TestAGroupThatIsNotWholeIsNoStartForADrill(t *testing.T) {
	f := newFakeFleet()
	f.members[0].HealthStatus = "Unhealthy"
	var control *labs.ControlError
	require.ErrorAs(t, newLoss(f).instance(t.Context()), &control)
	require.ErrorAs(t, newLoss(f).zone(t.Context()), &control)
	assert.Len(t, f.members, 3, "nothing was terminated")

	one := newFakeFleet()
	one.subnets = one.subnets[:1]
	require.ErrorAs(t, newLoss(one).zone(t.Context()), &control)
	assert.Len(t, one.members, 3, "nothing was terminated")
}

func TestAnInterruptedZoneLossGivesTheSubnetsBack(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	f := newFakeFleet()
	looks := 0
	f.onLook = func() {
		if looks++; looks == 3 {
			interrupt()
		}
	}
	l := newLoss(f)
	require.ErrorIs(t, l.zone(ctx), context.Canceled)
	require.Len(t, f.subnets, 2, "the zone is lost")
	f.onLook = nil
	for range 2 {
		require.NoError(t, giveBack(t.Context(), f, l.record, l.line))
		assert.Len(t, f.subnets, 3)
	}
}

func TestWhereNoZoneWasLostNothingIsGivenBack(t *testing.T) {
	f := newFakeFleet()
	f.subnets = f.subnets[:1]
	require.NoError(t, giveBack(t.Context(), f, memory{}, nil))
	assert.Len(t, f.subnets, 1)
}

func TestAZoneLossThatCannotTerminateGivesTheSubnetsBack(t *testing.T) {
	f := newFakeFleet()
	f.broken = "terminate"
	l := newLoss(f)
	require.ErrorContains(t, l.zone(t.Context()), "not today")
	require.NoError(t, giveBack(t.Context(), f, l.record, l.line))
	assert.Len(t, f.subnets, 3)
	assert.Empty(t, l.line.Measures())
}

// fakeBox is a pair of queues in which a message that was received often enough moves to the second.
type fakeBox struct {
	receives int
	queues   map[string][]string
	tries    map[string]int
	swallows string // a message that is lost when it is sent
	onSend   func()
}

func newFakeBox(receives int) *fakeBox {
	return &fakeBox{receives: receives, queues: map[string][]string{}, tries: map[string]int{}}
}

func (b *fakeBox) waiting(_ context.Context, queue string) (int, error) {
	return len(b.queues[queue]), nil
}

func (b *fakeBox) send(_ context.Context, queue, body string) error {
	if b.onSend != nil {
		b.onSend()
	}
	if b.swallows == "" || !strings.Contains(body, b.swallows) {
		b.queues[queue] = append(b.queues[queue], body)
	}
	return nil
}

func (b *fakeBox) receive(ctx context.Context, queue string, _ int) ([]message, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var got []message
	for _, body := range slices.Clone(b.queues[queue]) {
		if queue == "orders" {
			if b.tries[body]++; b.receives > 0 && b.tries[body] > b.receives {
				b.queues["orders"] = slices.DeleteFunc(b.queues["orders"], func(s string) bool { return s == body })
				b.queues["dead"] = append(b.queues["dead"], body)
				continue
			}
		}
		got = append(got, message{body, body})
	}
	return got, nil
}

func (b *fakeBox) remove(_ context.Context, queue, receipt string) error {
	b.queues[queue] = slices.DeleteFunc(b.queues[queue], func(s string) bool { return s == receipt })
	return nil
}

func newTestExercise(box mailbox) *exercise {
	e := newExercise(box, labs.NewTimeLine(func(labs.Moment) {}), inventory.Queue{QueueUrl: "orders", MaxReceiveCount: 3}, inventory.Queue{QueueUrl: "dead"}, "t1")
	e.pause, e.record = 0, memory{}
	return e
}

func unmet(line *labs.TimeLine) []string {
	var names []string
	for _, m := range line.Measures() {
		if !m.Met {
			names = append(names, m.Name)
		}
	}
	return names
}

func TestAPoisonedOrderEndsInTheDeadLetterQueueAndTheOthersFlow(t *testing.T) {
	box := newFakeBox(3)
	e := newTestExercise(box)
	require.NoError(t, e.run(t.Context()))
	assert.Empty(t, unmet(e.line))
	assert.Len(t, e.line.Measures(), 4)
	takenOut(t, box, e.record)
	assert.Empty(t, box.queues["orders"])
	assert.Empty(t, box.queues["dead"], "the drill's own message is taken out again")
}

// takenOut does not wait for the queues to settle.
func takenOut(t *testing.T, box mailbox, record labs.Record) {
	synctest.Test(t, func(t *testing.T) {
		require.NoError(t, takeOut(t.Context(), box, record, labs.NewTimeLine(func(labs.Moment) {})))
	})
}

func TestAQueueThatNeverGivesUpOrLosesAMessageFails(t *testing.T) {
	endless := newTestExercise(newFakeBox(0))
	require.NoError(t, endless.run(t.Context()))
	assert.Len(t, unmet(endless.line), 1)
	assert.Contains(t, unmet(endless.line)[0], "the poisoned order")

	box := newFakeBox(3)
	box.swallows = "good 1"
	lossy := newTestExercise(box)
	require.NoError(t, lossy.run(t.Context()))
	assert.ElementsMatch(t, []string{"good orders done", "messages lost"}, unmet(lossy.line))
}

func TestADrillTouchesNobodysOrders(t *testing.T) {
	box := newFakeBox(3)
	box.queues["orders"] = []string{"somebody's order"}
	var control *labs.ControlError
	require.ErrorAs(t, newTestExercise(box).run(t.Context()), &control)
	assert.Equal(t, []string{"somebody's order"}, box.queues["orders"])
	assert.Zero(t, box.tries["somebody's order"])
	takenOut(t, box, memory{})
	assert.Zero(t, box.tries["somebody's order"], "no message was sent, none is looked for")
}

func TestAnInterruptedExerciseTakesItsMessagesOutAgain(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	box := newFakeBox(3)
	sent := 0
	box.onSend = func() {
		if sent++; sent == 4 {
			interrupt()
		}
	}
	e := newTestExercise(box)
	require.ErrorIs(t, e.run(ctx), context.Canceled)
	require.NotEmpty(t, box.queues["orders"])
	takenOut(t, box, e.record)
	assert.Empty(t, box.queues["orders"])
	assert.Empty(t, box.queues["dead"])
}

// crowd is a fleet that grows to fourteen at its second look.
type crowd struct {
	*fakeFleet
	looks int
}

func (c *crowd) look(ctx context.Context, name string) (snapshot, error) {
	s, err := c.fakeFleet.look(ctx, name)
	if c.looks++; c.looks > 2 {
		for n := range 14 {
			m := inventory.GroupMember{InstanceId: fmt.Sprintf("i-%d", n), AvailabilityZone: "a", LifecycleState: "InService", HealthStatus: "Healthy"}
			s.Group.Members, s.Healthy = append(s.Group.Members, m), append(s.Healthy, m.InstanceId)
		}
		s.Group.DesiredCapacity = 17
	}
	return s, err
}

func newStorm(visit func(context.Context) error) *storm {
	return &storm{
		fleet: &crowd{fakeFleet: newFakeFleet()}, line: labs.NewTimeLine(func(labs.Moment) {}), group: "app", visit: visit, pause: 50 * time.Millisecond,
		atMost: time.Minute, demand: scaling.Demand{{At: 0, Rate: peakRate}}, record: memory{},
	}
}

func TestASurgeMeasuresTimeAndErrorsAndShrinksTheGroupAgain(t *testing.T) {
	good := newStorm(func(context.Context) error { return nil })
	require.NoError(t, good.run(t.Context()))
	assert.Empty(t, unmet(good.line))
	assert.Len(t, good.line.Measures(), 2)
	assert.Positive(t, good.visits.Load())
	require.NoError(t, shrink(t.Context(), good.fleet, good.record, good.line))
	assert.Equal(t, 3, good.fleet.(*crowd).desired)

	first := true
	bad := newStorm(func(context.Context) error {
		if first {
			first = false
			return nil
		}
		return errors.New("503")
	})
	require.NoError(t, bad.run(t.Context()))
	assert.Len(t, unmet(bad.line), 1)
}

func TestASiteThatDoesNotAnswerIsNoStartForASurge(t *testing.T) {
	storm := newStorm(func(context.Context) error { return errors.New("no route") })
	var control *labs.ControlError
	require.ErrorAs(t, storm.run(t.Context()), &control)
	require.NoError(t, shrink(t.Context(), storm.fleet, storm.record, storm.line))
	assert.Zero(t, storm.fleet.(*crowd).desired, "nothing was changed")
}
