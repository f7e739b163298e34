package target

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Handout serves the target's credentials to Terraform's provider for as long as Terraform runs, and returns the
// environment that leads the provider there. Where the credentials are static it only returns the environment.
//
// The provider could walk the user's chain of credentials by itself, but then nothing would make sure that it ends at the
// account which labctl has asked about: another profile, a role or a token that changes on the way would do. Copying
// what the chain gave would do no better, since it expires in the middle of a long run. So labctl answers the way in
// which containers are given credentials: on loopback, for whoever shows a random token, always from labctl's own
// provider, which renews them.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
func (t Target) Handout(ctx context.Context) (env map[string]string, stop func(), err error) {
	if t.Name != AWS {
		return t.Env, func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("serving credentials to Terraform: %w", err)
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, nil, fmt.Errorf("serving credentials to Terraform: %w", err)
	}
	token := hex.EncodeToString(secret)
	server := &http.Server{Handler: handout(t.Config.Credentials, token), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	env = map[string]string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://" + listener.Addr().String() + "/",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN":  token,
		// Nothing comes before these in the chain, and nothing after them.
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED":   "true",
	}
	for name, value := range t.Env {
		env[name] = value
	}
	return env, func() { _ = server.Close() }, nil
}

func handout(provider aws.CredentialsProvider, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(token)) != 1 {
			http.Error(w, "who are you?", http.StatusForbidden)
			return
		}
		current, err := provider.Retrieve(r.Context())
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			_ = json.NewEncoder(w).Encode(map[string]string{"code": "NoCredentials", "message": rootCause(err).Error()})
			return
		}
		answer := map[string]any{"AccessKeyId": current.AccessKeyID, "SecretAccessKey": current.SecretAccessKey, "Token": current.SessionToken}
		if current.CanExpire {
			answer["Expiration"] = current.Expires.UTC().Format(time.RFC3339)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // a client that is gone needs no answer
	})
}
