package iam

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
)

// fakeAccount enforces what it is told to.
type fakeAccount struct {
	refuses map[string]bool // what is refused: assume:ID, get, put
	breaks  map[string]error
	objects map[string]bool
	asked   []string
}

func (f *fakeAccount) answer(call string) error {
	f.asked = append(f.asked, call)
	if err := f.breaks[call]; err != nil {
		return err
	}
	if f.refuses[call] {
		return &smithy.GenericAPIError{Code: "AccessDenied", Message: call}
	}
	return nil
}

func (f *fakeAccount) assume(_ context.Context, _, externalID string) (aws.CredentialsProvider, error) {
	return credentials.NewStaticCredentialsProvider("vendor", "x", ""), f.answer("assume:" + externalID)
}

func (f *fakeAccount) put(_ context.Context, as aws.CredentialsProvider, _, key string) error {
	call := "put"
	if as == nil {
		call = "own put"
	}
	err := f.answer(call)
	if err == nil {
		f.objects[key] = true
	}
	return err
}

func (f *fakeAccount) get(context.Context, aws.CredentialsProvider, string, string) error {
	return f.answer("get")
}

func (f *fakeAccount) remove(ctx context.Context, _, key string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	delete(f.objects, key)
	return nil
}

func TestTheVendorsVisitTellsAnAccountThatEnforcesFromOneThatDoesNot(t *testing.T) {
	const right = "x1"
	for name, test := range map[string]struct {
		account fakeAccount
		unmet   []string
		control bool // the positive control fails
		err     bool
	}{
		"policies are enforced": {account: fakeAccount{refuses: map[string]bool{"assume:x1-not": true, "assume:": true, "put": true}}},
		"everything is allowed": {account: fakeAccount{}, unmet: []string{"assume with a wrong external id", "assume without an external id", "write as the vendor"}},
		"an external id is needed, any will do": {
			account: fakeAccount{refuses: map[string]bool{"assume:": true, "put": true}}, unmet: []string{"assume with a wrong external id"},
		},
		"everything is refused": {
			account: fakeAccount{refuses: map[string]bool{"assume:x1": true, "assume:x1-not": true, "assume:": true, "get": true, "put": true}}, control: true,
		},
		"the vendor cannot read": {
			account: fakeAccount{refuses: map[string]bool{"assume:x1-not": true, "assume:": true, "get": true, "put": true}}, unmet: []string{"read as the vendor"},
		},
		"whoever runs the drill cannot write": {
			account: fakeAccount{refuses: map[string]bool{"assume:x1-not": true, "assume:": true, "own put": true}}, control: true,
		},
		"the service is down in the middle": {
			account: fakeAccount{refuses: map[string]bool{"assume:x1-not": true, "assume:": true}, breaks: map[string]error{"put": errors.New("connection reset")}}, err: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.account.objects = map[string]bool{}
			line := labs.NewTimeLine(func(labs.Moment) {})
			err := visit{Role: "r", Bucket: "b", Key: "k", Right: right}.run(t.Context(), &test.account, line)
			var control *labs.ControlError
			assert.Equal(t, test.control, errors.As(err, &control), "%v", err)
			if !test.control && !test.err {
				require.NoError(t, err)
			}
			assert.Equal(t, test.control || test.err, err != nil)
			var unmet []string
			for _, m := range line.Measures() {
				if !m.Met {
					unmet = append(unmet, m.Name)
				}
			}
			assert.Equal(t, test.unmet, unmet)
			assert.Empty(t, test.account.objects, "the bucket is as it was")
		})
	}
}

func TestAnInterruptedVisitTakesItsObjectAway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	account := &fakeAccount{objects: map[string]bool{}, refuses: map[string]bool{"assume:x1-not": true, "assume:": true, "put": true}}
	line := labs.NewTimeLine(func(labs.Moment) {
		if len(account.objects) > 0 {
			cancel()
		}
	})
	require.NoError(t, visit{Role: "r", Bucket: "b", Key: "k", Right: "x1"}.run(ctx, account, line))
	require.Error(t, ctx.Err(), "the visit was interrupted")
	assert.Empty(t, account.objects)
}

// remembered is a record that lives as long as the test.
type remembered map[string]string

func (r remembered) Set(key, value string) error { r[key] = value; return nil }
func (r remembered) Get(key string) string       { return r[key] }

func TestAVisitThatWasKilledIsClearedUp(t *testing.T) {
	account, record := &fakeAccount{objects: map[string]bool{}}, remembered{}
	require.NoError(t, clearUp(t.Context(), record, account), "there was none")
	require.NoError(t, labs.Remember(record, visitMade, visit{Role: "r", Bucket: "b", Key: "k", Right: "x1"}))
	require.NoError(t, account.put(t.Context(), nil, "b", "k"))
	require.NotEmpty(t, account.objects)
	for range 2 {
		require.NoError(t, clearUp(t.Context(), record, account))
		assert.Empty(t, account.objects)
	}
}

func TestTheVisitIsPlannedFromTheLiveAccount(t *testing.T) {
	planned, err := planVisit(t.Context(), labs.Live{Inventory: load(t).inventory(), Run: "t1"})
	require.NoError(t, err)
	assert.Equal(t, visit{
		Role: "arn:aws:iam::123456789012:role/labctl-t1-vendor", Bucket: "labctl-t1-data-123456789012", Key: "labctl-drill/t1", Right: "labctl-t1-vendor",
	}, planned)
}
