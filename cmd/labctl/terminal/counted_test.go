package terminal

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"labctl/labs"
	"labctl/runner"
)

func seeded(done int) runner.Event {
	return runner.Counted{Progress: labs.Progress{What: "Seeding the table", Done: done, Total: 2000, Unit: "row"}}
}

func TestWhatADrillCountsIsABarForAsLongAsItLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		streams, glass := liveStreams(t, 80, 24)
		p := streams.Progress()
		p.Emit(seeded(0))
		time.Sleep(time.Second)
		p.Emit(seeded(500))
		assert.Contains(t, strings.Join(glass.shown(), "\n"), "Seeding the table  ━━━━━━────────────────── 500/2000  1.")
		p.Emit(seeded(2000))
		fmt.Fprintln(streams.Out, "    1.2s  Seeded.")
		assert.Equal(t, []string{"✓ Seeding the table  2000 rows  1.1s", "    1.2s  Seeded."}, glass.shown())

		p.Emit(seeded(3)) // and cut off
		p.Close()
		assert.Contains(t, glass.shown(), "· Seeding the table  3 of 2000 rows  0.0s")
	})
}

func TestALogHearsOfACountNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p := (&Streams{Err: &log}).Progress()
		for done := 0; done <= 2000; done += 25 {
			p.Emit(seeded(done))
			time.Sleep(50 * time.Millisecond)
		}
		p.Close()
		assert.Equal(t, ""+
			"Seeding the table\n"+
			"  1000 of 2000 rows\n"+
			"Seeding the table: 2000 rows in 4.0s\n", log.String())
	})
}
