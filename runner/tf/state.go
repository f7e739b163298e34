package tf

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const (
	stateName  = "terraform.tfstate"
	backupName = stateName + ".backup"
)

// Resource is one managed resource of the state.
type Resource struct {
	Address string
	Type    string
	ID      string
	ARN     string // "" where the provider has none under that name
	Tainted bool   // its creation failed half way: the next apply replaces it
}

// state is format 4 of the state, the one that Terraform has written since 0.12. Read directly, it costs no process and
// no provider: `terraform show -json` starts the provider to learn its schema.
type state struct {
	Version   int `json:"version"`
	Resources []struct {
		Module    string `json:"module"`
		Mode      string `json:"mode"`
		Type      string `json:"type"`
		Name      string `json:"name"`
		Instances []struct {
			IndexKey   any    `json:"index_key"`
			Status     string `json:"status"`
			Attributes struct {
				ID  string `json:"id"`
				ARN string `json:"arn"`
			} `json:"attributes"`
		} `json:"instances"`
	} `json:"resources"`
	Outputs map[string]struct {
		Value json.RawMessage `json:"value"`
	} `json:"outputs"`
}

// Resources lists the managed resources of the state. No state, or an empty one, has none.
func (w *Workspace) Resources() ([]Resource, error) {
	s, err := w.readState()
	if err != nil {
		return nil, err
	}
	var found []Resource
	for _, r := range s.Resources {
		if r.Mode != "managed" {
			continue
		}
		address := r.Type + "." + r.Name
		if r.Module != "" {
			address = r.Module + "." + address
		}
		for _, i := range r.Instances {
			found = append(found, Resource{Address: address + index(i.IndexKey), Type: r.Type, ID: i.Attributes.ID,
				ARN: i.Attributes.ARN, Tainted: i.Status == "tainted"})
		}
	}
	return found, nil
}

// Outputs returns the values of the configuration's outputs as JSON.
func (w *Workspace) Outputs() (map[string]json.RawMessage, error) {
	s, err := w.readState()
	if err != nil {
		return nil, err
	}
	outputs := make(map[string]json.RawMessage, len(s.Outputs))
	for name, o := range s.Outputs {
		outputs[name] = o.Value
	}
	return outputs, nil
}

func (w *Workspace) readState() (state, error) { return readState(filepath.Join(w.dir, stateName)) }

func readState(name string) (state, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(data) == 0 {
		return state{}, nil // Terraform creates the file empty when it takes the lock
	}
	if err != nil {
		return state{}, fmt.Errorf("read terraform's state: %w", err)
	}
	var s state
	if err := json.Unmarshal(data, &s); err != nil {
		return state{}, fmt.Errorf("%w: %s: %w", ErrStateDamaged, name, err)
	}
	if s.Version != 4 {
		return state{}, fmt.Errorf("%w: %s: format %d, want 4", ErrStateDamaged, name, s.Version)
	}
	return s, nil
}

// RecoverState puts a damaged state aside, under a name that it returns, and puts Terraform's backup of the state before
// the last operation in its place where there is a sound one. What the backup does not know is for the sweep by tag. A
// sound state is left alone, and the name is empty.
func (w *Workspace) RecoverState() (aside string, err error) {
	if _, err := w.readState(); !errors.Is(err, ErrStateDamaged) {
		return "", err
	}
	current, backup := filepath.Join(w.dir, stateName), filepath.Join(w.dir, backupName)
	aside = current + ".damaged-" + time.Now().UTC().Format("20060102T150405.000")
	if err := os.Rename(current, aside); err != nil {
		return "", fmt.Errorf("put the damaged state aside: %w", err)
	}
	if _, err := readState(backup); err != nil {
		return aside, nil //nolint:nilerr // without a sound backup the sweep by tag has to do
	}
	if err := os.Rename(backup, current); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return aside, fmt.Errorf("restore the state's backup: %w", err)
	}
	return aside, nil
}

func index(key any) string {
	switch k := key.(type) {
	case string:
		return "[" + strconv.Quote(k) + "]"
	case float64:
		return "[" + strconv.Itoa(int(k)) + "]"
	default:
		return ""
	}
}
