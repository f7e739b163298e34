package tf

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// LogName is the file in the run's directory that holds all output of the latest operation; the ones before it are
// LogName.1 (the latest but one) to LogName.3.
const LogName = "terraform.log"

const oldLogs = 3

// openLog starts a new log in dir and moves the older ones up by one.
func openLog(dir string) (io.WriteCloser, error) {
	name := filepath.Join(dir, LogName)
	for i := oldLogs; i > 0; i-- {
		from := name
		if i > 1 {
			from = fmt.Sprintf("%s.%d", name, i-1)
		}
		if err := os.Rename(from, fmt.Sprintf("%s.%d", name, i)); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return &logFile{file: f}, nil
}

// logFile is written by the readers of standard output and standard error at once.
type logFile struct {
	mu   sync.Mutex
	file *os.File
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Write(p)
}

func (l *logFile) Close() error { return l.file.Close() }
