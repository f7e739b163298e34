package local_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheLogIsShownAndFollowed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	m := newManager(t, stateDir(dir))
	assert.ErrorIs(t, m.Logs(t.Context(), &bytes.Buffer{}, -1, false), os.ErrNotExist)
	ensure(t, m)
	log, err := os.OpenFile(filepath.Join(dir, "server.log"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	defer log.Close()
	_, err = log.WriteString("one\ntwo\nthree\n")
	require.NoError(t, err)
	for lines, want := range map[int]string{0: "", 1: "three\n", 2: "two\nthree\n"} {
		var out bytes.Buffer
		require.NoError(t, m.Logs(t.Context(), &out, lines, false))
		assert.Equal(t, want, out.String())
	}
	follow := &lockedBuffer{}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Logs(ctx, follow, 1, true) }()
	require.Eventually(t, func() bool { return follow.String() == "three\n" }, 2*time.Second, 5*time.Millisecond)
	_, err = log.WriteString("four\n")
	require.NoError(t, err)
	assert.Eventually(t, func() bool { return follow.String() == "three\nfour\n" }, 2*time.Second, 5*time.Millisecond)
	cancel()
	assert.NoError(t, <-ended)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
