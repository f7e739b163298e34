package local

import (
	"io/fs"
	"slices"
	"strings"
)

// CorrectionNames lists the corrections that a server of the version which they are made for has: one file each, and the
// control loops. A running server names its own in Info.
func CorrectionNames() []string {
	files, err := fs.Glob(server, "server/labctl_moto/corrections/[^_]*.py")
	if err != nil {
		return nil // the pattern is the one above
	}
	names := make([]string, len(files))
	for i, file := range files {
		base := strings.TrimSuffix(file[strings.LastIndex(file, "/")+1:], ".py")
		names[i] = strings.ReplaceAll(base, "_", "-")
	}
	for _, s := range simulations() {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	return names
}
