package tf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// initCache keeps what `terraform init` made for configurations that this machine has seen: the tree .terraform, which
// is small because the providers in it are links to a mirror or to the plugin cache, and the lock file. Entries are
// complete or absent: they are made beside their place and renamed into it.
type initCache struct{ dir string }

// cacheable bounds a file of the tree: more is a provider that was copied instead of linked.
const cacheable = 1 << 20

var errNotCacheable = errors.New("holds more than links")

// restore copies the entry into a run's directory in place of its .terraform. It fails where there is no entry, or where
// a provider that the entry links to is gone.
func (c initCache) restore(key, dir string) error {
	entry := filepath.Join(c.dir, key)
	if err := linksResolve(filepath.Join(entry, dataDirName)); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(dir, dataDirName)); err != nil {
		return err
	}
	return copyInit(entry, dir)
}

// save keeps what init made in a run's directory.
func (c initCache) save(key, dir string) error {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(c.dir, ".new-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	if err := copyInit(dir, temporary); err != nil {
		return err
	}
	entry := filepath.Join(c.dir, key)
	if err := os.RemoveAll(entry); err != nil { // one whose links had broken
		return err
	}
	return os.Rename(temporary, entry)
}

func copyInit(from, to string) error {
	if err := copyTree(filepath.Join(from, dataDirName), filepath.Join(to, dataDirName)); err != nil {
		return err
	}
	lock, err := os.ReadFile(filepath.Join(from, lockFileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(to, lockFileName), lock)
}

// copyTree copies folders, links and small files. A tree that does not exist has nothing to copy: init makes none for a
// configuration without providers.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == from {
			return nil
		}
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		return copyEntry(name, filepath.Join(to, relative), entry)
	})
}

func copyEntry(from, to string, entry fs.DirEntry) error {
	switch entry.Type() {
	case fs.ModeDir:
		return os.MkdirAll(to, 0o755)
	case fs.ModeSymlink:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	info, err := entry.Info()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() > cacheable {
		return fmt.Errorf("%s: %w", from, errNotCacheable)
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// linksResolve fails when the tree has a link that leads nowhere, or is not there.
func linksResolve(dir string) error {
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Type() == fs.ModeSymlink {
			_, err = os.Stat(name)
		}
		return err
	})
}
