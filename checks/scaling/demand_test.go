package scaling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestDemandIsStraightBetweenItsPointsAndLevelOutside(t *testing.T) {
	ramp := Ramp(100, 800, 5*min1, 10*min1, 20*min1, 5*min1)
	for _, c := range []struct {
		name   string
		demand Demand
		at     time.Duration
		want   float64
	}{
		{"nothing without points", nil, min1, 0},
		{"level before the first point", Demand{{min1, 7}}, 0, 7},
		{"level after the last point", Demand{{min1, 7}}, time.Hour, 7},
		{"the base before a ramp", ramp, 4 * min1, 100},
		{"halfway up", ramp, 10 * min1, 450},
		{"the peak", ramp, 15 * min1, 800},
		{"the peak is held", ramp, 35 * min1, 800},
		{"halfway down", ramp, 35*min1 + 150*second, 450},
		{"the base after it", ramp, time.Hour, 100},
		{"right before a jump", jump(1, min1, 9), min1 - second, 1},
		{"at the jump", jump(1, min1, 9), min1, 9},
	} {
		assert.InDelta(t, c.want, c.demand.Rate(c.at), 1e-9, c.name)
	}
	assert.InDelta(t, 800, ramp.Peak(), 0)
	assert.InDelta(t, 0, Demand(nil).Peak(), 0)
}
