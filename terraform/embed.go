// Package terraform carries the Terraform modules of the labs, one folder a lab, inside the binary.
//
// It only hands the files out: what runs Terraform on them is runner/tf. What it does not carry is
// anything else that lies in a lab's folder, such as the .terraform directory of somebody who ran
// Terraform there by hand.
package terraform

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The lock file is named because a pattern that only names a folder leaves hidden files out.
//
//go:embed */*.tf */.terraform.lock.hcl
var modules embed.FS

// file is one file of a lab's module.
type file struct {
	name     string
	contents []byte
}

// files returns the module of a lab in the order of its file names.
func files(lab string) ([]file, error) {
	entries, err := modules.ReadDir(lab)
	if err != nil {
		return nil, fmt.Errorf("no Terraform module for lab %q: %w", lab, err)
	}
	var list []file
	for _, entry := range entries {
		contents, err := modules.ReadFile(lab + "/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read %s of lab %q: %w", entry.Name(), lab, err)
		}
		list = append(list, file{entry.Name(), contents})
	}
	return list, nil
}

// Extract makes dir hold the lab's module and reports whether anything had to change. Files that are
// equal are not touched. A .tf file that is no longer part of the module is removed, since Terraform
// would go on applying it; state, variables and the .terraform directory stay.
//
// Terraform has to be initialised with -lockfile=readonly: a lock file that init extends differs again.
func Extract(lab, dir string) (changed bool, err error) {
	list, err := files(lab)
	if err != nil {
		return false, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, fmt.Errorf("extract lab %q: %w", lab, err)
	}
	removed, err := removeStale(list, dir)
	if err != nil {
		return removed, fmt.Errorf("extract lab %q: %w", lab, err)
	}
	changed = removed
	for _, f := range list {
		written, err := writeIfDifferent(filepath.Join(dir, f.name), f.contents)
		if err != nil {
			return changed, fmt.Errorf("extract lab %q: %w", lab, err)
		}
		changed = changed || written
	}
	return changed, nil
}

func removeStale(list []file, dir string) (removed bool, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, entry := range entries {
		name := entry.Name()
		current := slices.ContainsFunc(list, func(f file) bool { return f.name == name })
		if current || !strings.HasSuffix(name, ".tf") {
			continue
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return removed, err
		}
		removed = true
	}
	return removed, nil
}

func writeIfDifferent(path string, contents []byte) (written bool, err error) {
	existing, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(existing, contents):
		return false, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	return true, os.WriteFile(path, contents, 0o600)
}
