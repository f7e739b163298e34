package tf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// installTimeout bounds a download of 30 MB; hc-install's own 30 s fails on a slow line.
const installTimeout = 15 * time.Minute

// ErrInstall says that the pinned release could not be installed.
var ErrInstall = errors.New("could not install Terraform " + PinnedVersion)

func pinnedPath(cacheDir string) string {
	return filepath.Join(cacheDir, "terraform", PinnedVersion, product.Terraform.BinaryName())
}

// installPinned installs the pinned release into a sibling of its place and renames it, so that a half-made installation
// is never found. Two labctl at once install it once.
func installPinned(ctx context.Context, o FindOptions) (Binary, error) {
	path := pinnedPath(o.CacheDir)
	place := filepath.Dir(path)
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return Binary{}, fmt.Errorf("%w: %w", ErrInstall, err)
	}
	lock := flock.New(place + ".lock")
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return Binary{}, fmt.Errorf("%w: wait for another installation: %w", ErrInstall, err)
	}
	defer lock.Close()
	if b, err := checkBinary(ctx, path, SourceCache); err == nil {
		return b, nil
	}
	if o.Progress != nil {
		o.Progress("downloading Terraform " + PinnedVersion + " into " + place)
	}
	install := o.install
	if install == nil {
		install = installRelease
	}
	temporary := place + ".new" // only the holder of the lock touches it
	if err := errors.Join(os.RemoveAll(temporary), os.Mkdir(temporary, 0o755)); err != nil {
		return Binary{}, fmt.Errorf("%w: %w", ErrInstall, err)
	}
	defer os.RemoveAll(temporary)
	if err := install(ctx, temporary); err != nil {
		return Binary{}, fmt.Errorf("%w: %w; install Terraform %s yourself and put it on PATH, or name it with --terraform",
			ErrInstall, err, VersionRange)
	}
	if err := errors.Join(os.RemoveAll(place), os.Rename(temporary, place)); err != nil {
		return Binary{}, fmt.Errorf("%w: %w", ErrInstall, err)
	}
	b, err := checkBinary(ctx, path, SourceCache)
	if err != nil {
		return Binary{}, fmt.Errorf("%w: %w", ErrInstall, err)
	}
	return b, nil
}

// installRelease downloads the pinned release from HashiCorp and checks its signature.
func installRelease(ctx context.Context, dir string) error {
	pinned, err := version.NewVersion(PinnedVersion)
	if err != nil {
		return err
	}
	source := &releases.ExactVersion{Product: product.Terraform, Version: pinned, InstallDir: dir, Timeout: installTimeout}
	_, err = source.Install(ctx)
	return err
}
