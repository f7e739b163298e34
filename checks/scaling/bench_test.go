package scaling

import (
	"fmt"
	"testing"
	"time"
)

// An hour takes well under 5 ms, also for a group that is much larger than a lab's.
func BenchmarkAnHour(b *testing.B) {
	for _, largest := range []int{24, 240, 2400} {
		b.Run(fmt.Sprintf("max=%d", largest), func(b *testing.B) {
			s := ticketing()
			s.Duration = time.Hour
			s.Group.Max = largest
			s.Service.UnitCapacity *= 24 / float64(largest)
			s.Policies.TargetTracking[0].Target *= 24 / float64(largest)
			s.Events = []Event{{At: 25 * min1, LoseZone: "b"}, {At: 40 * min1, RestoreZone: "b"}}
			for b.Loop() {
				if _, err := Simulate(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
