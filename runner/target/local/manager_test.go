package local_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/target/local"
)

func TestAServerStartsOnDemandAndStops(t *testing.T) {
	t.Parallel()
	m, ctx := newManager(t), t.Context()
	before, err := m.Status(ctx)
	require.NoError(t, err)
	assert.Equal(t, local.StateStopped, before.State)

	info, err := m.Ensure(ctx)
	require.NoError(t, err)
	assert.Equal(t, local.StateRunning, info.State)
	assert.NoError(t, m.Verify(ctx, info.Instance))

	again, err := m.Ensure(ctx)
	require.NoError(t, err)
	assert.Equal(t, info.Instance, again.Instance, "a second Ensure uses the server that runs")

	ran, err := m.Stop(ctx)
	require.NoError(t, err)
	assert.True(t, ran)
	after, err := m.Status(ctx)
	require.NoError(t, err)
	assert.Equal(t, local.StateStopped, after.State)
	assert.ErrorIs(t, m.Verify(ctx, info.Instance), local.ErrGone)
}
