package iam

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"labctl/checks/inventory"
	"labctl/labs"
)

// unspareServices takes the exception for AWS services out of the deny that keeps outsiders away.
func unspareServices(_ *architecture, s statement) bool {
	guards := false
	for _, tests := range s.conditions() {
		for asked := range tests {
			key := strings.ToLower(asked)
			guards = guards || key == "aws:principalorgid" || key == "aws:principalaccount"
		}
	}
	return s.denies() && guards && s.uncondition("aws:PrincipalIsAWSService")
}

func orgNoServices() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "org-no-services",
		Title:  "The bucket's inventory reports and access logs have stopped arriving. Everybody in the company can read and write as before.",
		Answer: "The data bucket's guard against outsiders no longer spares AWS services, which belong to no organization.",
		Breaks: []string{"sec-org"},
		Hints: []string{
			"Outsiders are kept away, better than ever.",
			"Who delivers to a bucket without being anybody's user or role?",
			"Read the conditions of the deny that keeps outsiders away from the data bucket.",
		},
	}, policyOfBucket(data), eachStatement(unspareServices))
}

// orgNoDelivery is the same on the log bucket, where the record itself dies of it.
func orgNoDelivery() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "log-delivery-denied",
		Title:  "The trail is logging, and since noon its bucket gets no new files.",
		Answer: "The log bucket's guard against outsiders no longer spares AWS services: CloudTrail's own deliveries are denied, whatever the statement for them allows.",
		Breaks: []string{"sec-org"},
		Twin:   true,
		Hints: []string{
			"The statement that lets CloudTrail deliver is as it was.",
			"An allow does not help against a deny.",
			"Which statement of the log bucket's policy denies, and whom does it spare?",
		},
	}, policyOfBucket(logs), eachStatement(unspareServices))
}

func tlsObjectsOnly() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "tls-objects-only",
		Title:  "A list of all customers' file names went over the wire in the clear.",
		Answer: "The deny on plain HTTP covers the data bucket's objects only, and not the bucket itself.",
		Breaks: []string{"sec-tls"},
		Hints: []string{
			"No file's content was in the clear.",
			"Listing is a request to the bucket, reading one to an object.",
			"Read the resources of the statement about aws:SecureTransport.",
		},
	}, policyOfBucket(data), eachStatement(func(_ *architecture, s statement) bool {
		var objects []string
		for _, resource := range texts(s["Resource"]) {
			if strings.HasSuffix(resource, "/*") {
				objects = append(objects, resource)
			}
		}
		if !s.denies() || !s.asks("aws:SecureTransport") || len(objects) == 0 || len(objects) == len(texts(s["Resource"])) {
			return false
		}
		s["Resource"] = objects
		return true
	}))
}

// asks tells whether a condition of the statement is about a key.
func (s statement) asks(key string) bool {
	for _, tests := range s.conditions() {
		for asked := range tests {
			if strings.EqualFold(asked, key) {
				return true
			}
		}
	}
	return false
}

func sseAlgorithmOnly() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "sse-algorithm-only",
		Title:  "A partner's key was disabled, and a tenth of the data cannot be read any more.",
		Answer: "The data bucket's policy insists on aws:kms and no longer on which key.",
		Breaks: []string{"sec-sse-key"},
		Hints: []string{
			"Every object is encrypted with KMS, as the rules demand.",
			"With KMS, yes. With whose key?",
			"`labctl can` with s3:PutObject and the header for the key as --context.",
		},
	}, policyOfBucket(data), func(_ *architecture, d document) bool {
		changed := false
		for _, s := range d.statements() {
			if s.denies() && s.asks(sseKeyHeader) {
				s["Condition"] = map[string]any{
					"Null":            map[string]any{sseHeader: "false"},
					"StringNotEquals": map[string]any{sseHeader: "aws:kms"},
				}
				changed = true
			}
		}
		return changed
	})
}

func kmsAdminAll() labs.Fault {
	return documentFault(labs.Fault{
		ID:     "kms-admin-all",
		Title:  "The person who administers the keys has read a customer's file to find out why it could not be read.",
		Answer: "The data key's policy gives the key administrator kms:*.",
		Breaks: []string{"sec-kms-duties"},
		Hints: []string{
			"The role's own policies have not changed.",
			"A key has a policy of its own, and it is enough.",
			"`labctl can` with kms:Decrypt as the key administrator.",
		},
	}, policyOfKey(data), eachStatement(func(a *architecture, s statement) bool {
		named, _ := s["Principal"].(map[string]any)
		for _, arn := range texts(named["AWS"]) {
			for _, r := range a.part(keyAdmin) {
				if arn == r.Arn && !s.denies() {
					s["Action"] = "kms:*"
					return true
				}
			}
		}
		return false
	}))
}

func rotationOff() labs.Fault {
	const id = "key"
	type kept struct {
		Key    string
		Period *int32
	}
	return labs.Fault{
		ID:     "rotation-off",
		Title:  "The compliance report has a red line about the age of key material.",
		Answer: "The data key no longer rotates.",
		Breaks: []string{"sec-kms-rotation"},
		Hints: []string{
			"Everything can be encrypted and decrypted.",
			"Key material gets old unless somebody replaces it.",
			"Look at the rotation status of each key.",
		},
		Inject: func(ctx context.Context, live labs.Live, record labs.Record) error {
			k, err := dataKey(ctx, live)
			if err != nil {
				return err
			}
			api := kms.NewFromConfig(live.Config)
			status, err := api.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &k.KeyId})
			if err != nil {
				return doing("reading the rotation of key "+k.KeyId, err)
			}
			if err := labs.Remember(record, id, kept{k.KeyId, status.RotationPeriodInDays}); err != nil {
				return err
			}
			_, err = api.DisableKeyRotation(ctx, &kms.DisableKeyRotationInput{KeyId: &k.KeyId})
			return doing("stopping the rotation of key "+k.KeyId, err)
		},
		Undo: func(ctx context.Context, live labs.Live, record labs.Record) error {
			var was kept
			if found, err := labs.Recall(record, id, &was); err != nil || !found {
				return err
			}
			_, err := kms.NewFromConfig(live.Config).EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &was.Key, RotationPeriodInDays: was.Period})
			return doing("starting the rotation of key "+was.Key, labs.Unless(err, "NotFoundException"))
		},
	}
}

func dataKey(ctx context.Context, live labs.Live) (inventory.Key, error) {
	all, err := live.Inventory.Keys(ctx)
	if err != nil {
		return inventory.Key{}, err
	}
	for _, k := range all {
		if k.Tags[roleTag] == data && k.KeyRotationEnabled {
			return k, nil
		}
	}
	return inventory.Key{}, labs.Lacks("no data key that rotates")
}

func publicAccessHalf() labs.Fault {
	const id = "block"
	type kept struct {
		Bucket string
		Block  inventory.PublicAccessBlock
	}
	put := func(ctx context.Context, live labs.Live, k kept) error {
		_, err := s3Client(live).PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
			Bucket: &k.Bucket,
			PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
				BlockPublicAcls: aws.Bool(k.Block.BlockPublicAcls), BlockPublicPolicy: aws.Bool(k.Block.BlockPublicPolicy),
				IgnorePublicAcls: aws.Bool(k.Block.IgnorePublicAcls), RestrictPublicBuckets: aws.Bool(k.Block.RestrictPublicBuckets),
			},
		})
		return doing("changing the public access block of bucket "+k.Bucket, labs.Unless(err, "NoSuchBucket"))
	}
	return labs.Fault{
		ID:     "public-access-half",
		Title:  "The console shows a badge at the data bucket that was not there yesterday. Nothing has been made public.",
		Answer: "Of the data bucket's four public-access flags RestrictPublicBuckets is off.",
		Breaks: []string{"sec-pab"},
		Hints: []string{
			"Making the bucket public would still be refused.",
			"There are four flags.",
			"Read the public access block of each bucket, flag by flag.",
		},
		Inject: func(ctx context.Context, live labs.Live, record labs.Record) error {
			a, err := readArchitecture(ctx, live.Inventory)
			if err != nil {
				return err
			}
			all, err := a.buckets(ctx, data)
			if err != nil {
				return err
			}
			if len(all) == 0 || !all[0].PublicAccessBlock.RestrictPublicBuckets {
				return labs.Lacks("no data bucket with the flag on")
			}
			was := kept{all[0].Name, all[0].PublicAccessBlock}
			if err := labs.Remember(record, id, was); err != nil {
				return err
			}
			was.Block.RestrictPublicBuckets = false
			return put(ctx, live, was)
		},
		Undo: func(ctx context.Context, live labs.Live, record labs.Record) error {
			var was kept
			if found, err := labs.Recall(record, id, &was); err != nil || !found {
				return err
			}
			return put(ctx, live, was)
		},
	}
}
