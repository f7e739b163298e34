package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// failureLines is how much of the log goes with the news that a server died.
const failureLines = 12

// newLog opens the log of a server about to start; the one before it is kept.
func newLog(dir string) (*os.File, error) {
	name := filepath.Join(dir, logFile)
	if err := os.Rename(name, filepath.Join(dir, oldLogFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("keeping the last log of the local AWS: %w", err)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of the local AWS: %w", err)
	}
	return f, nil
}

// Logs writes the last lines of the server's log to w, and, with follow, what is
// added to it until the context ends. A negative number of lines means all.
func (m *Manager) Logs(ctx context.Context, w io.Writer, lines int, follow bool) error {
	f, err := os.Open(filepath.Join(m.opts.StateDir, logFile))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no log yet: the local AWS was never started: %w", err)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	if _, err := w.Write(lastLines(data, lines)); err != nil {
		return err
	}
	for follow {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(200 * time.Millisecond):
			if _, err := io.Copy(w, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// lastLines returns the end of data that holds the last n lines, all for n < 0.
func lastLines(data []byte, n int) []byte {
	if n < 0 {
		return data
	}
	from := len(bytes.TrimSuffix(data, []byte("\n")))
	if n == 0 || from == 0 {
		return nil
	}
	for ; n > 0 && from >= 0; n-- {
		from = bytes.LastIndexByte(data[:from], '\n')
	}
	return data[from+1:]
}

// tail returns the last n lines of the file, none if it cannot be read.
func tail(name string, n int) []string {
	data, err := os.ReadFile(name)
	if err != nil || len(data) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(lastLines(data, n)), "\n"), "\n")
}
