// Package accounts keeps the list of real AWS accounts that labctl may make things in. It knows no AWS: an account is its
// number.
package accounts

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

	"github.com/gofrs/flock"
)

// Account is an entry of the list.
type Account struct {
	ID    string    `json:"id"`
	Note  string    `json:"note,omitempty"` // what the user calls it
	Since time.Time `json:"since"`
}

// List is the list in a file of the user's configuration directory.
type List struct{ path string }

// Open opens the list below a configuration directory. It makes nothing until an account is allowed.
func Open(configDir string) *List { return &List{path: filepath.Join(configDir, "accounts.json")} }

// Path is where the list is.
func (l *List) Path() string { return l.path }

var number = regexp.MustCompile(`^[0-9]{12}$`)

// Valid says what is wrong with an account's number.
// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
func Valid(id string) error {
	if !number.MatchString(id) {
		return fmt.Errorf("account %q: write its 12 digits, without hyphens", id)
	}
	return nil
}

// All are the accounts on the list, by number. A list that cannot be read allows none.
func (l *List) All() ([]Account, error) {
	data, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the list of accounts: %w", err)
	}
	var all []Account
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("the list of accounts %s is damaged: %w", l.path, err)
	}
	slices.SortFunc(all, func(a, b Account) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// Has tells whether an account is on the list.
func (l *List) Has(id string) (bool, error) {
	all, err := l.All()
	return slices.ContainsFunc(all, func(a Account) bool { return a.ID == id }), err
}

// Allow puts an account on the list, or gives it another note.
func (l *List) Allow(id, note string) error {
	if err := Valid(id); err != nil {
		return err
	}
	return l.change(func(all []Account) []Account {
		for i := range all {
			if all[i].ID == id {
				all[i].Note = note
				return all
			}
		}
		return append(all, Account{ID: id, Note: note, Since: time.Now().UTC().Truncate(time.Second)})
	})
}

// Forbid takes an account off the list, and reports whether it was on it.
func (l *List) Forbid(id string) (was bool, err error) {
	err = l.change(func(all []Account) []Account {
		return slices.DeleteFunc(all, func(a Account) bool {
			was = was || a.ID == id
			return a.ID == id
		})
	})
	return was, err
}

// change writes the list anew, so that it is the old or the new one whatever happens.
func (l *List) change(edit func([]Account) []Account) error {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return fmt.Errorf("making the configuration directory: %w", err)
	}
	lock := flock.New(l.path + ".lock")
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("locking the list of accounts: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	all, err := l.All()
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(edit(all), "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the list of accounts: %w", err)
	}
	temporary := l.path + ".new"
	if err := os.WriteFile(temporary, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the list of accounts: %w", err)
	}
	if err := os.Rename(temporary, l.path); err != nil {
		return fmt.Errorf("writing the list of accounts: %w", err)
	}
	return nil
}
