package terminal

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestColourAndLiveViewNeedATerminalThatTakesThem(t *testing.T) {
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this system has no pseudo-terminals: %v", err)
	}
	defer tty.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()

	type shows struct{ outColour, errColour, live bool }
	for name, c := range map[string]struct {
		in, out, err *os.File
		env          map[string]string
		want         shows
	}{
		"a terminal shows all":            {tty, tty, tty, nil, shows{true, true, true}},
		"nothing is a terminal":           {file, file, file, nil, shows{}},
		"results in a file":               {tty, file, tty, nil, shows{false, true, true}},
		"chatter in a file":               {tty, tty, file, nil, shows{outColour: true}},
		"input from a file":               {file, tty, tty, nil, shows{true, true, true}},
		"NO_COLOR takes the colour alone": {tty, tty, tty, map[string]string{"NO_COLOR": "1"}, shows{live: true}},
		"an empty NO_COLOR means nothing": {tty, tty, tty, map[string]string{"NO_COLOR": ""}, shows{true, true, true}},
		"a dumb terminal is plain":        {tty, tty, tty, map[string]string{"TERM": "dumb"}, shows{}},
		"a CI system is plain":            {tty, tty, tty, map[string]string{"CI": "true"}, shows{}},
		"CI=false is no CI system":        {tty, tty, tty, map[string]string{"CI": "false"}, shows{true, true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			s := resolve(c.in, c.out, c.err, func(name string) string { return c.env[name] })
			assert.Equal(t, c.want, shows{s.OutColour(), s.errColour, s.screen != nil})
			assert.Positive(t, s.OutWidth())
			assert.Equal(t, c.want.outColour && c.want.errColour, s.Strong("x") != "x", "text for either output")
		})
	}
}

func TestStreamsWithoutMoreArePlain(t *testing.T) {
	s := &Streams{}
	assert.Equal(t, 80, s.OutWidth())
	assert.False(t, s.OutColour())
	assert.Equal(t, "xxxxx", s.Strong("x")+s.Dim("x")+s.Good("x")+s.Bad("x")+s.Warn("x"))
}
