// Package journal is the record of each run: what was provisioned where, in which state it is, and what is needed to
// take it away again.
//
// A record is written, with fsync and rename, before the first resource of a run is made, and archived only after the
// run's removal is proven. The journal knows nothing of AWS or Terraform; it keeps what the runner tells it.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// State is where a run stands in its life. Every command works from every state.
type State string

const (
	// Creating: resources are being made, or making them was interrupted.
	Creating State = "creating"
	// Ready: everything is provisioned.
	Ready State = "ready"
	// Broken: a fault is injected, or its injection or undo was interrupted.
	Broken State = "broken"
	// Destroying: resources are being removed, or removing them was interrupted.
	Destroying State = "destroying"
)

// Version is the version of the record's format.
const Version = 1

// Run is one record.
type Run struct {
	Version   int               `json:"version"`
	ID        string            `json:"id"`
	Lab       string            `json:"lab"`
	Target    string            `json:"target"`
	Endpoint  string            `json:"endpoint,omitempty"`
	Server    string            `json:"server,omitempty"` // identity of the local server that holds the resources
	Account   string            `json:"account"`
	Region    string            `json:"region"`
	Variables map[string]any    `json:"variables,omitempty"`
	Labctl    string            `json:"labctl"`
	PerHour   float64           `json:"pricePerHour"` // USD an hour on this target
	Created   time.Time         `json:"created"`
	Expires   time.Time         `json:"expires"`
	State     State             `json:"state"`
	Resources int               `json:"resources"`
	Tags      map[string]string `json:"tags"`
	Fault     *Fault            `json:"fault,omitempty"`
	Drill     *Drill            `json:"drill,omitempty"`

	// Repaired says that a fault was taken back since Terraform last ran: what the undo had to make again (EC2 cannot
	// change a flow log, for example) has an id that Terraform does not know.
	Repaired bool `json:"repaired,omitempty"`

	SecondRegion string `json:"secondRegion,omitempty"` // of a lab that works in two

	Profile string `json:"profile,omitempty"` // of the user's AWS configuration, when one was named

	// Support is what the target was found to show when the run was begun, by capability; nil where that is known
	// without asking.
	Support map[string]Support `json:"support,omitempty"`
}

// Support is whether a target shows a capability.
type Support struct {
	Shown     bool   `json:"shown"`
	Simulated bool   `json:"simulated,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

// Fault is the record of an injected fault.
type Fault struct {
	ID     string            `json:"id"`
	Hidden bool              `json:"hidden"` // the learner was not told which
	Hints  int               `json:"hints"`  // how many were given
	Since  time.Time         `json:"since"`
	Data   map[string]string `json:"data,omitempty"` // what the undo needs
}

// Drill is the record of a drill: one that is being carried out, or one that was cut off and whose traces are still to be
// removed.
type Drill struct {
	ID    string            `json:"id"`
	Since time.Time         `json:"since"`
	Data  map[string]string `json:"data,omitempty"` // what restoring the lab needs
}

// NotFoundError says that there is no record of a run.
type NotFoundError struct{ ID string }

func (e *NotFoundError) Error() string { return fmt.Sprintf("there is no run %q", e.ID) }

// CorruptError says that a record cannot be read. Nothing was changed.
type CorruptError struct {
	Path string
	Err  error
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("the record %s is damaged: %v", e.Path, e.Err)
}
func (e *CorruptError) Unwrap() error { return e.Err }

// idPattern keeps run names usable in every AWS name that they become part of; the shortest limit is that of a
// bucket (63 characters, lower case): labctl-<run>-<purpose>-<account>.
var idPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,22}[a-z0-9]$`)

// ValidID says in one sentence what is wrong with a run's name.
func ValidID(id string) error {
	if !idPattern.MatchString(id) || strings.Contains(id, "--") {
		return fmt.Errorf("run name %q: use 2 to 24 lower-case letters, digits and single hyphens, beginning with a letter", id)
	}
	return nil
}

// Journal is the directory of records.
type Journal struct{ dir string }

// Open opens the journal under the state directory. It makes nothing until a run is created.
func Open(stateDir string) *Journal { return &Journal{dir: stateDir} }

// Dir is the directory of one run: its record and Terraform's working directory.
func (j *Journal) Dir(id string) string { return filepath.Join(j.dir, "runs", id) }

func (j *Journal) record(id string) string { return filepath.Join(j.Dir(id), "run.json") }

// Load reads one record.
func (j *Journal) Load(id string) (Run, error) {
	path := j.record(id)
	data, err := os.ReadFile(path) //nolint:gosec // the path is the journal's own
	if errors.Is(err, fs.ErrNotExist) {
		return Run{}, &NotFoundError{ID: id}
	}
	if err != nil {
		return Run{}, fmt.Errorf("reading the record of run %s: %w", id, err)
	}
	var run Run
	if err := json.Unmarshal(data, &run); err != nil {
		return Run{}, &CorruptError{Path: path, Err: err}
	}
	if err := run.validate(id); err != nil {
		return Run{}, &CorruptError{Path: path, Err: err}
	}
	return run, nil
}

func (r Run) validate(id string) error {
	switch {
	case r.Version != Version:
		return fmt.Errorf("format version %d, this labctl reads version %d", r.Version, Version)
	case r.ID != id:
		return fmt.Errorf("it is about run %q", r.ID)
	case r.Lab == "" || r.Target == "" || r.Region == "":
		return errors.New("lab, target or region is missing")
	case !slices.Contains([]State{Creating, Ready, Broken, Destroying}, r.State):
		return fmt.Errorf("unknown state %q", r.State)
	}
	return nil
}

// IDs names all runs, also those whose records cannot be read.
func (j *Journal) IDs() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(j.dir, "runs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the journal: %w", err)
	}
	var ids []string
	for _, entry := range entries {
		if entry.IsDir() && ValidID(entry.Name()) == nil {
			ids = append(ids, entry.Name())
		}
	}
	return ids, nil
}

// List reads all records, oldest first. Records that cannot be read are returned as the joined error beside those
// that can.
func (j *Journal) List() ([]Run, error) {
	entries, err := os.ReadDir(filepath.Join(j.dir, "runs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the journal: %w", err)
	}
	var runs []Run
	var problems []error
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		run, err := j.Load(entry.Name())
		var missing *NotFoundError
		switch {
		case errors.As(err, &missing): // a directory made by a run that was killed before its first record
		case err != nil:
			problems = append(problems, err)
		default:
			runs = append(runs, run)
		}
	}
	slices.SortFunc(runs, func(a, b Run) int { return a.Created.Compare(b.Created) })
	return runs, errors.Join(problems...)
}

// Save writes a record so that it is either the old or the new one whatever happens. The caller holds the run's lock.
func (j *Journal) Save(run Run) error {
	run.Version = Version
	data, err := json.MarshalIndent(run, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the record of run %s: %w", run.ID, err)
	}
	if err := os.MkdirAll(j.Dir(run.ID), 0o700); err != nil {
		return fmt.Errorf("making the directory of run %s: %w", run.ID, err)
	}
	if err := writeDurably(j.record(run.ID), append(data, '\n')); err != nil {
		return fmt.Errorf("writing the record of run %s: %w", run.ID, err)
	}
	return nil
}

// writeDurably replaces a file so that a crash leaves the old content or the new, and a full disk the old.
func writeDurably(path string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".run-*.json")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	if _, err = file.Write(data); err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err = os.Rename(file.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path)) //nolint:gosec // the path is the journal's own
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync() // makes the rename itself durable
}

// roomForARun is what the record, Terraform's state with its backup, and the logs of a lab take, and some more.
const roomForARun = 2 << 20

// Writable tries out whether a run's files could be written below a directory, in the nearest one that exists, and
// leaves nothing behind.
func Writable(dir string) error {
	for {
		file, err := os.CreateTemp(dir, ".labctl-*")
		if errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir {
			dir = filepath.Dir(dir)
			continue
		}
		if err != nil {
			return fmt.Errorf("cannot write in %s: %w", dir, err)
		}
		_, err = file.Write(make([]byte, roomForARun))
		if err = errors.Join(err, file.Close(), os.Remove(file.Name())); err != nil {
			return fmt.Errorf("cannot write in %s: %w", dir, err)
		}
		return nil
	}
}

// Writable tells whether a run could be recorded.
func (j *Journal) Writable() error { return Writable(j.dir) }

// Archive moves a run's directory, record and Terraform state and all, out of the way of a new run of the same name.
// The caller has proven that nothing of the run is left and holds its lock.
func (j *Journal) Archive(id string, at time.Time) (string, error) {
	to := filepath.Join(j.dir, "archive", id+"-"+at.UTC().Format("20060102T150405.000Z"))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", fmt.Errorf("archiving run %s: %w", id, err)
	}
	if err := os.Rename(j.Dir(id), to); err != nil {
		return "", fmt.Errorf("archiving run %s: %w", id, err)
	}
	return to, nil
}
