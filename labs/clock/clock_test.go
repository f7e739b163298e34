package clock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var started = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

func TestTheZeroClockShowsTheRealTime(t *testing.T) {
	for _, c := range []Clock{{}, {Started: started}, {Started: started, Speed: 1}} {
		moment := started.Add(time.Hour)
		assert.Equal(t, moment, c.At(moment))
		assert.Equal(t, moment, c.When(moment))
		assert.Equal(t, 1, c.SpeedAt(moment))
		assert.Zero(t, c.Behind())
	}
}

func TestAFastClockStartsInThePastAndCatchesUp(t *testing.T) {
	for _, c := range []struct {
		speed           int
		behind, catches time.Duration
	}{
		{2, time.Hour, time.Hour},
		{60, 59 * time.Hour, time.Hour},
		{313, 13 * 24 * time.Hour, time.Hour},
		{Fastest, 13 * 24 * time.Hour, 13 * 24 * time.Hour / 599},
	} {
		clock := Clock{Started: started, Speed: c.speed}
		assert.Equal(t, c.behind, clock.Behind(), "speed %d", c.speed)
		assert.Equal(t, started.Add(c.catches), clock.CatchesUp(), "speed %d", c.speed)
		assert.Equal(t, started.Add(-c.behind), clock.At(started))
		assert.Equal(t, started.Add(-c.behind).Add(time.Duration(c.speed)*time.Minute), clock.At(started.Add(time.Minute)))
		assert.Equal(t, c.speed, clock.SpeedAt(clock.CatchesUp().Add(-1)))
		assert.Equal(t, 1, clock.SpeedAt(clock.CatchesUp()))
		assert.WithinDuration(t, clock.CatchesUp(), clock.At(clock.CatchesUp().Add(-1)), time.Second, "it does not jump")
		later := clock.CatchesUp().Add(time.Hour)
		assert.Equal(t, later, clock.At(later))
	}
}

func TestWhenIsTheInverseOfAt(t *testing.T) {
	c := Clock{Started: started, Speed: 60}
	for _, after := range []time.Duration{0, time.Second, 59 * time.Minute, time.Hour, 2 * time.Hour} {
		assert.Equal(t, started.Add(after), c.When(c.At(started.Add(after))), after.String())
	}
}
