package target

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// sameAccount gives the credentials of one account and no other. A chain of credentials is asked again when they expire, in
// the middle of a run, and what it ends at may have changed by then: a credential_process answers what it likes. So whoever has
// a new key is asked for the account before it signs anything else.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
type sameAccount struct {
	chain aws.CredentialsProvider
	ask   *sts.Client // signs with what is being looked at
	id    string

	mu    sync.Mutex
	known string // the key that is known to be the account's
}

// onlyOf binds a configuration to the account that its credentials are of now.
func onlyOf(cfg aws.Config, account string, now aws.Credentials) aws.CredentialsProvider {
	return &sameAccount{chain: cfg.Credentials, ask: sts.NewFromConfig(cfg), id: account, known: now.AccessKeyID}
}

func (s *sameAccount) Retrieve(ctx context.Context) (aws.Credentials, error) {
	got, err := s.chain.Retrieve(ctx)
	if err != nil {
		return got, err //nolint:wrapcheck // the SDK's errors say it
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if got.AccessKeyID == s.known {
		return got, nil
	}
	who, err := s.ask.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return got, nil })
	})
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("asking which account the renewed credentials are of: %w", err)
	}
	if account := aws.ToString(who.Account); account != s.id {
		return aws.Credentials{}, &RefusedError{
			Reason: fmt.Sprintf("the credentials have changed to account %s, and this is about account %s", account, s.id),
			Next:   "go back to credentials of account " + s.id + " and run the command again",
		}
	}
	s.known = got.AccessKeyID
	return got, nil
}
