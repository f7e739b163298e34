package sweep

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// IncompleteError says that some kinds of resources could not be listed, so that
// what List returned may not be all there is.
type IncompleteError struct {
	Unread []KindError
}

// KindError is the reason why one kind could not be listed.
type KindError struct {
	Kind   string // AWS's term, such as "NAT gateway"
	Region string // "" for a global service
	Err    error
}

func (e KindError) String() string {
	if e.Region == "" {
		return e.Kind
	}
	return e.Kind + " in " + e.Region
}

func (e *IncompleteError) Error() string {
	kinds := make([]string, len(e.Unread))
	for i, u := range e.Unread {
		kinds[i] = u.String()
	}
	return fmt.Sprintf("could not list %s: %v", strings.Join(kinds, ", "), e.Unread[0].Err)
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

// errEnding is errBusy about something that is on its way out: that may take as long as any
// deletion that was accepted.
var errEnding = fmt.Errorf("on its way out: %w", errBusy)

// busyCodes are errors that go away once something else is gone or finished. The last
// group is what is left over when the SDK's own retries are used up.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
var busyCodes = []string{
	"DependencyViolation", // EC2, for almost everything
	"IncorrectState", "IncorrectInstanceState", "VolumeInUse",
	"InvalidGroup.InUse", "InvalidIPAddress.InUse", "InvalidNetworkInterface.InUse",
	"DeleteConflict", "ConcurrentModification", // IAM
	"ScalingActivityInProgress", "ResourceContention", // Auto Scaling
	"ResourceInUse",                                  // Elastic Load Balancing, Auto Scaling
	"ResourceInUseException", "BackupInUseException", // DynamoDB
	"InvalidDBInstanceState", "InvalidDBSubnetGroupStateFault", // RDS
	"HostedZoneNotEmpty", "PriorRequestNotComplete", // Route 53
	"BucketNotEmpty", "OperationAborted", // S3
	"OperationAbortedException",  // CloudWatch Logs
	"DependencyTimeoutException", // KMS

	"RequestLimitExceeded", "Throttling", "ThrottlingException", "InternalError", "Unavailable", "ServiceUnavailableException",
}

func isBusy(err error) bool {
	return errors.Is(err, errBusy) || slices.Contains(busyCodes, code(err))
}

// isGone recognises every service's way of saying that there is no such thing.
func isGone(err error) bool {
	c := code(err)
	for _, ending := range []string{"NotFound", "NotFoundException", "NotFoundFault", "NonExistentQueue", "QueueDoesNotExist"} {
		if strings.HasSuffix(c, ending) {
			return true
		}
	}
	return strings.HasPrefix(c, "NoSuch")
}

// isNotEmulated recognises a target that says it has no such service: labctl's local AWS and
// LocalStack answer 501, which AWS never does.
func isNotEmulated(err error) bool {
	var answer *smithyhttp.ResponseError
	return errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusNotImplemented
}

// isUnknownCall recognises a server that does not know an address. It is meant for calls that
// name no resource: AWS finds those always.
func isUnknownCall(err error) bool {
	var answer *smithyhttp.ResponseError
	return errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusNotFound
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
