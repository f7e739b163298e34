package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"labctl/labs/clock"
)

// The files of the state directory.
const (
	recordFile = "server.json" // the record of the server last started
	lockFile   = "start.lock"  // held while a server is started or stopped
	wantedFile = "wanted"      // touched by each Ensure: holds off the stop of an idle server
	keptFile   = "kept"        // present when the server lives without runs
	logFile    = "server.log"
	oldLogFile = "server.log.1"
	codeDir    = "server" // the Python side, written at each start
)

// record is the content of server.json.
type record struct {
	State         State        `json:"state"`
	Instance      string       `json:"instance"`
	Supervisor    process      `json:"supervisor"`
	Moto          process      `json:"moto"`
	Port          int          `json:"port,omitempty"`
	MotoVersion   string       `json:"motoVersion,omitempty"`
	Python        string       `json:"python"`
	PythonVersion string       `json:"pythonVersion,omitempty"`
	Corrections   []Correction `json:"corrections"`
	StartedAt     time.Time    `json:"startedAt"`
	Speed         int          `json:"speed,omitempty"` // of its clock, which began when it was started
	EndedAt       time.Time    `json:"endedAt,omitzero"`
	Exit          string       `json:"exit,omitempty"`
	LastLog       []string     `json:"lastLog,omitempty"`
}

func (r record) endpoint() string { return fmt.Sprintf("http://127.0.0.1:%d", r.Port) }

// clock is what the server's time is.
func (r record) clock() clock.Clock { return clock.Clock{Started: r.StartedAt, Speed: r.Speed} }

func (r record) info() Info {
	i := Info{
		State:         r.State,
		Detail:        r.Exit,
		Instance:      r.Instance,
		SupervisorPID: r.Supervisor.PID,
		MotoPID:       r.Moto.PID,
		StartedAt:     r.StartedAt,
		Speed:         r.Speed,
		MotoVersion:   r.MotoVersion,
		Python:        r.Python,
		PythonVersion: r.PythonVersion,
		Corrections:   r.Corrections,
		LastLog:       r.LastLog,
	}
	if r.Port != 0 {
		i.Endpoint = r.endpoint()
	}
	return i
}

// readRecord returns the record in dir. A record that is absent, or that is no
// record because somebody wrote into it, is reported as not there: the supervisor
// whose record is gone ends itself.
func readRecord(dir string) (record, bool, error) {
	data, err := os.ReadFile(filepath.Join(dir, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, false, nil
	}
	if err != nil {
		return record{}, false, fmt.Errorf("reading the record of the local AWS: %w", err)
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil || r.Instance == "" {
		return record{}, false, nil //nolint:nilerr // a record that is none: the server that wrote it is not known
	}
	return r, true, nil
}

// writeRecord replaces the record in dir so that a crash leaves the old or the new
// one, never half of one.
func writeRecord(dir string, r record) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(dir, recordFile), append(data, '\n')); err != nil {
		return fmt.Errorf("writing the record of the local AWS: %w", err)
	}
	return nil
}

func replaceFile(name string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
