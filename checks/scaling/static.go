package scaling

import (
	"maps"
	"slices"
)

// Stability says what is left when a zone is lost, without a single call to launch anything: nothing may depend on a control
// plane that is busy or impaired at that moment
// (https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/static-stability.html).
type Stability struct {
	// Holds says that the loss of any one zone leaves what is needed. It is false where there is nothing to judge.
	Holds bool       `json:"holds"`
	Need  float64    `json:"need"`
	Zones []ZoneLoss `json:"zones"`
}

// ZoneLoss is the loss of one zone: instances that go and stay, what the latter carry in a second, and whether that is enough.
type ZoneLoss struct {
	Zone     string  `json:"zone"`
	Lost     int     `json:"lost"`
	Left     int     `json:"left"`
	Capacity float64 `json:"capacity"`
	Holds    bool    `json:"holds"`
}

// Static judges that many instances, spread evenly over the zones, of which each carries unit and which together must carry need
// in a second. Where they don't divide evenly, each zone is judged as the one that has one more. Pass the group's minimum to
// judge what is always there, or the size that it reaches at a peak to judge a loss at the peak.
func Static(zones []string, instances int, unit, need float64) Stability {
	s := Stability{Need: need, Zones: []ZoneLoss{}}
	for _, zone := range zones {
		most := (instances + len(zones) - 1) / len(zones)
		s.Zones = append(s.Zones, loss(zone, most, instances-most, unit, need))
	}
	return s.judged()
}

// StaticPlaced judges instances as they are placed now, by zone.
func StaticPlaced(placed map[string]int, unit, need float64) Stability {
	total := 0
	for _, n := range placed {
		total += n
	}
	s := Stability{Need: need, Zones: []ZoneLoss{}}
	for _, zone := range slices.Sorted(maps.Keys(placed)) {
		s.Zones = append(s.Zones, loss(zone, placed[zone], total-placed[zone], unit, need))
	}
	return s.judged()
}

func loss(zone string, lost, left int, unit, need float64) ZoneLoss {
	capacity := float64(left) * unit
	return ZoneLoss{Zone: zone, Lost: lost, Left: left, Capacity: capacity, Holds: capacity >= need}
}

func (s Stability) judged() Stability {
	s.Holds = len(s.Zones) > 0 && !slices.ContainsFunc(s.Zones, func(z ZoneLoss) bool { return !z.Holds })
	return s
}

// Headroom is what the group carries at its maximum over the peak: below 1 the maximum can't carry it.
// A peak of nothing has no headroom, it answers 0.
func Headroom(g Group, s Service, peak float64) float64 {
	if peak <= 0 {
		return 0
	}
	return float64(g.Max) * s.UnitCapacity / peak
}
