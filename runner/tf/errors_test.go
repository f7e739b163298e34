package tf

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestADiagnosticNamesTheCallThatTheTargetDoesNotEmulate(t *testing.T) {
	for _, c := range []struct{ name, summary, detail, call string }{
		{"a JSON protocol trips over the page's first character",
			"creating CloudWatch Logs Log Group (x): operation error CloudWatch Logs: CreateLogGroup, https response error StatusCode: 404, RequestID: , deserialization failed, failed to decode response body, invalid character '<' looking for beginning of value", "",
			"CloudWatch Logs CreateLogGroup"},
		{"EC2's XML protocol trips over its markup",
			"creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 404, RequestID: , error while fetching xml error response code: XML syntax error on line 2: unquoted or missing attribute value in element", "",
			"EC2 CreateVpc"},
		{"the other XML protocol too",
			"creating SNS Topic (x): operation error SNS: CreateTopic, https response error StatusCode: 404, RequestID: , error while deserializing xml error response: XML syntax error on line 2: unquoted", "",
			"SNS CreateTopic"},
		{"the reason may stand in the detail", "reading", "operation error FIS: GetX, invalid character '<' looking", "FIS GetX"},
		{"a call without a name is still not emulated", "reading: invalid character '<' looking", "", "a call of the provider"},
		{"an error of AWS is not one", "creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 400, api error VpcLimitExceeded", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Diagnostic{Severity: SeverityError, Summary: c.summary, Detail: c.detail, Address: "aws_x.y"}
			call, ok := d.NotEmulated()
			assert.Equal(t, c.call != "", ok)
			assert.Equal(t, c.call, call)
			err := error(&Error{Op: opApply, Diagnostics: []Diagnostic{d}, Err: errors.New("exit status 1")})
			assert.Equal(t, ok, errors.Is(err, ErrNotEmulated))
			if ok {
				assert.EqualError(t, err, "terraform apply: aws_x.y: not emulated by this target: "+c.call)
			}
		})
	}
}

func TestAnErrorIsOneClearLine(t *testing.T) {
	exit := errors.New("exit status 1")
	failed := Diagnostic{Severity: SeverityError, Summary: "creating EC2 VPC:\n  quota reached", Address: "aws_vpc.a"}
	for _, c := range []struct {
		name string
		err  Error
		want string
	}{
		{"the first error speaks", Error{Op: opApply, Diagnostics: []Diagnostic{failed}, Err: exit}, "terraform apply: aws_vpc.a: creating EC2 VPC: quota reached"},
		{"the others are counted, warnings and echoes are not",
			Error{Op: opDestroy, Diagnostics: []Diagnostic{{Severity: SeverityWarning, Summary: "old"}, failed, failed, {Severity: SeverityError, Summary: halted}}, Err: exit},
			"terraform destroy: aws_vpc.a: creating EC2 VPC: quota reached (and 1 more)"},
		{"without a diagnostic standard error speaks", Error{Op: opInit, Output: "panic: boom", Err: exit}, "terraform init: exit status 1: panic: boom"},
		{"with nothing said the exit speaks", Error{Op: opInit, Err: exit}, "terraform init: exit status 1"},
		{"an interrupt hides what it caused", Error{Op: opApply, Diagnostics: []Diagnostic{failed}, Err: fmt.Errorf("%w: %w", ErrInterrupted, context.Canceled)},
			"terraform apply: interrupted; the state is safe"},
		{"what it cut off is named", Error{Op: opApply, InFlight: []string{"aws_vpc.a", "aws_vpc.b"}, Err: ErrInterrupted},
			"terraform apply: interrupted; the state is safe; may exist without being in the state: aws_vpc.a, aws_vpc.b"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.EqualError(t, &c.err, c.want) })
	}
}

func TestOnlyCallsToTheTargetTellThatItIsUnreachable(t *testing.T) {
	dead := []Diagnostic{{Severity: SeverityError, Summary: "dial tcp 127.0.0.1:1: connect: connection refused"}}
	assert.ErrorIs(t, &Error{Op: opApply, Diagnostics: dead, Err: errors.New("exit status 1")}, ErrUnreachable)
	assert.ErrorIs(t, &Error{Op: opDestroy, Diagnostics: dead, Err: errors.New("exit status 1")}, ErrUnreachable)
	assert.NotErrorIs(t, &Error{Op: opInit, Diagnostics: dead, Err: errors.New("exit status 1")}, ErrUnreachable, "init talks to a registry")
}
