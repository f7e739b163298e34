package target

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/tf"
	"labctl/terraform"
)

// identityOnly asks STS who is calling, and nothing else.
const identityOnly = `
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = "true"
  skip_region_validation  = true
  max_retries             = 1

  endpoints {
    sts = "ENDPOINT"
  }
}

data "aws_caller_identity" "me" {}

output "account" {
  value = data.aws_caller_identity.me.account_id
}
`

// TestTheProviderTakesWhatLabctlHandsOut runs Terraform's provider for real, in an environment where a user's own keys and
// profile wait for it.
func TestTheProviderTakesWhatLabctlHandsOut(t *testing.T) {
	if testing.Short() {
		t.Skip("runs Terraform")
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_PROFILE", "another")
	t.Setenv("HTTPS_PROXY", "")
	server := newFakeServer(t)
	cache := t.TempDir()
	binary, err := tf.Find(t.Context(), tf.FindOptions{Env: os.Getenv(tf.BinaryVariable), Path: os.Getenv("PATH"), CacheDir: cache})
	require.NoError(t, err)
	dir := t.TempDir()
	_, err = terraform.Extract("networking", dir) // for its lock file
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	require.NoError(t, err)
	for _, file := range files {
		require.NoError(t, os.Remove(file))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(strings.ReplaceAll(identityOnly, "ENDPOINT", server.URL)), 0o600))

	provider := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIAHANDEDOUT", SecretAccessKey: "s", SessionToken: "t"}, nil
	})
	env, stop, err := Target{Name: AWS, Config: aws.Config{Credentials: provider}, Env: map[string]string{"AWS_REGION": "us-east-1"}}.Handout(t.Context())
	require.NoError(t, err)
	defer stop()
	work, err := tf.New(tf.Options{Dir: dir, Binary: binary, CacheDir: cache, Env: env, Mirrors: tf.DefaultMirrors(os.Getenv)})
	require.NoError(t, err)
	require.NoError(t, work.Init(t.Context()))
	require.NoError(t, work.Apply(t.Context(), tf.ApplyOptions{}))
	outputs, err := work.Outputs()
	require.NoError(t, err)
	assert.JSONEq(t, `"123456789012"`, string(outputs["account"]))
	require.NotEmpty(t, server.signed)
	for _, signature := range server.signed {
		assert.Contains(t, signature, "Credential=AKIAHANDEDOUT/")
	}
}
