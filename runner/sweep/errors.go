package sweep

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"
)

// IncompleteError says that some kinds of resources could not be listed, so that
// what List returned may not be all there is.
type IncompleteError struct {
	Unread []KindError
}

// KindError is the reason why one kind could not be listed.
type KindError struct {
	Kind string // AWS's term, such as "NAT gateway"
	Err  error
}

func (e *IncompleteError) Error() string {
	lines := make([]string, len(e.Unread))
	for i, u := range e.Unread {
		lines[i] = fmt.Sprintf("%s: %v", u.Kind, u.Err)
	}
	return "could not list " + strings.Join(lines, "; ")
}

// Unwrap gives the reasons.
func (e *IncompleteError) Unwrap() []error {
	errs := make([]error, len(e.Unread))
	for i, u := range e.Unread {
		errs[i] = u.Err
	}
	return errs
}

// RefusedError lists what could not be deleted.
type RefusedError struct {
	Refused []Refusal
}

// Refusal is one resource that is still there, and why.
type Refusal struct {
	Resource Resource
	Reason   error
}

func (e *RefusedError) Error() string {
	lines := make([]string, len(e.Refused))
	for i, r := range e.Refused {
		lines[i] = fmt.Sprintf("%s: %v", r.Resource, r.Reason)
	}
	return "could not delete " + strings.Join(lines, "; ")
}

// Unwrap gives the reasons.
func (e *RefusedError) Unwrap() []error {
	errs := make([]error, len(e.Refused))
	for i, r := range e.Refused {
		errs[i] = r.Reason
	}
	return errs
}

// UnknownKindError is the reason for refusing a resource that the tagging API
// lists and no kind covers.
type UnknownKindError struct {
	Kind, ARN string
}

func (e *UnknownKindError) Error() string {
	return fmt.Sprintf("labctl does not know how to delete %s: delete it by hand, ARN %s", e.Kind, e.ARN)
}

// errBusy is what a kind answers when it has started something that has to finish
// before the resource can be deleted.
var errBusy = errors.New("still in use")

// busyCodes are errors that go away once something else is gone or finished.
// EC2's are described in https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
var busyCodes = map[string]bool{
	"DependencyViolation":              true, // EC2, for almost everything
	"IncorrectState":                   true, // transit gateways, peerings
	"IncorrectInstanceState":           true,
	"InvalidGroup.InUse":               true,
	"InvalidIPAddress.InUse":           true,
	"InvalidNetworkInterface.InUse":    true,
	"VolumeInUse":                      true,
	"PrefixListVersionMismatch":        true,
	"DeleteConflict":                   true, // IAM
	"ConcurrentModification":           true,
	"HostedZoneNotEmpty":               true, // Route 53
	"PriorRequestNotComplete":          true,
	"BucketNotEmpty":                   true, // S3
	"OperationAborted":                 true,
	"OperationAbortedException":        true, // CloudWatch Logs
	"ServiceUnavailableException":      true,
	"DependencyTimeoutException":       true, // KMS
	"RequestLimitExceeded":             true, // left over when the SDK's own retries are used up
	"ThrottlingException":              true,
	"Throttling":                       true,
	"InternalError":                    true,
	"InternalFailure":                  true,
	"Unavailable":                      true,
	"InvalidTransitGatewayID.InUse":    true,
	"NetworkInterfaceLimitExceeded":    true,
	"InvalidVpcPeeringConnectionState": true,
}

func isBusy(err error) bool {
	return errors.Is(err, errBusy) || busyCodes[code(err)]
}

// isGone recognises every service's way of saying that there is no such thing.
func isGone(err error) bool {
	c := code(err)
	return strings.HasSuffix(c, "NotFound") || strings.HasSuffix(c, "NotFoundException") || strings.HasPrefix(c, "NoSuch")
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
