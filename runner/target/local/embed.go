package local

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// server holds the Python side.
//
//go:embed server/labctl_moto/*.py server/labctl_moto/corrections/*.py
var server embed.FS

// writeServer writes the Python side into dir, replacing whatever is there.
func writeServer(dir string) error {
	root, err := fs.Sub(server, "server")
	if err == nil {
		err = errors.Join(os.RemoveAll(dir), os.MkdirAll(filepath.Dir(dir), 0o700))
	}
	if err == nil {
		err = os.CopyFS(dir, root)
	}
	if err != nil {
		return fmt.Errorf("writing the code of the local AWS: %w", err)
	}
	return nil
}
