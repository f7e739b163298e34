package local

import (
	"time"

	"labctl/labs/clock"
)

// State says what became of the local AWS.
type State string

// The states of the local AWS. Starting lasts well under a second.
const (
	StateStarting     State = "starting"
	StateRunning      State = "running"
	StateStopped      State = "stopped"      // never started, or stopped in good order
	StateDied         State = "died"         // ended without being asked; its resources are lost
	StateUnresponsive State = "unresponsive" // its processes live and do not answer
)

// Correction is one way in which labctl makes the emulator behave as AWS does.
type Correction struct {
	Name   string `json:"name"`
	AWS    string `json:"aws"`    // what AWS does, in one sentence
	Page   string `json:"page"`   // the documentation page that says so
	Proven string `json:"proven"` // how a test shows it
}

// Info is what there is to know about the local AWS. Fields other than State and
// Detail are of the server last recorded, and empty when there was none.
type Info struct {
	State         State         `json:"state"`
	Detail        string        `json:"detail,omitempty"` // why it is not running
	Endpoint      string        `json:"endpoint,omitempty"`
	Instance      string        `json:"instance,omitempty"`
	SupervisorPID int           `json:"supervisorPid,omitempty"`
	MotoPID       int           `json:"motoPid,omitempty"`
	StartedAt     time.Time     `json:"startedAt,omitzero"`
	Uptime        time.Duration `json:"uptimeNanoseconds,omitempty"`
	Speed         int           `json:"speed,omitempty"` // simulated seconds in a real one, when it was started
	MotoVersion   string        `json:"motoVersion,omitempty"`
	Python        string        `json:"python,omitempty"`
	PythonVersion string        `json:"pythonVersion,omitempty"`
	Corrections   []Correction  `json:"corrections,omitempty"` // none when moto is of a version that labctl does not know
	Kept          bool          `json:"kept,omitempty"`        // lives on when its last run is gone
	LastLog       []string      `json:"lastLog,omitempty"`     // the end of the log of a server that died

	// Of a server that runs with a speed of its own: what time it is there, and when that is the real time again.
	SimulatedTime time.Time `json:"simulatedTime,omitzero"`
	CatchesUp     time.Time `json:"catchesUp,omitzero"`
}

// Clock is the server's clock.
func (i Info) Clock() clock.Clock { return clock.Clock{Started: i.StartedAt, Speed: i.Speed} }

// Corrected reports whether the correction called name is in force.
func (i Info) Corrected(name string) bool {
	for _, c := range i.Corrections {
		if c.Name == name {
			return true
		}
	}
	return false
}
