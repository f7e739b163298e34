package scaling

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheLossOfAnyZoneLeavesWhatIsNeededOrNot(t *testing.T) {
	two, three := []string{"a", "b"}, []string{"a", "b", "c"}
	for _, c := range []struct {
		name      string
		zones     []string
		instances int
		need      float64
		holds     bool
		left      int
	}{
		{"three zones with half to spare", three, 6, 400, true, 4},
		{"two zones with as much to spare", two, 8, 400, true, 4},
		{"two zones with half to spare", two, 6, 400, false, 3},
		{"half the minimum", three, 3, 400, false, 2},
		{"the zone with one more may be the one that is lost", three, 4, 300, false, 2},
		{"one zone", []string{"a"}, 100, 1, false, 0},
		{"no zone", nil, 100, 0, false, 0},
		{"no instance", three, 0, 1, false, 0},
	} {
		s := Static(c.zones, c.instances, 100, c.need)
		assert.Equal(t, c.holds, s.Holds, c.name)
		assert.Len(t, s.Zones, len(c.zones), c.name)
		for _, zone := range s.Zones {
			assert.Equal(t, c.left, zone.Left, c.name)
			assert.Equal(t, c.instances, zone.Left+zone.Lost, c.name)
		}
	}
}

func TestInstancesThatPileUpInOneZoneDoNotSurviveIt(t *testing.T) {
	s := StaticPlaced(map[string]int{"b": 1, "a": 5}, 100, 400)
	assert.False(t, s.Holds)
	assert.Equal(t, []ZoneLoss{
		{Zone: "a", Lost: 5, Left: 1, Capacity: 100},
		{Zone: "b", Lost: 1, Left: 5, Capacity: 500, Holds: true},
	}, s.Zones)
	assert.True(t, StaticPlaced(map[string]int{"a": 4, "b": 4}, 100, 400).Holds)
	assert.False(t, StaticPlaced(nil, 100, 0).Holds)
}

// What Static says of the group at a peak is what a replay of that loss shows.
func TestStaticAgreesWithTheReplayOfALoss(t *testing.T) {
	for _, instances := range []int{3, 4, 5, 6, 7, 8, 9} {
		s := scene(instances, instances, instances)
		s.Demand, s.Duration = level(400), 10*min1
		for _, zone := range s.Group.Zones {
			s.Events = []Event{{At: min1, LoseZone: zone}}
			if Static(s.Group.Zones, instances, s.Service.UnitCapacity, 400).Holds {
				assert.Zero(t, run(t, s).Facts.BelowNeed, "%d instances without zone %s", instances, zone)
			}
		}
		s.Events = []Event{{At: min1, LoseZone: "a"}} // the one that has one more
		assert.Equal(t, Static(s.Group.Zones, instances, s.Service.UnitCapacity, 400).Holds, run(t, s).Facts.BelowNeed == 0)
	}
}

func TestHeadroomComparesTheMaximumWithThePeak(t *testing.T) {
	g, s := Group{Max: 12}, Service{UnitCapacity: 100}
	assert.InDelta(t, 1.5, Headroom(g, s, 800), 1e-9)
	assert.InDelta(t, 0.75, Headroom(g, s, 1600), 1e-9)
	assert.Zero(t, Headroom(g, s, 0))
}
