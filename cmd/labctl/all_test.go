package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/cmd/labctl/terminal"
	"labctl/labs"
	"labctl/runner"
)

func TestAnInterruptBeforeAnythingIsBegunIsSaidInWords(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, told bytes.Buffer
	a := &app{streams: &terminal.Streams{Out: &out, Err: &told}, labs: []labs.Lab{{ID: "one"}, {ID: "two"}}}
	o := &upOptions{app: a, parallel: 1, output: "json"}
	err := o.doAll(ctx, runner.UpOptions{})
	require.EqualError(t, err, "interrupted while bringing up all labs; the state is safe")
	assert.Equal(t, exitInterrupted, a.exit(err))
	assert.Equal(t, "one:   not begun\ntwo:   not begun\n", told.String()[:len("one:   not begun\ntwo:   not begun\n")])
	assert.Empty(t, out.String())
}
