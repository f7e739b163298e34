package terminal

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"labctl/checks"
	"labctl/runner"
)

func TestWorksSideBySideHaveALineEachOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		streams, glass := liveStreams(t, 60, 24)
		side := streams.SideBySide([]string{"networking", "ha", "iam"})
		side.Emit("networking")(runner.Step{Text: "Provisioning networking"})
		side.Emit("networking")(started("aws_vpc.a"))
		side.Emit("networking")(finished("aws_vpc.a", time.Second, 1))
		side.Emit("ha")(runner.Step{Text: "Reaching target local"})
		time.Sleep(2050 * time.Millisecond)
		shown := glass.shown()
		assert.Len(t, shown, 3)
		assert.Contains(t, shown[0], "networking  Provisioning networking 1/4  2.")
		assert.Contains(t, shown[1], "ha          Reaching target local  2.")
		assert.Contains(t, shown[2], "iam         waiting")

		side.Emit("ha")(runner.Warning{Text: "mind the gap"})
		side.End("networking", "run networking-k3f9 is up: 20 pass", true)
		side.End("ha", "no such thing", false)
		shown = glass.shown()
		assert.Equal(t, "! Warning: ha: mind the gap", shown[0])
		assert.Equal(t, "✓ networking  run networking-k3f9 is up: 20 pass", shown[1])
		assert.Equal(t, "✗ ha          no such thing", shown[2])

		side.Close()
		side.Close()
		assert.Equal(t, []string{"! Warning: ha: mind the gap", "✓ networking  run networking-k3f9 is up: 20 pass", "✗ ha          no such thing"}, glass.shown())
	})
}

func TestWorksSideBySideHaveTheirNameBeforeEachLineOfALog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var written bytes.Buffer
		side := (&Streams{Err: &written}).SideBySide([]string{"networking", "ha"})
		side.Emit("networking")(runner.Step{Text: "Checking 1 property"})
		side.Emit("ha")(runner.Warning{Text: "mind the gap"})
		side.Emit("networking")(checked(checks.Pass, 1, 1))
		side.End("networking", "run networking-k3f9 is up: 1 pass", true)
		side.Close()
		assert.Equal(t, strings.Join([]string{
			"networking: Checking 1 property",
			"ha: Warning: mind the gap",
			"networking: Checking 1 property: 1 pass in 0.0s",
			"networking:   run networking-k3f9 is up: 1 pass",
			"",
		}, "\n"), written.String())
	})
}

func TestWorksSideBySideMayReportAtOnce(t *testing.T) {
	streams := &Streams{Err: &bytes.Buffer{}}
	names := []string{"a", "b", "c", "d"}
	side := streams.SideBySide(names)
	var group sync.WaitGroup
	for _, name := range names {
		group.Go(func() {
			side.Emit(name)(runner.Step{Text: "Working"})
			for range 100 {
				side.Emit(name)(runner.Note{Text: "one line"})
			}
			side.End(name, "done", true)
		})
	}
	group.Wait()
	side.Close()
	for line := range strings.Lines(streams.Err.(*bytes.Buffer).String()) {
		assert.Regexp(t, `^[abcd]: (Working|  one line|  done)`, line, "lines do not mix")
	}
}
