package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"labctl/cmd/labctl/terminal"
)

func TestACommandLineThatMakesNoSenseExitsWithTwo(t *testing.T) {
	home := t.TempDir()
	getenv := func(name string) string { return map[string]string{"HOME": home}[name] }
	for _, line := range []string{
		"ups",
		"up",
		"up netwrking",
		"up networking iam",
		"up networking --taget local",
		"up networking --target lcal",
		"up networking --region us-esat-1",
		"up networking --run Monday!",
		"up networking --ttl 5",
		"up networking --ttl 1s",
		"up networking --max-price=-1",
		"up networking --max-price cheap",
		"up networking --output yaml",
		"up --all networking",
		"up --all --run monday",
		"up --all --parallel 0",
		"down",
		"down --all --run monday",
		"down --all --parallel 99",
		"check networking --only net-data-isolate",
		"check networking --run a --tag b=c",
		"check networking --tag nonsense",
		"break networking data-nat-rout",
		"drill ha zone-los",
		"extend networking",
		"extend networking 2x",
		"price",
		"price networking --hours 0",
		"price networking --hours many",
		"price networking --region nowhere",
		"price networking --profile me",
		"show networking --output pdf",
		"list --output yaml",
		"trace --from internet",
		"trace --snapshot a --run b --from internet --to 10.0.0.1",
		"can --input a --run b",
		"local stat",
	} {
		t.Run(line, func(t *testing.T) {
			var out, err bytes.Buffer
			code := run(strings.Fields(line), &terminal.Streams{In: strings.NewReader(""), Out: &out, Err: &err}, getenv, nil)
			assert.Equal(t, exitUsage, code, err.String())
			assert.Empty(t, out.String())
			assert.Equal(t, 1, strings.Count(err.String(), "Error: "), err.String())
		})
	}
}
