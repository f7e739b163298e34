// Command labctl provisions AWS architecture labs, checks that what now exists has the properties which the scenario
// demands, and removes every trace again.
//
// This package parses, wires and renders; what is done is done by the runner and the packages below it.
package main

import (
	"os"

	"labctl/cmd/labctl/terminal"
)

func main() {
	os.Exit(run(os.Args[1:], terminal.System(), os.Getenv, os.Environ()))
}
