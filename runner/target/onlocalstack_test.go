package target

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/target/localstack"
)

// fakeStacks are LocalStacks that are there or not.
type fakeStacks struct {
	info                   localstack.Info
	found, started         bool
	find, start, verify    error
	claimed, stopped       bool
	image, asked, verified string
}

func (f *fakeStacks) Find(_ context.Context, endpoint string) (localstack.Info, bool, error) {
	f.asked = endpoint
	return f.info, f.found, f.find
}
func (f *fakeStacks) Claim() error { f.claimed = true; return nil }
func (f *fakeStacks) Start(_ context.Context, image string) (localstack.Info, error) {
	f.started, f.image = true, image
	return f.info, f.start
}
func (f *fakeStacks) Verify(_ context.Context, endpoint, session string) error {
	f.verified = endpoint + " " + session
	return f.verify
}
func (f *fakeStacks) Stop(context.Context) (bool, error) { f.stopped = true; return true, nil }

func TestALocalStackThatAnswersIsTakenAndElseOneIsStarted(t *testing.T) {
	server := newFakeServer(t)
	stacks := &fakeStacks{found: true, info: localstack.Info{Endpoint: server.URL, Session: "s-1", Services: []string{"ec2"}}}
	resolver := Resolver{LocalStack: stacks}
	got, err := resolver.Start(t.Context(), Place{Name: LocalStack, Image: "mine:1"})
	require.NoError(t, err)
	assert.True(t, stacks.claimed)
	assert.False(t, stacks.started)
	assert.Equal(t, "s-1", got.Server, "so that one that started anew is known to be another")
	assert.Equal(t, []string{"ec2"}, got.Services)
	assert.Nil(t, got.Support, "not known before it is probed")
	assert.True(t, got.Free)
	assert.False(t, got.Guarded())

	stacks.found = false
	_, err = resolver.Start(t.Context(), Place{Name: LocalStack, Image: "mine:1"})
	require.NoError(t, err)
	assert.True(t, stacks.started)
	assert.Equal(t, "mine:1", stacks.image)

	stacks.started = false
	_, err = resolver.Current(t.Context(), Place{Name: LocalStack})
	require.ErrorContains(t, err, "no LocalStack answers")
	assert.False(t, stacks.started, "who only looks starts nothing")
}

func TestWhatIsWrongWithLocalStackIsSaidWithANextStep(t *testing.T) {
	for name, c := range map[string]struct {
		stacks       fakeStacks
		endpoint     string
		reason, next string
	}{
		"something else is there": {fakeStacks{find: fmt.Errorf("x: %w", localstack.ErrNotLocalStack)}, "http://127.0.0.1:5000", "is no LocalStack", "--target endpoint --endpoint http://127.0.0.1:5000"},
		"nobody is there":         {fakeStacks{find: fmt.Errorf("no answer")}, "http://127.0.0.1:5000", "no LocalStack answers at http://127.0.0.1:5000: no answer", "leave out --endpoint"},
		"no token":                {fakeStacks{start: &localstack.TokenError{Image: "i"}}, "", "image i does not start without LOCALSTACK_AUTH_TOKEN", localstack.DefaultImage},
		"no Docker":               {fakeStacks{start: &localstack.DockerError{Reason: "no docker"}}, "", "none could be started: no docker", "--target local"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Resolver{LocalStack: &c.stacks}.Start(t.Context(), Place{Name: LocalStack, Endpoint: c.endpoint})
			var unusable *UnusableError
			require.ErrorAs(t, err, &unusable)
			assert.Contains(t, unusable.Reason, c.reason)
			assert.Contains(t, unusable.Next, c.next)
		})
	}
}

func TestARunOnALocalStackIsLostWithIt(t *testing.T) {
	stacks := &fakeStacks{verify: localstack.ErrGone}
	resolver := Resolver{LocalStack: stacks}
	held := Held{Place: Place{Name: LocalStack, Endpoint: "http://127.0.0.1:1"}, Server: "s-1"}
	var lost *LostError
	_, err := resolver.Attach(t.Context(), held)
	require.ErrorAs(t, err, &lost)
	assert.Equal(t, "http://127.0.0.1:1 s-1", stacks.verified)

	stacks.verify = context.DeadlineExceeded
	err = resolver.Alive(t.Context(), held)
	require.Error(t, err)
	require.NotErrorAs(t, err, &lost, "what it holds may still be there")

	for _, name := range []string{Endpoint, AWS} {
		require.NoError(t, resolver.Alive(t.Context(), Held{Place: Place{Name: name}}), "what is there outlives any server")
		require.NoError(t, resolver.Release(t.Context(), name))
	}
	assert.False(t, stacks.stopped)
	require.NoError(t, resolver.Release(t.Context(), LocalStack))
	assert.True(t, stacks.stopped)
}
