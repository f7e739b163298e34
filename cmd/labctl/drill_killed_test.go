package main

import (
	"bytes"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tables lists the account's tables.
func (m *machine) tables() []string {
	m.t.Helper()
	listed, err := dynamodb.NewFromConfig(m.config).ListTables(m.t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(m.t, err)
	return listed.TableNames
}

// holds tells whether a table has that many rows.
func (m *machine) holds(table string, rows int32) bool {
	m.t.Helper()
	got, err := dynamodb.NewFromConfig(m.config).Scan(m.t.Context(), &dynamodb.ScanInput{TableName: &table, Limit: &rows})
	require.NoError(m.t, err)
	return got.Count == rows
}

// killedDrill carries a drill out on the run "victim" and kills labctl when the moment has come.
func (m *machine) killedDrill(t *testing.T, moment func() bool, args ...string) {
	t.Helper()
	cmd := m.command(t.Context(), append([]string{"drill", "backup", "--run", "victim"}, args...)...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in its state
		close(ended)
	}()
	await(t, ended, &output, moment)
	require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
	<-ended
	require.Equal(t, -1, cmd.ProcessState.ExitCode(), output.String())
}

func TestWhatAKilledDrillMadeIsTakenBackByWhateverComesNext(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions with Terraform on the local AWS")
	}
	t.Parallel()
	m := newMachine(t)
	const orders, restored = "labctl-victim-orders", "labctl-victim-restored-orders"
	m.must("up", "backup", "--run", "victim", "--no-check")
	asBefore := func(t *testing.T) {
		t.Helper()
		assert.Equal(t, []string{orders}, m.tables())
		assert.False(t, m.holds(orders, 1), "no row is left")
	}
	asBefore(t)
	seeding := func() bool { return m.holds(orders, 100) }
	copied := func() bool { return slices.Contains(m.tables(), restored) }

	for name, test := range map[string]struct {
		moment func() bool
		next   []string
	}{
		"while it seeds, by the next drill": {seeding, []string{"drill", "backup", "volume-restore"}},
		"with its copy there, by up":        {copied, []string{"up", "backup", "--no-check"}},
	} {
		t.Run(name, func(t *testing.T) {
			m.killedDrill(t, test.moment, "table-restore", "--rows", "600")
			require.True(t, m.holds(orders, 100), "something is left")
			status := m.command(t.Context(), "status")
			told, err := status.CombinedOutput()
			require.NoError(t, err)
			assert.Contains(t, string(told), "drill table-restore was cut off")

			began := time.Now()
			m.must(test.next...)
			t.Logf("labctl %s: %s", strings.Join(test.next, " "), time.Since(began))
			asBefore(t)
			told, err = m.command(t.Context(), "status").CombinedOutput()
			require.NoError(t, err)
			assert.NotContains(t, string(told), "cut off")
		})
	}
	t.Run("or by down, which asks nobody", func(t *testing.T) {
		m.killedDrill(t, copied, "table-restore", "--rows", "600")
		m.must("down", "backup")
		assert.Empty(t, m.tables())
	})
}
