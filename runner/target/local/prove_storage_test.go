package local_test

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (a account) bucket(t T, name string) {
	must[s3.CreateBucketOutput](t)(a.s3.CreateBucket(a.ctx, &s3.CreateBucketInput{Bucket: &name}))
}

func (a account) putPolicy(bucket, statement string) error {
	_, err := a.s3.PutBucketPolicy(a.ctx, &s3.PutBucketPolicyInput{
		Bucket: &bucket, Policy: aws.String(`{"Version":"2012-10-17","Statement":[` + statement + `]}`),
	})
	return err
}

// useObject writes, reads and deletes an object, the last both alone and in a batch.
func (a account) useObject(bucket string) []error {
	key := aws.String("card")
	write := func() error {
		_, err := a.s3.PutObject(a.ctx, &s3.PutObjectInput{Bucket: &bucket, Key: key, Body: strings.NewReader("4111")})
		return err
	}
	errs := []error{write()}
	_, err := a.s3.GetObject(a.ctx, &s3.GetObjectInput{Bucket: &bucket, Key: key})
	errs = append(errs, err)
	_, err = a.s3.DeleteObject(a.ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: key})
	return append(errs, err, write())
}

func proveBucketPolicies(t T, a account) {
	const bucket = "guarded"
	a.bucket(t, bucket)
	for _, statement := range []string{
		`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::guarded/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		`{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"s3:*","Resource":"arn:aws:s3:::guarded/*"}`,
		`{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"s3:*","Resource":"arn:aws:s3:::guarded/*"}`,
	} {
		require.NoError(t, a.putPolicy(bucket, statement))
		for _, err := range a.useObject(bucket) {
			assert.NoError(t, err, statement)
		}
	}
	deleted := must[s3.DeleteObjectsOutput](t)(a.s3.DeleteObjects(a.ctx, &s3.DeleteObjectsInput{
		Bucket: aws.String(bucket), Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("card")}}},
	}))
	assert.Empty(t, deleted.Errors)
	require.NoError(t, a.putPolicy(bucket, `{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"arn:aws:s3:::guarded/*"}`))
	for _, err := range a.useObject(bucket) {
		assert.ErrorContains(t, err, "StatusCode: 403", "what concerns everybody is enforced")
	}
	assert.ErrorContains(t, a.putPolicy(bucket, `{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::guarded/*"}`), "MalformedPolicy")
	assert.ErrorContains(t, a.putPolicy(bucket, `{nope`), "MalformedPolicy")
	policy := must[s3.GetBucketPolicyOutput](t)(a.s3.GetBucketPolicy(a.ctx, &s3.GetBucketPolicyInput{Bucket: aws.String(bucket)}))
	assert.Contains(t, *policy.Policy, `"AWS":"*"`, "what was refused has changed nothing")
}

func (a account) encryption(t T, bucket string) types.ServerSideEncryptionRule {
	out := must[s3.GetBucketEncryptionOutput](t)(a.s3.GetBucketEncryption(a.ctx, &s3.GetBucketEncryptionInput{Bucket: &bucket}))
	require.Len(t, out.ServerSideEncryptionConfiguration.Rules, 1)
	return out.ServerSideEncryptionConfiguration.Rules[0]
}

func proveBucketDefaults(t T, a account) {
	bucket := aws.String("defaults")
	must[s3.CreateBucketOutput](t)(a.s3.CreateBucket(a.ctx, &s3.CreateBucketInput{Bucket: bucket, ObjectLockEnabledForBucket: aws.Bool(true)}))
	byS3 := types.ServerSideEncryptionRule{
		ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256}, BucketKeyEnabled: aws.Bool(false),
	}
	byKey := types.ServerSideEncryptionRule{
		ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{
			SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: aws.String("arn:aws:kms:us-east-1:123456789012:key/1"),
		},
		BucketKeyEnabled: aws.Bool(true),
	}
	assert.Equal(t, byS3, a.encryption(t, *bucket))
	must[s3.PutBucketEncryptionOutput](t)(a.s3.PutBucketEncryption(a.ctx, &s3.PutBucketEncryptionInput{
		Bucket: bucket, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{byKey}},
	}))
	assert.Equal(t, byKey, a.encryption(t, *bucket))
	must[s3.DeleteBucketEncryptionOutput](t)(a.s3.DeleteBucketEncryption(a.ctx, &s3.DeleteBucketEncryptionInput{Bucket: bucket}))
	assert.Equal(t, byS3, a.encryption(t, *bucket))

	retention := &types.DefaultRetention{Mode: types.ObjectLockRetentionModeGovernance, Days: aws.Int32(1)}
	must[s3.PutObjectLockConfigurationOutput](t)(a.s3.PutObjectLockConfiguration(a.ctx, &s3.PutObjectLockConfigurationInput{
		Bucket: bucket, ObjectLockConfiguration: &types.ObjectLockConfiguration{
			ObjectLockEnabled: types.ObjectLockEnabledEnabled, Rule: &types.ObjectLockRule{DefaultRetention: retention},
		},
	}))
	lock := must[s3.GetObjectLockConfigurationOutput](t)(a.s3.GetObjectLockConfiguration(a.ctx, &s3.GetObjectLockConfigurationInput{Bucket: bucket}))
	assert.Equal(t, retention, lock.ObjectLockConfiguration.Rule.DefaultRetention)
}

func (a account) key(t T) *string {
	return must[kms.CreateKeyOutput](t)(a.kms.CreateKey(a.ctx, &kms.CreateKeyInput{})).KeyMetadata.KeyId
}

func proveKeyPolicies(t T, a account) {
	const toAccount = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}}`
	key := a.key(t)
	must[kms.PutKeyPolicyOutput](t)(a.kms.PutKeyPolicy(a.ctx, &kms.PutKeyPolicyInput{KeyId: key, Policy: aws.String(toAccount)}))
	for _, policy := range []string{`{nope`, `"a policy"`, `{"Version":"2012-10-17"}`, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}`} {
		_, err := a.kms.PutKeyPolicy(a.ctx, &kms.PutKeyPolicyInput{KeyId: key, Policy: &policy})
		assert.ErrorContains(t, err, "MalformedPolicyDocumentException", policy)
		_, err = a.kms.CreateKey(a.ctx, &kms.CreateKeyInput{Policy: &policy})
		assert.ErrorContains(t, err, "MalformedPolicyDocumentException", policy)
	}
	out := must[kms.GetKeyPolicyOutput](t)(a.kms.GetKeyPolicy(a.ctx, &kms.GetKeyPolicyInput{KeyId: key}))
	assert.Equal(t, toAccount, *out.Policy) //nolint:testifylint // as it was put, to the letter
}

func proveKeyRotation(t T, a account) {
	key := a.key(t)
	status := func() (bool, int32) {
		out := must[kms.GetKeyRotationStatusOutput](t)(a.kms.GetKeyRotationStatus(a.ctx, &kms.GetKeyRotationStatusInput{KeyId: key}))
		return out.KeyRotationEnabled, aws.ToInt32(out.RotationPeriodInDays)
	}
	assertStatus := func(rotates bool, days int32) {
		on, period := status()
		assert.Equal(t, rotates, on)
		assert.Equal(t, days, period)
	}
	assertStatus(false, 0)
	must[kms.EnableKeyRotationOutput](t)(a.kms.EnableKeyRotation(a.ctx, &kms.EnableKeyRotationInput{KeyId: key}))
	assertStatus(true, 365)
	must[kms.EnableKeyRotationOutput](t)(a.kms.EnableKeyRotation(a.ctx, &kms.EnableKeyRotationInput{KeyId: key, RotationPeriodInDays: aws.Int32(180)}))
	assertStatus(true, 180)
	must[kms.ScheduleKeyDeletionOutput](t)(a.kms.ScheduleKeyDeletion(a.ctx, &kms.ScheduleKeyDeletionInput{KeyId: key}))
	assertStatus(false, 0)
	must[kms.CancelKeyDeletionOutput](t)(a.kms.CancelKeyDeletion(a.ctx, &kms.CancelKeyDeletionInput{KeyId: key}))
	assertStatus(true, 180)
}
