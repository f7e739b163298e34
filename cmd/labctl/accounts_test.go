package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/cmd/labctl/terminal"
)

func TestANoteOnAnAccountStaysOnItsLine(t *testing.T) {
	home := t.TempDir()
	getenv := func(name string) string { return map[string]string{"HOME": home}[name] }
	labctl := func(args ...string) string {
		var out bytes.Buffer
		require.Zero(t, run(args, &terminal.Streams{Out: &out, Err: io.Discard}, getenv, nil))
		return out.String()
	}
	labctl("accounts", "allow", "111122223333", "--note", "two\nlines\x1b[31m")
	assert.Contains(t, labctl("accounts", "list"), "  two lines")
	assert.NotContains(t, labctl("accounts", "list"), "\x1b")
}
