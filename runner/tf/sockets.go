package tf

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
)

// A provider listens on a socket in the directory for temporary files, and one that is killed leaves it there. labctl
// gives the sockets a directory of the run's own, and removes it when the operation has ended; what a killed labctl
// leaves is removed by the next operation, or archived with the run.
// https://pkg.go.dev/github.com/hashicorp/go-plugin#EnvUnixSocketDir
const (
	socketVariable = "PLUGIN_UNIX_SOCKET_DIR"
	socketFolder   = ".sockets"

	// longestSocketDir leaves room for /plugin and a number of ten digits within the 104 bytes that the shortest of the
	// systems' limits allows (macOS: sockaddr_un.sun_path).
	longestSocketDir = 104 - 1 - len("/plugin1234567890")
)

// withSockets adds the directory to an environment, and says how to clear it away. Where its path would be too long for
// a socket, the system's directory does.
func (w *Workspace) withSockets(env map[string]string) (with map[string]string, clear func(), err error) {
	dir := filepath.Join(w.dir, socketFolder)
	if len(dir) > longestSocketDir {
		return env, func() {}, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, nil, fmt.Errorf("clearing the sockets of an earlier Terraform: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("making a directory for sockets: %w", err)
	}
	with = maps.Clone(env)
	with[socketVariable] = dir
	return with, func() { _ = os.RemoveAll(dir) }, nil // the next operation tries again
}
