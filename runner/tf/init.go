package tf

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/hashicorp/terraform-exec/tfexec"
)

const (
	cliConfigName = "labctl.tfrc"
	markerName    = ".labctl-init"
	dataDirName   = ".terraform"
	lockPoll      = 100 * time.Millisecond
)

func (w *Workspace) cliConfigPath() string   { return filepath.Join(w.dir, cliConfigName) }
func (w *Workspace) pluginCachePath() string { return filepath.Join(w.cacheDir, "plugins") }

// Init prepares the directory for Apply and Destroy: the CLI configuration is written, and the providers are linked into
// it. It runs `terraform init` only when what init depends on (the configuration, its lock file, the binary, the CLI
// configuration) is new to this machine: for a known one it copies the links that init made the last time. Terraform
// checks the linked providers against the lock file at every apply all the same.
func (w *Workspace) Init(ctx context.Context) error {
	before, err := os.ReadFile(filepath.Join(w.dir, lockFileName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("terraform init: %w", err)
	}
	pinned := parseLocks(before)
	config := cliConfig(pinned.providers(), w.mirrors, w.pluginCachePath())
	if err := writeFile(w.cliConfigPath(), []byte(config)); err != nil {
		return fmt.Errorf("terraform init: %w", err)
	}
	key, err := w.initKey(config)
	if err != nil {
		return fmt.Errorf("terraform init: %w", err)
	}
	if w.initialised(key) {
		return nil
	}
	cache := initCache{dir: filepath.Join(w.cacheDir, "init")}
	if err := cache.restore(key, w.dir); err == nil {
		return w.mark(config)
	}
	if err := w.initOnce(ctx, pinned, before); err != nil {
		return err
	}
	// The next run does without the copy where it can't be made.
	_ = cache.save(key, w.dir)
	return w.mark(config)
}

// initOnce runs `terraform init`, which fills the plugin cache: Terraform leaves it to the caller that only one does so
// at a time (https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache).
func (w *Workspace) initOnce(ctx context.Context, pinned locks, before []byte) error {
	if err := os.MkdirAll(w.pluginCachePath(), 0o755); err != nil {
		return fmt.Errorf("terraform init: %w", err)
	}
	lock := flock.New(filepath.Join(w.cacheDir, "plugins.lock"))
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return fmt.Errorf("terraform init: wait for the plugin cache: %w", err)
	}
	defer lock.Close()
	err := w.run(ctx, operation{name: opInit, env: w.initEnv(),
		call: func(ctx context.Context, t *tfexec.Terraform, out io.Writer) error { return t.InitJSON(ctx, out) }})
	if err != nil {
		return err
	}
	if len(pinned) == 0 {
		return nil
	}
	after, err := os.ReadFile(filepath.Join(w.dir, lockFileName))
	if err != nil {
		return fmt.Errorf("terraform init: %w", err)
	}
	if err := onlyHashesAdded(pinned, parseLocks(after)); err != nil {
		return errors.Join(fmt.Errorf("terraform init: %w", err), writeFile(filepath.Join(w.dir, lockFileName), before))
	}
	return nil
}

// initialised reports whether the last successful init had the same key and what it linked is still there.
func (w *Workspace) initialised(key string) bool {
	marker, err := os.ReadFile(filepath.Join(w.dir, markerName))
	return err == nil && string(marker) == key && linksResolve(filepath.Join(w.dir, dataDirName)) == nil
}

// mark records a successful init. The key is computed anew, since init may have added a checksum to the lock file.
func (w *Workspace) mark(config string) error {
	key, err := w.initKey(config)
	if err == nil {
		err = writeFile(filepath.Join(w.dir, markerName), []byte(key))
	}
	if err != nil {
		return fmt.Errorf("terraform init: %w", err)
	}
	return nil
}

// initKey is a hash over everything that an init depends on.
func (w *Workspace) initKey(config string) (string, error) {
	h := sha256.New()
	addPart(h, "platform", []byte(runtime.GOOS+"_"+runtime.GOARCH))
	addPart(h, "binary", []byte(w.binary.Path+" "+w.binary.Version))
	addPart(h, "cli configuration", []byte(config))
	err := filepath.WalkDir(w.dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == dataDirName:
			return fs.SkipDir
		case entry.IsDir(), !isConfiguration(entry.Name()):
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(w.dir, name)
		if err != nil {
			return err
		}
		addPart(h, relative, data)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

func isConfiguration(name string) bool {
	return strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".tf.json") || name == lockFileName
}

// addPart adds a named part with its lengths, so that no two different lists of parts have the same sum.
func addPart(h hash.Hash, name string, data []byte) {
	fmt.Fprintf(h, "%d %s %d ", len(name), name, len(data))
	h.Write(data)
}
