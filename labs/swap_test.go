package labs_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
)

// note is a record in memory, which refuses to be written where it is told to.
type note struct {
	text   map[string]string
	refuse error
}

func (n note) Get(key string) string { return n.text[key] }

func (n note) Set(key, value string) error {
	if n.refuse == nil {
		n.text[key] = value
	}
	return n.refuse
}

func TestASwapIsTakenBackFromWhatItRemembered(t *testing.T) {
	days := 35
	fault := labs.Swap(labs.Fault{ID: "short-memory"}, func(context.Context, labs.Live) (before, after int, err error) {
		return days, 1, nil
	}, func(_ context.Context, _ labs.Live, to int) error {
		days = to
		return nil
	})
	assert.Equal(t, "short-memory", fault.ID)
	record := note{text: map[string]string{}}

	require.NoError(t, fault.Undo(t.Context(), labs.Live{}, record))
	assert.Equal(t, 35, days, "nothing was made, so nothing is taken back")

	require.NoError(t, fault.Inject(t.Context(), labs.Live{}, record))
	assert.Equal(t, 1, days)

	for range 2 {
		require.NoError(t, fault.Undo(t.Context(), labs.Live{}, record))
		assert.Equal(t, 35, days)
	}
}

func TestASwapThatCannotBeTakenBackIsNotMade(t *testing.T) {
	broken := errors.New("broken")
	for name, row := range map[string]struct{ plan, record, want error }{
		"the lab has nothing to change": {plan: labs.ErrNothing, want: labs.ErrNothing},
		"the record cannot be written":  {record: broken, want: broken},
	} {
		t.Run(name, func(t *testing.T) {
			fault := labs.Swap(labs.Fault{}, func(context.Context, labs.Live) (before, after string, err error) {
				return "on", "off", row.plan
			}, func(context.Context, labs.Live, string) error {
				t.Error("the account was changed")
				return nil
			})
			require.ErrorIs(t, fault.Inject(t.Context(), labs.Live{}, note{text: map[string]string{}, refuse: row.record}), row.want)
		})
	}
}
