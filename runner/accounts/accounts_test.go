package accounts

import (
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnlyAccountsOnTheListAreAllowed(t *testing.T) {
	dir := t.TempDir() + "/config"
	list := Open(dir)
	has, err := list.Has("111122223333")
	require.NoError(t, err)
	assert.False(t, has)

	require.NoError(t, list.Allow("111122223333", "sandbox"))
	require.NoError(t, list.Allow("000000000001", ""))
	require.NoError(t, list.Allow("111122223333", "lab"), "again, with another note")
	all, err := Open(dir).All()
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, "000000000001", all[0].ID)
	assert.Equal(t, "lab", all[1].Note)
	assert.False(t, all[1].Since.IsZero())

	was, err := list.Forbid("111122223333")
	require.NoError(t, err)
	assert.True(t, was)
	was, err = list.Forbid("111122223333")
	require.NoError(t, err)
	assert.False(t, was)
	has, err = list.Has("111122223333")
	require.NoError(t, err)
	assert.False(t, has)
}

func TestAnAccountIsTwelveDigits(t *testing.T) {
	require.NoError(t, Valid("000000000001"))
	for _, id := range []string{"", "1111-2222-3333", "11112222333", "1111222233334", "sandbox12345", "111122223333\n"} {
		require.Error(t, Valid(id), id)
		require.Error(t, Open(t.TempDir()).Allow(id, ""))
	}
}

func TestADamagedListAllowsNoneAndIsNotWrittenOver(t *testing.T) {
	list := Open(t.TempDir())
	require.NoError(t, os.WriteFile(list.Path(), []byte("[{"), 0o600))
	has, err := list.Has("111122223333")
	require.ErrorContains(t, err, "is damaged")
	assert.False(t, has)
	require.ErrorContains(t, list.Allow("111122223333", ""), "is damaged")
	data, err := os.ReadFile(list.Path())
	require.NoError(t, err)
	assert.Equal(t, "[{", string(data))
}

func TestTwoThatWriteAtOnceLoseNothing(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for i := range 10 {
		group.Add(1)
		go func() {
			defer group.Done()
			assert.NoError(t, Open(dir).Allow("11112222333"+string(rune('0'+i)), ""))
		}()
	}
	group.Wait()
	all, err := Open(dir).All()
	require.NoError(t, err)
	assert.Len(t, all, 10)
}
